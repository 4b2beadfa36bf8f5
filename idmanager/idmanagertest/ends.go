package idmanagertest

import (
	"context"
	"errors"
	"io"
	"sync"

	"sundog.dev/sundog/idmanager"
)

func testContext(w *world) {
	ann, bob := w.user("Ann"), w.user("Bob")
	ended, cancel := context.WithCancel(w.Context())
	cancel()
	if err := ann.Register(ended, ann.record(idAnn)); !errors.Is(err, context.Canceled) {
		w.Errorf("registering: %v, want context.Canceled", err)
	}
	ann.register(idAnn)
	bob.finds(ann, idAnn)
	if err := ann.Refresh(ended); !errors.Is(err, context.Canceled) {
		w.Errorf("refreshing: %v, want context.Canceled", err)
	}
	if _, err := bob.LookUp(ended, ann.name); !errors.Is(err, context.Canceled) {
		w.Errorf("looking up: %v, want context.Canceled", err)
	}
	if _, err := bob.LookUp(ended, w.d.Name("Nobody")); !errors.Is(err, context.Canceled) {
		w.Errorf("looking up an unknown name: %v, want context.Canceled", err)
	}
	if events, err := bob.Watch(ended, []string{ann.name}); err == nil {
		w.closes(events)
	} else if !errors.Is(err, context.Canceled) {
		w.Errorf("watching: %v, want context.Canceled or a watch that has ended", err)
	}
	bob.finds(ann, idAnn) // nothing of that has done harm
}

// concurrentRounds keeps the suite short with the race detector on.
const concurrentRounds = 5

func testConcurrent(w *world) {
	ann, bob := w.user("Ann"), w.user("Bob")
	ann.register(idAnn)
	bob.finds(ann, idAnn)
	var all sync.WaitGroup
	ctx := w.context()
	var names []string
	for _, name := range Users {
		names = append(names, w.d.Name(name))
	}
	for i := range 4 {
		all.Go(func() {
			for range concurrentRounds {
				switch i {
				case 0:
					if err := bob.Register(ctx, bob.record(idBob)); err != nil {
						w.Errorf("registering: %v", err)
					}
				case 1:
					_ = bob.Refresh(ctx) // it may be registered by now, or not
				case 2:
					if _, err := bob.LookUp(ctx, ann.name); err != nil {
						w.Errorf("looking up: %v", err)
					}
				default:
					watch, cancel := context.WithCancel(ctx)
					events, err := bob.Watch(watch, names)
					if err != nil {
						w.Errorf("watching: %v", err)
						cancel()
						continue
					}
					if err := w.await(events, ann, idAnn); err != nil {
						w.Error(err)
					}
					cancel()
				}
			}
		})
	}
	all.Wait()
	bob.finds(ann, idAnn)
	ann.finds(bob, idBob)
}

func testClose(w *world) {
	ann, bob := w.user("Ann"), w.user("Bob")
	c, ok := bob.IdManager.(io.Closer)
	if !ok {
		return // it holds nothing that would have to be closed
	}
	ann.register(idAnn)
	bob.register(idBob)
	events, _ := bob.watch(ann.name)
	w.sees(events, ann, idAnn)
	if err := c.Close(); err != nil {
		w.Errorf("closing: %v", err)
	}
	w.closes(events)
	if err := bob.Register(w.context(), bob.record(idBob)); err == nil {
		w.Error("registering after Close: no error")
	}
	if err := bob.Refresh(w.context()); err == nil {
		w.Error("refreshing after Close: no error")
	}
	if r, err := bob.LookUp(w.context(), ann.name); err == nil {
		w.Errorf("looking up after Close gives %v", r.PeerID)
	} else if errors.Is(err, idmanager.ErrUnknownName) || errors.Is(err, idmanager.ErrOffline) {
		w.Errorf("looking up after Close says %v, which is not so", err)
	}
	if events, err := bob.Watch(w.Context(), []string{ann.name}); err == nil {
		w.closes(events)
	}
	_ = bob.Unregister(w.context())
	if err := c.Close(); err != nil {
		w.Errorf("closing twice: %v", err)
	}
}

func testCloseLeavesOthers(w *world) {
	ann, bob, carol := w.user("Ann"), w.user("Bob"), w.user("Carol")
	c, ok := bob.IdManager.(io.Closer)
	if !ok {
		return
	}
	ann.register(idAnn)
	bob.register(idBob)
	carol.finds(ann, idAnn)
	if err := c.Close(); err != nil {
		w.Errorf("closing: %v", err)
	}
	carol.finds(ann, idAnn)
}
