package mesh

import (
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp/flash"
)

// Several gates keep sound and picture from those who have not proved themselves. These are the last ones: they hold when the
// others are open.
func TestAnotherSessionWithTheSamePeerIsNotCleared(t *testing.T) {
	inWorld(t, func(w *world) {
		bob, eve := w.newPhone("bob"), w.newPuppet()
		f := eve.established(bob)
		eve.blasts(callerStream)
		time.Sleep(time.Second)
		at := bob.agent.attached[bob.nc]
		before := bob.agent.linkWith(at, eve.id)
		g := f.first
		if !g.in.admitted.Load() || !g.clearedFor(before) || !g.mayPlay(eve.id)(before.peer) {
			t.Fatal("nothing may flow at all")
		}

		sound := flash.Message{Type: flash.MessageAudio, Payload: flash.AppendAudioOpus(nil, fakeOpus)}
		heard := func(l *link) int {
			had := bob.media.session().received(AudioFrame)
			r := frameReader{leg: g, link: l, limit: newLimiter(farFramesPerSecond, farFramesBurst)}
			r.take(sound)
			return bob.media.session().received(AudioFrame) - had
		}
		if heard(before) != 1 {
			t.Fatal("the session that is cleared is not heard")
		}
		if g.clearedFor(new(link)) || heard(new(link)) != 0 {
			t.Error("another session is heard")
		}

		_ = eve.peer.Close()
		f.state(Reconnecting, 3*time.Second)
		eve.key = nil
		eve.open(bob.host)
		time.Sleep(time.Second)
		after := bob.agent.linkWith(at, eve.id)
		if after == nil || after.peer == before.peer {
			t.Fatal("there is no other session")
		}
		if g.mayPlay(eve.id)(after.peer) {
			t.Error("who proves nothing may play")
		}
		g.cleared.Store(before)
		if g.mayPlay(eve.id)(after.peer) {
			t.Error("what one session has proved lets another play")
		}
		g.cleared.Store(nil)
	})
}
