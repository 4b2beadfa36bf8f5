package mesh

import (
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/rtmfp/flash"
)

// Each member gets every frame once, in order, in datagrams of as many frames as are wanted, whatever is wanted in between. If it is to
// go twice it comes again with the frames behind it.
func TestFramesOfSoundGoTogether(t *testing.T) {
	frame := func(n int) Frame {
		return Frame{Kind: AudioFrame, Due: time.Unix(1000, 0).Add(time.Duration(n) * soundFrame), Data: []byte{0x78, byte(n)}}
	}
	show := func(ms []flash.Message) (all []int) {
		for _, m := range ms {
			all = append(all, int(m.Payload[len(m.Payload)-1]))
		}
		return all
	}
	for _, c := range []struct {
		frames int
		twice  bool
		sent   []int // of frames 0, 1, 2 …: those after which a datagram goes
		last   []int // what is in the last one
	}{
		{1, false, []int{0, 1, 2, 3}, []int{3}},
		{1, true, []int{0, 1, 2, 3}, []int{3, 2}},
		{2, false, []int{1, 3}, []int{2, 3}},
		{2, true, []int{1, 3}, []int{2, 3, 0, 1}},
		{3, true, []int{2, 5}, []int{3, 4, 5, 0, 1, 2}},
		{3, true, []int{2, 3, 5}, []int{4, 5, 3}},
		{3, true, []int{6}, []int{4, 5, 6}}, // what nobody could be sent for a while is not sent later
	} {
		var s soundPacking
		var to soundSent
		s.want(c.frames, time.Now())
		var got []int
		for n := range c.sent[len(c.sent)-1] + 1 {
			s.add(uint32(n), frame(n), time.Now())
			if slices.Contains(c.sent, n) {
				got = show(s.datagram(&to, c.twice))
			}
		}
		if !slices.Equal(got, c.last) {
			t.Errorf("%+v: %v", c, got)
		}
	}

	var s soundPacking
	var to soundSent
	s.add(0, frame(0), time.Now())
	s.datagram(&to, true)
	s.add(9, frame(9), time.Now())
	if got := show(s.datagram(&to, true)); !slices.Equal(got, []int{9}) {
		t.Errorf("behind a pause %v are sent", got)
	}
	if !s.add(10, Frame{Kind: AudioFrame, Data: []byte{0x78}}, time.Now()) || s.add(11, frame(11), time.Now()) {
		t.Error("what follows silence is waited for")
	}
}

// An old client that knows nothing of it hears every frame once while sound begins to go together and ends it; what was said last
// before the microphone was muted is not kept back.
func TestAnOldClientHearsSoundThatGoesTogether(t *testing.T) {
	inWorld(t, func(w *world) {
		w.serve()
		media := newLayeredMedia(t, 0, false)
		ada := w.newPhone("ada", func(c *Config) { c.Media = media })
		register(ada.host)
		old := w.newOldClient()
		f := ada.dialBy("old", ada.introduced(old.host))
		old.told(sigInvite, time.Second)
		old.takePeer(2 * time.Second)
		stream := old.plays(callerStream)
		_ = stream.ReceiveVideo(false)
		old.blasts(calleeStream)
		old.relay(ada.host, sigAccept)
		f.state(InCall, 3*time.Second)
		time.Sleep(time.Second)
		for _, c := range []struct{ limit, frames int }{{40e3, 3}, {0, 1}, {40e3, 3}, {0, 1}, {40e3, 3}} {
			f.SetUplinkCap(c.limit, false)
			for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
				f.Call.out.mu.Lock()
				got := f.Call.out.sound.frames
				f.Call.out.mu.Unlock()
				if got == c.frames {
					break
				}
				if time.Since(began) > 30*time.Second {
					t.Fatalf("with %d bit/s %d frames go in a datagram", c.limit, got)
				}
			}
			time.Sleep(time.Second)
		}
		media.setSilent(true)
		time.Sleep(200 * time.Millisecond)
		media.mu.Lock()
		sent := len(media.sent)
		media.mu.Unlock()
		if got := old.mediaSoFar(); got < sent-3 || got > sent { // the first few were before it listened
			t.Errorf("of %d frames it got %d", sent, got)
		}
	})
}

// No frame waits for ever for others.
func TestTheLastFrameBeforeAPauseIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &mediaOut{call: &Call{agent: &Agent{log: slog.New(slog.DiscardHandler)}}}
		l := &legOut{}
		out.add(l)
		out.packSound(60 * time.Millisecond)
		time.Sleep(packingAfter)
		for n := range 8 {
			out.SendFrame(Frame{Kind: AudioFrame, Due: time.Now(), Data: []byte{0x78, byte(n)}})
			time.Sleep(soundFrame)
		}
		sent := func() uint64 {
			out.mu.Lock()
			defer out.mu.Unlock()
			return l.sound.next
		}
		if n := sent(); n != 6 {
			t.Errorf("%d frames were sent at once", n)
		}
		time.Sleep(soundPatience)
		if n := sent(); n != 8 {
			t.Errorf("%d frames were sent in the end", n)
		}
		out.close()
	})
}
