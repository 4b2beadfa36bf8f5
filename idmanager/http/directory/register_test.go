package directory

import (
	nethttp "net/http"
	"testing"

	"sundog.dev/sundog/idmanager/http/v1"
)

func TestANameBelongsToTheFirstKey(t *testing.T) {
	w := newWorld(t)
	ann, mallory := newPerson(t, "Ann"), newPerson(t, "ANN")
	if answer := w.post("/v1/register", ann.sign(t, idAnn, w.now())); answer.Code != nethttp.StatusCreated {
		t.Fatalf("the first registration: %d %s", answer.Code, answer.Body)
	}
	w.here(ann, idAnn)
	w.refused("another key", w.post("/v1/register", mallory.sign(t, idBob, w.now())), nethttp.StatusConflict, v1.CodeNameTaken)
	w.refused("another key withdraws it", w.post("/v1/unregister", mallory.sign(t, "", w.now())), nethttp.StatusConflict, v1.CodeNameTaken)
	w.here(ann, idAnn)
	w.register(ann, idBob)
	w.here(ann, idBob)
}
