package media

import (
	"bytes"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/media/h264"
)

// collectingSink notes the pictures' numbers, which are in the grey of their middle.
type collectingSink struct {
	mu     sync.Mutex
	got    []int
	due    []time.Time
	at     []time.Time
	closed int
}

func (c *collectingSink) Put(f VideoFrame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := f.Image.Rect
	c.got = append(c.got, int(f.Image.Y[f.Image.YOffset(r.Dx()/2, r.Dy()/2)]))
	c.due, c.at = append(c.due, f.Due), append(c.at, time.Now())
}

func (c *collectingSink) Close() error { c.closed++; return nil }

func (c *collectingSink) numbers() []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.got)
}

// greyStep is between the greys of two pictures, so that coding cannot confuse them.
const greyStep = 6

// receiverRig is a receiver, a stream for it and what comes of it.
type receiverRig struct {
	*VideoReceiver
	sink     *collectingSink
	asked    []time.Duration // when key frames were asked for
	start    time.Time
	enc      h264.Encoder
	wasAsked func()
}

func newReceiverRig(t *testing.T) *receiverRig {
	t.Helper()
	rig := &receiverRig{sink: &collectingSink{}, start: time.Now()}
	r, err := NewVideoReceiver(VideoReceiverConfig{Sinks: []VideoSink{rig.sink}, RequestKeyFrame: func() {
		rig.asked = append(rig.asked, time.Since(rig.start))
		if rig.wasAsked != nil {
			rig.wasAsked()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	enc, err := h264.NewEncoder(h264.EncoderConfig{Width: 64, Height: 48, Bitrate: 200_000, FrameRate: 30})
	if err != nil {
		t.Fatal(err)
	}
	rig.VideoReceiver, rig.enc = r, enc
	t.Cleanup(func() {
		if err := errors.Join(rig.Close(), rig.Close(), enc.Close()); err != nil {
			t.Error(err)
		}
		if rig.sink.closed != 1 {
			t.Errorf("the sink was closed %d times", rig.sink.closed)
		}
	})
	return rig
}

// unit encodes picture n, due at n/30 s.
func (rig *receiverRig) unit(t *testing.T, n int, key bool) Encoded {
	t.Helper()
	at := time.Duration(n) * time.Second / 30
	u, err := rig.enc.Encode(grey(64, 48, uint8(20+n*greyStep)), key, at)
	if err != nil {
		t.Fatal(err)
	}
	return Encoded{Kind: Video, Key: u.Key, Due: rig.start.Add(at), Data: bytes.Clone(u.Data)}
}

func (rig *receiverRig) units(t *testing.T, count int, keys ...int) []Encoded {
	t.Helper()
	out := make([]Encoded, count)
	for n := range out {
		out[n] = rig.unit(t, n, slices.Contains(keys, n))
	}
	return out
}

// shown are the numbers of the pictures that came out.
func (rig *receiverRig) shown() []int {
	out := rig.sink.numbers()
	for i, g := range out {
		out[i] = (g - 20 + greyStep/2) / greyStep
	}
	return out
}

func clone(e Encoded) Encoded {
	e.Data = bytes.Clone(e.Data)
	return e
}

func TestUnitsAreShownInOrderOrNotAtAll(t *testing.T) {
	type arrival struct {
		unit int
		wait time.Duration // before it comes
	}
	const ms = time.Millisecond
	steady := func(units ...int) (out []arrival) {
		for _, u := range units {
			out = append(out, arrival{u, 33 * ms})
		}
		return out
	}
	for name, c := range map[string]struct {
		keys     []int
		arrivals []arrival
		want     []int
		asks     bool
	}{
		"nothing lost":                           {nil, steady(0, 1, 2, 3, 4), []int{0, 1, 2, 3, 4}, false},
		"all at once":                            {nil, []arrival{{0, 0}, {1, 0}, {2, 0}, {3, 0}}, []int{0, 1, 2, 3}, false},
		"two swapped, close together":            {nil, []arrival{{0, 33 * ms}, {2, 33 * ms}, {1, 5 * ms}, {3, 33 * ms}}, []int{0, 1, 2, 3}, false},
		"two swapped, far apart":                 {nil, []arrival{{0, 33 * ms}, {2, 33 * ms}, {1, 30 * ms}, {3, 33 * ms}}, []int{0}, true},
		"one lost":                               {nil, steady(0, 1, 3, 4, 5), []int{0, 1}, true},
		"one lost, then a key frame":             {[]int{5}, steady(0, 1, 3, 4, 5, 6), []int{0, 1, 5, 6}, true},
		"the one before a key frame lost":        {[]int{2}, steady(0, 2, 3), []int{0, 2, 3}, false},
		"all come twice":                         {[]int{2}, steady(0, 0, 1, 1, 2, 2, 3, 3), []int{0, 1, 2, 3}, false},
		"an old key frame comes late":            {[]int{2}, steady(0, 1, 2, 3, 0, 4), []int{0, 1, 2, 3, 4}, false},
		"no key frame at first":                  {[]int{3}, steady(1, 2, 3, 4), []int{3, 4}, true},
		"the key frame itself is lost":           {[]int{2}, steady(0, 1, 3, 4), []int{0, 1}, true},
		"a whole second lost, key frame follows": {[]int{29}, steady(0, 1, 29), []int{0, 1, 29}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rig := newReceiverRig(t)
				units := rig.units(t, 30, c.keys...)
				for _, a := range c.arrivals {
					time.Sleep(a.wait)
					rig.Push(clone(units[a.unit]))
				}
				time.Sleep(100 * time.Millisecond)
				synctest.Wait()
				if got := rig.shown(); !slices.Equal(got, c.want) {
					t.Errorf("shown %v, wanted %v", got, c.want)
				}
				if got := len(rig.asked) > 0; got != c.asks {
					t.Errorf("asked for a key frame: %v, wanted %v", got, c.asks)
				}
				if s := rig.Stats(); s.Dropped != len(c.arrivals)-len(c.want) || s.Width != 64 || s.Height != 48 {
					t.Errorf("stats %+v of %d units, %d shown", s, len(c.arrivals), len(c.want))
				}
			})
		})
	}
}

func TestAKeyFrameIsAskedForUntilItComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rig := newReceiverRig(t)
		units := rig.units(t, 60)
		for n, u := range units { // 2 s, number 3 is lost
			if n != 3 {
				rig.Push(u)
			}
			time.Sleep(time.Second / 30)
		}
		time.Sleep(time.Minute) // then nothing comes at all
		synctest.Wait()
		if len(rig.asked) < 4 || len(rig.asked) > 4+keyFrameRetries {
			t.Fatalf("asked %d times, at %v", len(rig.asked), rig.asked)
		}
		if first := rig.asked[0]; first > 160*time.Millisecond {
			t.Errorf("first asked at %v", first)
		}
		for i := 1; i < len(rig.asked); i++ {
			if d := rig.asked[i] - rig.asked[i-1]; d < keyFrameRetry || d > keyFrameRetry+40*time.Millisecond {
				t.Errorf("asked again after %v", d)
			}
		}
	})
}

func TestLossHealsByAKeyFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rig := newReceiverRig(t)
		wanted := false
		rig.wasAsked = func() { wanted = true }
		for n := range 36 {
			key := wanted
			wanted = false
			if u := rig.unit(t, n, key); n != 10 {
				rig.Push(u)
			}
			time.Sleep(time.Second / 30)
			synctest.Wait()
		}
		got := rig.shown()
		// 0–9, then 11 is a gap and asks, 12 is the key frame.
		want := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
		for n := 12; n < 36; n++ {
			want = append(want, n)
		}
		if !slices.Equal(got, want) {
			t.Errorf("shown %v", got)
		}
	})
}

func TestAFloodDoesNotGrowTheQueue(t *testing.T) {
	q := newVideoQueue()
	now := time.Now()
	dropped := 0
	push := func(n int, key bool, size int) {
		dropped += q.push(Encoded{Kind: Video, Key: key, Due: now.Add(time.Duration(n) * time.Millisecond), Data: make([]byte, size)}, now)
	}
	for n := range 1000 {
		push(n, n%20 == 0, 100)
		if len(q.units) > receiveQueueUnits {
			t.Fatalf("%d units wait", len(q.units))
		}
	}
	if len(q.units)+dropped != 1000 {
		t.Errorf("%d wait, %d dropped, of 1000", len(q.units), dropped)
	}
	if !q.units[0].Key {
		t.Error("the queue does not begin with a key frame")
	}
	for n := range 100 {
		push(1000+n, false, 1<<20)
		if q.bytes > receiveQueueBytes {
			t.Fatalf("%d bytes wait", q.bytes)
		}
	}
	dropped = 0
	for _, e := range []Encoded{{Kind: Audio, Data: []byte{1}}, {Kind: Video}, {Kind: Video, Data: make([]byte, receiveQueueBytes+1)}} {
		dropped += q.push(e, now)
	}
	if dropped != 3 {
		t.Errorf("%d of 3 impossible units were dropped", dropped)
	}
}

