package app

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2/test"

	"sundog.dev/sundog/mesh"
)

// slowScreen is a UI thread that runs what is posted only when it is told to.
type slowScreen struct {
	mu      sync.Mutex
	waiting []func()
	updates []frameUpdate
}

func (s *slowScreen) post(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = append(s.waiting, f)
}

// work runs what waits, and tells how much that was.
func (s *slowScreen) work() int {
	s.mu.Lock()
	waiting := s.waiting
	s.waiting = nil
	s.mu.Unlock()
	for _, f := range waiting {
		f()
	}
	return len(waiting)
}

func startLoop(t *testing.T, call *fakeCall) (*slowScreen, context.CancelFunc, chan struct{}) {
	t.Helper()
	s := &slowScreen{}
	l := &callLoop{
		call: call, local: newTile(), self: newTile(), now: time.Now, post: s.post,
		show: func(f frameUpdate) { s.updates = append(s.updates, f) },
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.run(ctx)
	}()
	return s, cancel, done
}

func TestAStillCallIsNotPaintedAgain(t *testing.T) {
	test.NewTempApp(t)
	synctest.Test(t, func(t *testing.T) {
		call := newFakeCall("Ben", mesh.InCall)
		call.remote = 1
		s, cancel, done := startLoop(t, call)
		synctest.Wait()
		if got := s.work(); got != 1 {
			t.Fatalf("%d updates at first, want 1", got)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if got := s.work(); got != 0 {
			t.Errorf("%d updates although nothing changed", got)
		}
		cancel()
		<-done
	})
}

func TestPicturesCostOneUpdateATick(t *testing.T) {
	test.NewTempApp(t)
	synctest.Test(t, func(t *testing.T) {
		call := newFakeCall("Ben", mesh.InCall)
		s, cancel, done := startLoop(t, call)
		synctest.Wait()
		s.work()
		updates := 0
		for range 30 {
			call.mu.Lock()
			call.remote++
			call.local++
			call.mu.Unlock()
			time.Sleep(tickEvery)
			synctest.Wait()
			updates += s.work()
		}
		if updates != 30 {
			t.Errorf("%d updates for 30 pictures of two tiles, want 30", updates)
		}
		cancel()
		<-done
	})
}

func TestASlowScreenIsNeverAheadOfMoreThanOneUpdate(t *testing.T) {
	test.NewTempApp(t)
	synctest.Test(t, func(t *testing.T) {
		call := newFakeCall("Ben", mesh.InCall)
		s, cancel, done := startLoop(t, call)
		for range 100 {
			call.set(func(c *fakeCall) { c.remote++ })
			time.Sleep(tickEvery)
			synctest.Wait()
		}
		if got := s.work(); got != 1 {
			t.Errorf("%d updates wait for a screen that does not keep up, want 1", got)
		}
		time.Sleep(tickEvery)
		synctest.Wait()
		if got := s.work(); got != 1 {
			t.Errorf("after it caught up there are %d updates, want the newest", got)
		}
		cancel()
		<-done
	})
}

func TestTheLoopEndsWhenTheEndIsTold(t *testing.T) {
	test.NewTempApp(t)
	synctest.Test(t, func(t *testing.T) {
		call := newFakeCall("Ben", mesh.Calling)
		s, cancel, done := startLoop(t, call)
		defer cancel()
		synctest.Wait()
		call.set(func(c *fakeCall) { c.status.State = mesh.Ended })
		synctest.Wait()
		s.work() // an update was waiting: the end comes with the next look
		<-done
		s.work()
		if last := s.updates[len(s.updates)-1]; last.view.state != mesh.Ended {
			t.Errorf("the last that was told is %s", last.view.state)
		}
	})
}

func TestNoPictureIsDrawnBeforeTheCallStands(t *testing.T) {
	test.NewTempApp(t)
	synctest.Test(t, func(t *testing.T) {
		call := newFakeCall("Ben", mesh.Ringing)
		call.remote, call.local = 5, 5
		s, cancel, done := startLoop(t, call)
		time.Sleep(time.Second)
		synctest.Wait()
		s.work()
		for _, u := range s.updates {
			if u.members[0].picture || u.hasLocal {
				t.Error("a picture is shown while it still rings")
			}
		}
		cancel()
		<-done
	})
}
