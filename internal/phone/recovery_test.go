package phone

import (
	"context"
	"strings"
	"testing"
)

// awaitService waits for a status of the service.
func awaitService(t *testing.T, p *Phone, what string, ok func(ServiceStatus) bool) ServiceStatus {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	st := p.Service()
	for !ok(st) {
		var err error
		if st, err = p.NextService(ctx, st); err != nil {
			t.Fatalf("%s: the service is %+v, %v", what, st, err)
		}
	}
	return st
}

func reachable(st ServiceStatus) bool { return st.State == ServiceReachable }
func failed(st ServiceStatus) bool    { return st.State == ServiceFailed }

// streaming waits until a phone's stream of presence is open, so that it can break.
func streaming(t *testing.T, w *world, p *Phone) {
	t.Helper()
	other := "whom " + p.ownName() + " watches"
	w.phone(t, other, Sources{}, AcceptNone)
	if _, err := p.AddContact(other); err != nil {
		t.Fatal(err)
	}
	eventually(t, "presence is told", func() bool { return person(p, other).Online })
}

func TestACallOutlivesTheService(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.phone(t, "ada", Sources{}, AcceptAnyone), w.phone(t, "bob", Sources{}, AcceptAnyone)
	for _, p := range []*Phone{ada, bob} {
		streaming(t, w, p)
	}
	out, in := connect(t, ada, bob, "bob")
	w.Kill(t)
	for _, p := range []*Phone{ada, bob} {
		awaitService(t, p, "the loss is noticed, though nobody says goodbye", failed)
	}
	w.Restart(t)
	for _, p := range []*Phone{ada, bob} {
		awaitService(t, p, "it is back", reachable)
	}
	if out.Status().State != InCall || in.Status().State != InCall {
		t.Errorf("the call is %s and %s", out.Status().State, in.Status().State)
	}
	if err := out.SendChat("still there?"); err != nil {
		t.Error(err)
	}
	waitChat(t, in, ChatLine{From: "ada", Text: "still there?"})
	out.HangUp()
	until(t, out, Ended)
	until(t, in, Ended)
	if err := w.lookUp(t, "bob"); err != nil {
		t.Error("the name is lost:", err)
	}
	out, in = connect(t, bob, ada, "ada")
	out.HangUp()
	until(t, out, Ended)
	until(t, in, Ended)
}

func TestAServiceThatIsDoubtedAndAnswersStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.phone(t, "ada", Sources{}, AcceptNone)
	before := p.setup.service.line.nc.Service()
	w.DirectoryServer.CloseClientConnections() // the stream alone breaks
	if !p.setup.service.answers(t.Context()) {
		t.Fatal("the service does not answer")
	}
	awaitService(t, p, "it is as it was", reachable)
	if now := p.setup.service.line.nc.Service(); now != before {
		t.Error("the session is another one")
	}
}

func TestItIsToldWhatIsLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.phone(t, "ada", Sources{}, AcceptNone)
	streaming(t, w, p)
	if err := w.Rendezvous.Close(); err != nil {
		t.Fatal(err)
	}
	st := awaitService(t, p, "the service is lost", func(st ServiceStatus) bool { return strings.Contains(st.Sentence, "directory is there") })
	if !strings.Contains(st.Sentence, "service at 127.0.0.1") {
		t.Errorf("told is %q", st.Sentence)
	}
	w.DirectoryServer.Listener.Close() //nolint:errcheck // it goes away
	w.DirectoryServer.CloseClientConnections()
	st = awaitService(t, p, "both are lost", func(st ServiceStatus) bool { return strings.HasPrefix(st.Sentence, "Neither") })
	if st.State != ServiceFailed {
		t.Errorf("the service is %+v", st)
	}
	w.Restart(t)
	st = awaitService(t, p, "the directory is lost", func(st ServiceStatus) bool { return strings.HasPrefix(st.Sentence, "The service answers") })
	if st.State != ServiceFailed {
		t.Errorf("the service is %+v", st)
	}
}

func TestAnotherInstanceServesWhenOneIsGone(t *testing.T) {
	t.Parallel()
	one, other := newWorld(t), newWorld(t)
	p := one.started(t, Config{Name: "ada"})
	p.setup.service.setInstances([]string{one.Server, other.Server, "http://no.service", "rtmfp://"})
	streaming(t, one, p)
	one.Kill(t)
	awaitService(t, p, "the loss is noticed", failed)
	awaitService(t, p, "the other instance serves", reachable)
	if !p.setup.service.serves(other.Server) || !p.setup.service.serves(one.Server) {
		t.Error("the instances are not one service")
	}
	if other.Rendezvous.Stats().Clients == 0 {
		t.Error("nobody is connected to the other instance")
	}
	eventually(t, "the directory says where we are now", func() bool {
		rec, err := one.record(t, "ada")
		return err == nil && sameService(rec.Rendezvous, other.Server)
	})
}
