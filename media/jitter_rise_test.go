package media

import (
	"testing"
	"time"
)

// TestSoundIsLengthenedBeforeItRunsDry plays speech over paths that become slower. made is how many frames may be made up beyond those that are
// lost; was is how many were when sound was lengthened only once a longer delay had been learned. Then as many frames were left out after a stall as
// had been made up; now they are heard, and the pauses and vowels behind them are shorter.
func TestSoundIsLengthenedBeforeItRunsDry(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		about     string
		path      ordeal
		together  int
		was, made float64
		stretched float64 // frames, at most
		delay     time.Duration
	}{
		{"an uplink that is cut, 70 ms of queue", uplinkCut(70 * ms), 1, 3.7, 0.5, 7, 115 * ms},
		{"an uplink that is cut, 85 ms of queue", uplinkCut(85 * ms), 1, 6.7, 1, 7, 130 * ms},
		{"an uplink that is cut, 40 ms packets", uplinkCut(85 * ms), 2, 6.3, 2.5, 6, 140 * ms},
		{"an uplink that is cut, 60 ms packets", uplinkCut(85 * ms), 3, 6.3, 2.5, 5, 155 * ms},
		{"a queue of 50 ms within 0.2 s", bufferbloat(50*ms, 200*ms), 1, 1.0, 0, 4, 90 * ms},
		{"a queue of 100 ms within 0.3 s", bufferbloat(100*ms, 300*ms), 1, 5.3, 0.5, 7, 135 * ms},
		{"a queue of 200 ms within 0.5 s", bufferbloat(200*ms, 500*ms), 1, 12.7, 1, 12, 205 * ms},
		{"a queue of 300 ms within 2 s", bufferbloat(300*ms, 2000*ms), 1, 11.3, 0.5, 15, 170 * ms},
		{"a queue of 200 ms within 0.5 s, 60 ms packets", bufferbloat(200*ms, 500*ms), 3, 20.7, 1.5, 11, 245 * ms},
		{"radio that stalls for 100 ms", stalls(100*ms, time.Hour), 1, 3.7, 4, 5, 45 * ms},
		{"radio that stalls for 150 ms", stalls(150*ms, time.Hour), 1, 6.0, 6.5, 8, 50 * ms},
		{"radio that stalls for 100 ms, 60 ms packets", stalls(100*ms, time.Hour), 3, 2.7, 3, 4, 85 * ms},
		{"radio that stalls for 100 ms again and again", stalls(100*ms, 600*ms), 1, 11.7, 8.5, 6, 110 * ms},
		{"a calm path", nil, 1, 0, 0, 0, 45 * ms},
		{"a calm path, 60 ms packets", nil, 3, 0, 0, 0, 65 * ms},
		{"one packet that is late by 30 ms", oneLate(30 * ms), 1, 0, 0, 0, 45 * ms},
		{"a tenth is lost", func(time.Duration) (time.Duration, float64) { return 0, 0.1 }, 1, 0, 0, 0, 45 * ms},
	} {
		h := listening{packets: speechPackets(), together: c.together}.over(t, c.path)
		made := h.made - h.lost
		t.Logf("%s: %.1f frames made up and %.1f left out (%.1f made up before), of 100; %.1f were lost; stretched by %.1f; delay %v",
			c.about, made, h.leftOut, c.was, h.lost, h.stretched, h.delay.Round(ms))
		if made > c.made || h.leftOut > 0 || h.stretched > c.stretched || h.delay > c.delay {
			t.Errorf("%s: %.1f frames made up, wanted %.1f; %.1f left out; stretched by %.1f, wanted %.1f; delay %v, wanted %v",
				c.about, made, c.made, h.leftOut, h.stretched, c.stretched, h.delay, c.delay)
		}
	}
}

// After a rise the delay goes back, by shortening alone, once ten seconds have not shown another.
func TestTheDelayOfARiseIsNotKept(t *testing.T) {
	for about, path := range map[string]ordeal{
		"an uplink that is cut": uplinkCut(85 * time.Millisecond),
		"a queue of 300 ms":     bufferbloat(300*time.Millisecond, 700*time.Millisecond),
		"a queue of 40 ms":      bufferbloat(40*time.Millisecond, 150*time.Millisecond),
	} {
		var before, after time.Duration
		for _, l := range []struct {
			length time.Duration
			delay  *time.Duration
		}{{ordealStart, &before}, {ordealStart + 14*time.Second, &after}} {
			h := listening{packets: speechPackets(), together: 1, length: l.length, o: path}.once(t, 1, 2)
			*l.delay = h.last
			if made := h.made - h.lost; h.leftOut > 0 || made > 6 {
				t.Errorf("%s: after %v %.0f frames were made up and %.0f left out", about, l.length, made, h.leftOut)
			}
		}
		t.Logf("%s: delay %v before, %v after it", about, before, after)
		if after > before {
			t.Errorf("%s: delay %v before, %v after it", about, before, after)
		}
	}
}

// TestStretchedSpeechIsNearToWhatWasSaid stretches each fifth frame of 1.8 s.
func TestStretchedSpeechIsNearToWhatWasSaid(t *testing.T) {
	for _, c := range []struct {
		about    string
		packets  [][]byte
		least    time.Duration // by which it is lengthened
		longer   float64       // distance, dB, at most. It was 0.071 and 0.313 dB when speech was lengthened by 134 and 34 ms only.
		shorter  float64
		asMadeUp float64 // the distance may be such a part of what it is if each tenth frame is made up
	}{
		{"a voice", speechPackets(), 200 * time.Millisecond, 0.06, 0.09, 1},
		{"a voice and hiss", hissPackets(), 50 * time.Millisecond, 0.37, 0.35, 1.1},
	} {
		r, err := newAudioReceiver(nil)
		if err != nil {
			t.Fatal(err)
		}
		var said, longer, shorter, made []int16
		var s stretcher
		var heard, lossy concealer
		var frame [FrameSamples]int16
		for n, p := range c.packets[50:140] {
			if err := r.dec.Decode(p, &frame); err != nil {
				t.Fatal(err)
			}
			said = append(said, frame[:]...)
			heard.good(frame[:], false)
			if n%5 == 0 {
				longer = append(longer, s.lengthen(&heard.history, false)...)
				shorter = append(shorter, s.shorten(&heard.history, false)...)
			} else {
				longer, shorter = append(longer, frame[:]...), append(shorter, frame[:]...)
			}
			if n%10 == 5 {
				lossy.lost(frame[:])
			} else {
				lossy.good(frame[:], false)
			}
			made = append(made, frame[:]...)
		}
		by, less := samplesTime(len(longer)-len(said)), samplesTime(len(said)-len(shorter))
		far := [3]float64{spectralDistance(said, longer), spectralDistance(said, shorter), spectralDistance(said, made)}
		t.Logf("%s: lengthened by %v it is %.3f dB away, shortened by %v %.3f dB; with a tenth made up %.3f dB", c.about, by, far[0], less, far[1], far[2])
		if by < c.least || far[0] > c.longer || far[1] > c.shorter || far[0] > c.asMadeUp*far[2] {
			t.Errorf("%s: lengthened by %v it is %.3f dB away, shortened by %v %.3f dB; with a tenth made up %.3f dB", c.about, by, far[0], less, far[1], far[2])
		}
	}
}