func TestGarbageIsDroppedAndAKeyFrameAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rig := newReceiverRig(t)
		rig.Push(rig.unit(t, 0, false))
		synctest.Wait()
		rig.Push(Encoded{Kind: Video, Due: rig.start.Add(time.Second / 30), Data: []byte("not H.264")})
		rig.Push(Encoded{Kind: Video, Key: true, Due: rig.start.Add(time.Second / 20), Data: []byte{0, 0, 0, 1, 0x65, 0xFF, 0xFF}})
		time.Sleep(time.Second)
		rig.Push(rig.unit(t, 3, true))
		synctest.Wait()
		if got := rig.shown(); !slices.Equal(got, []int{0, 3}) {
			t.Errorf("shown %v", got)
		}
		if len(rig.asked) == 0 {
			t.Error("no key frame was asked for")
		}
	})
}

func TestASenderWhoseClockIsSetBackIsSeenAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rig := newReceiverRig(t)
		for n := range 4 {
			u := rig.unit(t, n, n == 2)
			if n >= 2 {
				u.Due = u.Due.Add(-time.Hour)
			}
			rig.Push(u)
			synctest.Wait()
		}
		if got := rig.shown(); !slices.Equal(got, []int{0, 1, 2, 3}) {
			t.Errorf("shown %v", got)
		}
	})
}

func TestFromSourceToSinkOverADelay(t *testing.T) {
	const delay = 40 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		sink := &collectingSink{}
		r, err := NewVideoReceiver(VideoReceiverConfig{Sinks: []VideoSink{sink}})
		if err != nil {
			t.Fatal(err)
		}
		src, err := OpenVideo(t.Context(), "test:320x180@30")
		if err != nil {
			t.Fatal(err)
		}
		s, err := NewVideoSender(VideoSenderConfig{Source: src, Send: func(e Encoded) {
			e = clone(e)
			time.AfterFunc(delay, func() { r.Push(e) })
		}})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second + delay)
		r.Stats()
		time.Sleep(2 * time.Second)
		got := r.Stats()
		if got.FPS < 29.4 || got.FPS > 30.6 || got.Latency < delay || got.Latency > delay+time.Millisecond || got.Dropped != 0 || got.Width != 320 || got.Height != 180 {
			t.Errorf("stats %+v", got)
		}
		if again := r.Stats(); again.FPS != 0 || again.Latency != 0 {
			t.Errorf("just after a snapshot: %+v", again)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		time.Sleep(delay)
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		r.Push(Encoded{Kind: Video, Data: []byte{1}}) // after Close: nothing happens
		for i := range sink.due {
			if i > 0 && !sink.due[i].After(sink.due[i-1]) {
				t.Errorf("picture %d is not after the one before", i)
			}
		}
	})
}

func FuzzVideoReceiver(f *testing.F) {
	enc, err := h264.NewEncoder(h264.EncoderConfig{Width: 64, Height: 48, Bitrate: 100_000, FrameRate: 30})
	if err != nil {
		f.Fatal(err)
	}
	for n := range 3 {
		u, err := enc.Encode(grey(64, 48, uint8(n)), false, 0)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(bytes.Clone(u.Data), u.Key, int64(n))
	}
	if err := enc.Close(); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte, key bool, due int64) {
		synctest.Test(t, func(t *testing.T) {
			sink := &collectingSink{}
			r, err := NewVideoReceiver(VideoReceiverConfig{Sinks: []VideoSink{sink}})
			if err != nil {
				t.Fatal(err)
			}
			for i := range int64(3) {
				r.Push(Encoded{Kind: Video, Key: key, Due: time.Unix(0, due*i), Data: bytes.Clone(data)})
			}
			time.Sleep(time.Second)
			synctest.Wait()
			if s := r.Stats(); s.Dropped+len(sink.got) != 3 {
				t.Errorf("%d dropped and %d shown of 3", s.Dropped, len(sink.got))
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
	})
}
