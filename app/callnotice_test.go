package app

import (
	"fmt"
	"testing"

	"sundog.dev/sundog/mesh"
)

func TestOfMuchThatHappensAtOnceTheNewestIsSaid(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.InCall)
	var news []string
	for i := range 30 {
		news = append(news, fmt.Sprintf("Person %d has joined the call.", i))
	}
	call.set(func(c *fakeCall) { c.news = news[:1] })
	d.until("one is told", func() bool { return w.notice.text == news[0] })
	call.set(func(c *fakeCall) { c.news = news })
	want := news[26] + " " + news[27] + " " + news[28] + " " + news[29]
	d.until("the last are told", func() bool { return len(w.news) == len(news) })
	if w.notice.text != want {
		t.Errorf("it says %q", w.notice.text)
	}
}
