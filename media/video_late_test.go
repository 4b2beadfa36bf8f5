package media

import (
	"image"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/media/h264"
)

// slowDecoder takes its time.
type slowDecoder struct {
	h264.Decoder
	takes time.Duration
}

func (d slowDecoder) Decode(unit []byte) (*image.YCbCr, error) {
	time.Sleep(d.takes)
	return d.Decoder.Decode(unit)
}

func TestASlowProcessorShowsFewerPicturesAndNoneLate(t *testing.T) {
	for _, c := range []struct {
		name     string
		takes    time.Duration // to decode one; they come each 33 ms
		least    int           // of 180 that are shown
		late     time.Duration // the most that one is late
		complete bool
	}{
		{"fast enough", 30 * time.Millisecond, 180, 40 * time.Millisecond, true},
		{"a little too slow", 38 * time.Millisecond, 140, 160 * time.Millisecond, false},
		{"for half of them", 60 * time.Millisecond, 90, 250 * time.Millisecond, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rig := newLayeredRig(t)
				sink := &collectingSink{}
				asked := 0
				r, err := NewVideoReceiver(VideoReceiverConfig{Sinks: []VideoSink{sink}, RequestKeyFrame: func() { asked++ }, newDecoder: func() (h264.Decoder, error) {
					d, err := h264.NewDecoder()
					return slowDecoder{d, c.takes}, err
				}})
				if err != nil {
					t.Fatal(err)
				}
				for n, u := range rig.units(t, 180) {
					time.Sleep(time.Until(rig.start.Add(time.Duration(n) * time.Second / 30)))
					r.Push(clone(u))
				}
				time.Sleep(time.Second)
				if err := r.Close(); err != nil {
					t.Error(err)
				}
				var late []time.Duration
				for i, at := range sink.at {
					late = append(late, at.Sub(sink.due[i]))
				}
				if most := slices.Max(late); most > c.late {
					t.Errorf("a picture was shown %v late", most)
				}
				if len(late) < c.least || c.complete != (len(late) == 180) {
					t.Errorf("%d pictures of 180 were shown", len(late))
				}
				if asked > 0 {
					t.Errorf("%d key frames were asked for", asked)
				}
			})
		})
	}
}
