package idmanagertest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sundog.dev/sundog/idmanager"
)

// watch starts a watch that ends with the test, or before.
func (u user) watch(names ...string) (<-chan idmanager.Event, context.CancelFunc) {
	u.w.Helper()
	ctx, cancel := context.WithCancel(u.w.Context())
	u.w.Cleanup(cancel)
	events, err := u.Watch(ctx, names)
	if err != nil {
		u.w.Fatalf("watching %q: %v", names, err)
	}
	return events, cancel
}

// sees waits for an event that tells of the other with that peer ID. Events of others, and repeated ones, may come between.
func (w *world) sees(events <-chan idmanager.Event, other user, peerID string) {
	w.Helper()
	if err := w.await(events, other, peerID); err != nil {
		w.Fatal(err)
	}
}

func (w *world) await(events <-chan idmanager.Event, other user, peerID string) error {
	end := time.After(w.d.Within)
	last := "nothing"
	for {
		select {
		case ev, ok := <-events:
			if !ok {
				return fmt.Errorf("the watch has ended; waiting for %s with peer ID %q", other.name, peerID)
			}
			last = ev.Record.Name + " " + ev.Record.PeerID
			if peerID == "" && ev.Record.PeerID == "" && strings.EqualFold(ev.Record.Name, other.name) || peerID != "" && other.matches(ev.Record, peerID) {
				return nil
			}
		case <-end:
			return fmt.Errorf("after %v the watch has not told of %s with peer ID %q; the last event was of %s", w.d.Within, other.name, peerID, last)
		}
	}
}

func testWatchStart(w *world) {
	ann, bob, carol := w.user("Ann"), w.user("Bob"), w.user("Carol")
	ann.register(idAnn)
	carol.finds(ann, idAnn)
	events, _ := carol.watch(ann.name, bob.name)
	w.sees(events, ann, idAnn)
}

func testWatchChanges(w *world) {
	ann, bob, carol := w.user("Ann"), w.user("Bob"), w.user("Carol")
	events, _ := carol.watch(ann.name, bob.name, w.d.Name("Nobody"))
	ann.register(idAnn)
	w.sees(events, ann, idAnn)
	bob.register(idBob)
	w.sees(events, bob, idBob)
	ann.register(idAnn2)
	w.sees(events, ann, idAnn2)
	if err := ann.Unregister(w.context()); err != nil {
		w.Fatal(err)
	}
	w.sees(events, ann, "")
	ann.register(idAnn)
	w.sees(events, ann, idAnn)
}

func testWatchEnds(w *world) {
	ann, carol := w.user("Ann"), w.user("Carol")
	ann.register(idAnn)
	events, cancel := carol.watch(ann.name)
	other, _ := carol.watch(ann.name)
	cancel()
	w.closes(events)
	w.sees(other, ann, idAnn)
	// Nobody reads this one.
	_, cancel = carol.watch(ann.name)
	cancel()
}

// closes waits until a watch's channel is closed.
func (w *world) closes(events <-chan idmanager.Event) {
	w.Helper()
	end := time.After(w.d.Within)
	for {
		select {
		case _, ok := <-events:
			if !ok {
				return
			}
		case <-end:
			w.Fatalf("the watch goes on %v after its end", w.d.Within)
		}
	}
}

func testTwoWatches(w *world) {
	ann, bob, carol := w.user("Ann"), w.user("Bob"), w.user("Carol")
	first, _ := carol.watch(ann.name)
	second, _ := carol.watch(bob.name, ann.name)
	_, _ = carol.watch(ann.name, bob.name) // read by nobody, holds up nobody
	ann.register(idAnn)
	w.sees(first, ann, idAnn)
	w.sees(second, ann, idAnn)
	bob.register(idBob)
	w.sees(second, bob, idBob)
	for range 5 {
		ann.register(idAnn2)
		w.sees(first, ann, idAnn2)
		ann.register(idAnn)
		w.sees(first, ann, idAnn)
	}
}
