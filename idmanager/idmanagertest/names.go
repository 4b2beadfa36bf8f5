package idmanagertest

import (
	"errors"
	"strings"

	"sundog.dev/sundog/idmanager"
)

func testFound(w *world) {
	ann, bob := w.user("Ann"), w.user("Bob")
	ann.register(idAnn)
	bob.register(idBob)
	bob.finds(ann, idAnn)
	ann.finds(bob, idBob)
}

func testCase(w *world) {
	ann, bob := w.user("Ann"), w.user("Bob")
	ann.register(strings.ToUpper(idAnn))
	bob.finds(ann, idAnn)
	shouting := ann
	shouting.name = w.d.Name("ANN")
	bob.finds(shouting, idAnn)
}

func testUnknown(w *world) {
	bob := w.user("Bob")
	bob.misses(w.d.Name("Nobody"), idmanager.ErrUnknownName)
	bob.misses("", idmanager.ErrUnknownName)
	bob.misses(strings.Repeat("x", 3000), idmanager.ErrUnknownName)
}

func testGone(w *world) {
	ann, bob := w.user("Ann"), w.user("Bob")
	ann.register(idAnn)
	bob.finds(ann, idAnn)
	if err := ann.Unregister(w.context()); err != nil {
		w.Fatalf("unregistering: %v", err)
	}
	bob.misses(ann.name, w.gone()...)
	if err := ann.Unregister(w.context()); err != nil {
		w.Errorf("unregistering what is not registered: %v", err)
	}
	ann.register(idAnn2)
	bob.finds(ann, idAnn2)
}

func testAgain(w *world) {
	ann, bob := w.user("Ann"), w.user("Bob")
	ann.register(idAnn)
	bob.finds(ann, idAnn)
	ann.register(idAnn2)
	bob.finds(ann, idAnn2)
}

func testRefresh(w *world) {
	ann, bob := w.user("Ann"), w.user("Bob")
	if err := ann.Refresh(w.context()); err == nil {
		w.Error("refreshing what was never registered: no error")
	}
	ann.register(idAnn)
	for range 3 {
		if err := ann.Refresh(w.context()); err != nil {
			w.Errorf("refreshing: %v", err)
		}
	}
	bob.finds(ann, idAnn)
	if err := ann.Unregister(w.context()); err != nil {
		w.Fatalf("unregistering: %v", err)
	}
	if err := ann.Refresh(w.context()); err == nil {
		w.Error("refreshing what was withdrawn: no error")
	}
	bob.misses(ann.name, w.gone()...)
}

func testRefused(w *world) {
	ann, bob := w.user("Ann"), w.user("Bob")
	for name, change := range map[string]func(*idmanager.Record){
		"no name":           func(r *idmanager.Record) { r.Name = "" },
		"a name too long":   func(r *idmanager.Record) { r.Name = strings.Repeat("x", idmanager.MaxName+1) },
		"no peer ID":        func(r *idmanager.Record) { r.PeerID = "" },
		"half a peer ID":    func(r *idmanager.Record) { r.PeerID = r.PeerID[:32] },
		"a strange peer ID": func(r *idmanager.Record) { r.PeerID = strings.Repeat("x", 64) },
	} {
		r := ann.record(idAnn)
		change(&r)
		if err := ann.Register(w.context(), r); !errors.Is(err, idmanager.ErrRefused) {
			w.Errorf("%s: %v, want ErrRefused", name, err)
		}
	}
	bob.misses(ann.name, idmanager.ErrUnknownName, idmanager.ErrOffline)
}

func testOtherKey(w *world) {
	ann, mallory, bob := w.user("Ann"), w.user("Ann"), w.user("Bob")
	ann.register(idAnn)
	bob.finds(ann, idAnn)
	err := mallory.Register(w.context(), mallory.record(idAnn2))
	switch {
	case w.d.Owned:
		if !errors.Is(err, idmanager.ErrNameTaken) {
			w.Fatalf("registering a name that belongs to another key: %v, want ErrNameTaken", err)
		}
		if err := mallory.Refresh(w.context()); err == nil {
			w.Error("refreshing what was refused: no error")
		}
		bob.finds(ann, idAnn)
		if err := ann.Unregister(w.context()); err != nil {
			w.Fatal(err)
		}
		if err := mallory.Register(w.context(), mallory.record(idAnn2)); !errors.Is(err, idmanager.ErrNameTaken) {
			w.Errorf("registering a name whose owner is away: %v, want ErrNameTaken", err)
		}
	case err != nil:
		w.Fatalf("registering a name that another uses: %v", err)
	case !w.d.Shared:
		bob.finds(mallory, idAnn2)
	default:
		bob.eventuallyAmbiguous(ann, mallory)
	}
}

// eventuallyAmbiguous waits until a look-up gives one of two people who bear one name, or says that there are several.
func (u user) eventuallyAmbiguous(one, other user) {
	u.w.Helper()
	u.w.eventually(func() (string, bool) {
		r, err := u.LookUp(u.w.context(), one.name)
		if err != nil {
			return "looking up a name that two people bear: " + err.Error(), errors.Is(err, idmanager.ErrAmbiguous)
		}
		return "looking up a name that two people bear gives " + r.PeerID, one.matches(r, idAnn) || other.matches(r, idAnn2)
	})
}

func testSecondDevice(w *world) {
	desk, bob := w.user("Ann"), w.user("Bob")
	lap := w.userWith("Ann", desk.key)
	desk.register(idAnn)
	bob.finds(desk, idAnn)
	lap.register(idAnn2)
	bob.finds(lap, idAnn2) // who registered last is called
}

func testWhere(w *world) {
	if where := w.user("Ann").Where(); where == "" {
		w.Error("Where is empty")
	}
}
