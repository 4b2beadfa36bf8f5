package media

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// datagrams is a network on which so many frames of sound go in each datagram as together says for the n-th frame, 30 ms and more
// from end to end. The sender says what packet says. lost says which datagrams do not come; repeated ones bring what the one before had.
type datagrams struct {
	together func(n int) int
	packet   func(n int) time.Duration
	lost     func() bool
	repeated bool
	more     time.Duration

	n              int
	frames, before []Encoded
}

func (d *datagrams) send(receiver *AudioReceiver, e Encoded) {
	e.Data = slices.Clone(e.Data)
	e.Packet = d.packet(d.n)
	d.frames = append(d.frames, e)
	d.n++
	if len(d.frames) < d.together(d.n-1) && !silenceMark(e.Data) {
		return
	}
	sent := d.frames
	if d.repeated {
		sent = slices.Concat(d.frames, d.before)
	}
	d.before, d.frames = d.frames, nil
	if d.lost != nil && d.lost() {
		return
	}
	time.AfterFunc(30*time.Millisecond+d.more, func() {
		for _, e := range sent {
			receiver.Push(e)
		}
	})
}

func always[T any](v T) func(int) T { return func(int) T { return v } }

// What is concealed of sound that comes three frames at a time, when a tenth of the datagrams is lost: what was in them, and no more.
// If it is repeated nearly all is heard.
func TestSoundThatComesInHeapsOverALossyPath(t *testing.T) {
	const percent = 10
	for _, c := range []struct {
		together    int
		lost        int // percent
		repeated    bool
		silent      bool    // silence is not sent
		concealed   float64 // at most
		correlation float64 // at least
		latency     time.Duration
	}{
		{2, 0, false, false, 0, 0.95, 100 * time.Millisecond},
		{3, 0, false, false, 0, 0.95, 120 * time.Millisecond},
		{2, percent, false, false, 0.14, 0.8, 110 * time.Millisecond},
		{3, percent, false, false, 0.14, 0.75, 130 * time.Millisecond},
		{3, percent, true, false, 0.03, 0.93, 190 * time.Millisecond},
		{3, 0, false, true, 0.001, 0.95, 120 * time.Millisecond},
		{3, percent, true, true, 0.03, 0.9, 190 * time.Millisecond},
	} {
		t.Run(fmt.Sprintf("%d together, %d %% lost, repeated %v, silent %v", c.together, c.lost, c.repeated, c.silent), func(t *testing.T) {
			r := rand.New(rand.NewPCG(5, uint64(c.together)))
			d := datagrams{
				together: always(c.together), packet: always(time.Duration(c.together) * FrameTime), repeated: c.repeated,
				lost: func() bool { return r.IntN(100) < c.lost },
			}
			pcm := slices.Clone(speech())
			if c.silent {
				clear(pcm[2*SampleRate : 4*SampleRate])
			}
			received, stats := callThrough(t, pcm, 6*time.Second, func(s *AudioSender) { s.SetSilent(c.silent) }, d.send)
			concealed, latency := 0.0, time.Duration(0)
			for _, s := range stats[1:] {
				concealed += s.Concealed / float64(len(stats)-1)
				latency = max(latency, s.Latency-30*time.Millisecond)
			}
			got := windowCorrelation(pcm, received, 400*time.Millisecond)
			t.Logf("%.2f %% concealed, correlation %.3f, delay at most %v beyond the path's", concealed*100, got, latency.Round(time.Millisecond))
			if silent := d.n < 5*50; silent != c.silent {
				t.Errorf("%d frames were sent", d.n)
			}
			if concealed > c.concealed || got < c.correlation || latency > c.latency {
				t.Errorf("concealed %.3f, correlation %.3f, delay %v", concealed, got, latency)
			}
		})
	}
}

// When a sender begins to send 60 ms at a time, and says so half a second before, and when he ends it, nothing is missing and nothing
// clicks. A receiver that is not told makes up a few frames.
func TestSwitchesOfHowMuchSoundComesAtOnceAreNotHeard(t *testing.T) {
	const announced, begins, ends = 2 * 50, 2*50 + 25, 4 * 50
	together := func(n int) int {
		if n >= begins && n < ends {
			return 3
		}
		return 1
	}
	tone := sine(200, 8000, 0, 6*SampleRate)
	natural, _ := callThrough(t, tone, 6*time.Second, nil, (&datagrams{together: always(1), packet: always(FrameTime)}).send)
	const settled = SampleRate / 2 // the beginning of the call is the same for all
	usual := click(natural[settled : 5*SampleRate])
	untold := 0.0
	for _, told := range []bool{true, false} {
		for _, more := range []time.Duration{0, 5e6, 10e6, 15e6} { // ns: the player comes earlier or later
			d := datagrams{together: together, more: more, packet: func(n int) time.Duration {
				if told && n >= announced && n < ends {
					return 60 * time.Millisecond
				}
				return 0
			}}
			received, stats := callThrough(t, tone, 6*time.Second, nil, d.send)
			made := 0.0
			for _, s := range stats {
				made += s.Concealed * 50
			}
			if !told {
				untold = max(untold, made)
			}
			jump := click(received[settled : 5*SampleRate])
			t.Logf("told %-5v: %.0f frames made up; the largest jump is %d, and %d without a switch", told, made, jump, usual)
			if told && made > 0.5 || made > 12 || jump > 2*usual+100 {
				t.Errorf("told %v: %.1f frames made up, a jump of %d (%d)", told, made, jump, usual)
			}
		}
	}
	if untold < 0.5 {
		t.Error("nobody need be told")
	}
}
