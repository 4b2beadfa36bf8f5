package media

import (
	"image"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/media/h264"
)

// turnDecoder counts how many of its kind are at work.
type turnDecoder struct {
	h264.Decoder
	now, most *atomic.Int32
}

func (d turnDecoder) Decode(unit []byte) (*image.YCbCr, error) {
	now := d.now.Add(1)
	defer d.now.Add(-1)
	for most := d.most.Load(); now > most && !d.most.CompareAndSwap(most, now); most = d.most.Load() {
	}
	runtime.Gosched()
	return d.Decoder.Decode(unit)
}

func TestFifteenPeopleAreDecodedInTurns(t *testing.T) {
	var now, most atomic.Int32
	rig := newReceiverRig(t)
	units := rig.units(t, 25)
	var receivers []*VideoReceiver
	var sinks []*collectingSink
	for range 15 {
		sink := &collectingSink{}
		r, err := NewVideoReceiver(VideoReceiverConfig{Sinks: []VideoSink{sink}, newDecoder: func() (h264.Decoder, error) {
			d, err := h264.NewDecoder()
			return turnDecoder{d, &now, &most}, err
		}})
		if err != nil {
			t.Fatal(err)
		}
		receivers, sinks = append(receivers, r), append(sinks, sink)
	}
	for _, u := range units {
		for _, r := range receivers {
			r.Push(clone(u))
		}
	}
	deadline := time.Now().Add(10 * time.Second)
	for i, s := range sinks {
		for len(s.numbers()) < len(units) && time.Now().Before(deadline) {
			time.Sleep(time.Millisecond)
		}
		if got := len(s.numbers()); got != len(units) {
			t.Errorf("person %d: %d pictures of %d", i, got, len(units))
		}
	}
	for _, r := range receivers {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	if limit := int32(cap(decodeTurns)); most.Load() > limit {
		t.Errorf("%d decoders at once, wanted %d at most", most.Load(), limit)
	}
}

func TestPicturesThatNobodyLooksAtAreCountedOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := &Screen{}
		r, err := NewVideoReceiver(VideoReceiverConfig{Sinks: []VideoSink{screen, nullDisplay{}}})
		if err != nil {
			t.Fatal(err)
		}
		rig := newReceiverRig(t)
		n := 0
		play := func(seconds int) VideoStats {
			for range 30 * seconds {
				u := rig.unit(t, n%30, n == 0)
				u.Due = rig.start.Add(time.Duration(n) * time.Second / 30)
				n++
				r.Push(u)
				time.Sleep(time.Second / 30)
				synctest.Wait()
			}
			return r.Stats()
		}
		if s := play(3); s.FPS < 29 || s.Width != 64 || s.Latency > time.Millisecond || s.Dropped != 0 {
			t.Errorf("unseen: %+v", s)
		}
		dst := image.NewRGBA(image.Rect(0, 0, 64, 48))
		first := screen.Draw(dst, 0, false)
		if first != 1 {
			t.Errorf("nobody looked, and picture %d is kept, wanted the first", first)
		}
		play(1)
		if next := screen.Draw(dst, first, false); next != first+30 {
			t.Errorf("who looks is shown picture %d, wanted %d", next, first+30)
		}
		play(5)
		if later := screen.Draw(dst, 0, false); later < first+85 || later > first+95 {
			t.Errorf("2 s after the last look it was picture %d", later)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestFifteenPeopleAreHeardTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		player, err := OpenPlayer(t.Context(), "null")
		if err != nil {
			t.Fatal(err)
		}
		var people []*AudioReceiver
		for range 15 {
			r, err := player.NewReceiver()
			if err != nil {
				t.Fatal(err)
			}
			people = append(people, r)
		}
		packets := speechPackets()
		for n := range 75 {
			for i, r := range people {
				if i%3 != 2 { // each third one says nothing
					r.Push(Encoded{Kind: Audio, Due: time.Now().Add(-time.Duration(i) * time.Millisecond), Data: packets[(n+11*i)%len(packets)]})
				}
			}
			time.Sleep(FrameTime)
		}
		loud := 0
		for i, r := range people {
			s := r.Stats()
			if s.Concealed > 0 || (s.Latency > 0) != (i%3 != 2) {
				t.Errorf("person %d: %+v", i, s)
			}
			if r.Level() > 0.2 {
				loud++
			}
			if i%3 == 2 && r.Level() != 0 {
				t.Errorf("person %d is silent and has level %v", i, r.Level())
			}
		}
		if loud == 0 {
			t.Error("nobody is loud")
		}
		if err := player.Close(); err != nil {
			t.Error(err)
		}
	})
}
