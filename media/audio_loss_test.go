package media

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"sundog.dev/sundog/media/opus"
)

// TestSpeechUnderLoss prints the table of what random loss does to speech, with and without repeated sound.
func TestSpeechUnderLoss(t *testing.T) {
	for _, c := range []struct {
		percent     int
		repeated    bool
		concealed   float64 // at most
		correlation float64 // at least
		latency     time.Duration
	}{
		{0, false, 0, 0.95, 60 * time.Millisecond},
		{5, false, 0.08, 0.9, 75 * time.Millisecond},
		{10, false, 0.14, 0.85, 75 * time.Millisecond},
		{20, false, 0.26, 0.7, 75 * time.Millisecond},
		{0, true, 0, 0.95, 80 * time.Millisecond},
		{5, true, 0.012, 0.95, 80 * time.Millisecond},
		{10, true, 0.025, 0.95, 80 * time.Millisecond},
		{20, true, 0.07, 0.9, 80 * time.Millisecond},
	} {
		t.Run(fmt.Sprintf("%d %%, repeated %v", c.percent, c.repeated), func(t *testing.T) {
			r := rand.New(rand.NewPCG(11, uint64(c.percent)))
			pcm := speech()
			var before Encoded
			received, stats := callThrough(t, pcm, 6*time.Second, nil, func(receiver *AudioReceiver, e Encoded) {
				e.Data = slices.Clone(e.Data)
				repeat := before
				before = e
				if r.IntN(100) < c.percent {
					return // the datagram, with what it repeats
				}
				time.AfterFunc(30*time.Millisecond, func() {
					receiver.Push(e)
					if c.repeated {
						receiver.Push(repeat)
					}
				})
			})
			var concealed, repaired float64
			var latencies []time.Duration
			for _, s := range stats[1:] {
				concealed += s.Concealed / float64(len(stats)-1)
				repaired += s.Repaired / float64(len(stats)-1)
				latencies = append(latencies, s.Latency)
			}
			slices.Sort(latencies)
			latency := latencies[len(latencies)/2] - 30*time.Millisecond
			got := windowCorrelation(pcm, received, 300*time.Millisecond)
			t.Logf("%2d %% lost, repeated %-5v: %5.2f %% concealed, %5.2f %% repaired, correlation %.3f, delay %v beyond the path's",
				c.percent, c.repeated, 100*concealed, 100*repaired, got, latency.Round(time.Millisecond))
			if concealed > c.concealed || got < c.correlation || latency > c.latency {
				t.Errorf("%.3f concealed, wanted %.3f; correlation %.3f, wanted %.2f; delay %v, wanted %v", concealed, c.concealed, got, c.correlation, latency, c.latency)
			}
			if lost := float64(c.percent) / 100; c.repeated && math.Abs(concealed+repaired-lost) > 0.3*lost+0.005 {
				t.Errorf("%.3f concealed and %.3f repaired, of %.2f lost", concealed, repaired, lost)
			}
		})
	}
}

// speechPackets is speech as packets, lightPackets the same of the light mode.
var (
	speechPackets = sync.OnceValue(func() [][]byte { return encodeSpeech(false) })
	lightPackets  = sync.OnceValue(func() [][]byte { return encodeSpeech(true) })
)

func encodeSpeech(light bool) [][]byte { return encodePackets(speech(), light) }

func encodePackets(pcm []int16, light bool) (packets [][]byte) {
	enc, err := opus.NewEncoder(opus.EncoderConfig{})
	if err != nil {
		panic(err)
	}
	defer enc.Close()
	if err := enc.SetLight(light); err != nil {
		panic(err)
	}
	for at := 0; at+FrameSamples <= len(pcm); at += FrameSamples {
		p, err := enc.Encode((*[FrameSamples]int16)(pcm[at:]))
		if err != nil {
			panic(err)
		}
		packets = append(packets, bytes.Clone(p))
	}
	return packets
}

// pauses is speech with pauses of 3 s, over the noise of a room.
func pauses() []int16 {
	pcm := slices.Clone(speech())
	for range 2 {
		pcm = slices.Concat(pcm, make([]int16, 3*SampleRate), speech()[:2*SampleRate])
	}
	r := rand.New(rand.NewPCG(1, 1))
	low := 0.0
	for i := range pcm {
		low += (r.NormFloat64()*120 - low) / 3
		pcm[i] += int16(low)
	}
	return pcm
}

func TestASilentSenderIsHeardAsARoom(t *testing.T) {
	sent := pauses() // 16 s
	var due, marks []time.Time
	size := 0
	received, stats := callThrough(t, sent, 16*time.Second, func(s *AudioSender) { s.SetSilent(true) }, func(receiver *AudioReceiver, e Encoded) {
		e.Data = slices.Clone(e.Data)
		due = append(due, e.Due)
		size += len(e.Data)
		if silenceMark(e.Data) {
			marks = append(marks, e.Due)
		}
		time.AfterFunc(20*time.Millisecond, func() { receiver.Push(e) })
	})
	// Between the words and in the pauses, about 7 of 16 s, nothing is sent.
	if len(due) > 600 || len(marks) < 10 || len(marks) > 40 {
		t.Errorf("%d packets, %d of them marks, in 16 s", len(due), len(marks))
	}
	t.Logf("%d packets of 800, %d of them marks; %d bytes", len(due), len(marks), size)
	for i, s := range stats {
		if s.Concealed > 0 {
			t.Errorf("second %d: %.3f concealed: silence is no loss", i, s.Concealed)
		}
	}
	// The room is heard in the pause, about as loud as it is.
	for _, second := range []int{7, 12} {
		was, is := meanSquare(sent[second*SampleRate+SampleRate/4:(second+1)*SampleRate]), meanSquare(received[second*SampleRate+SampleRate/4:(second+1)*SampleRate])
		if is < was/6 || is > was*3 {
			t.Errorf("second %d: the room's power is %.0f, heard is %.0f", second, was, is)
		}
	}
	if c := windowCorrelation(sent, received, 300*time.Millisecond); c < 0.9 {
		t.Errorf("correlation %.3f", c)
	}
}

func TestTheVoiceDetectorSendsWordsAndNoNoise(t *testing.T) {
	const second = 50 // frames
	tone := func(amplitude float64, frames int) []int16 { return sine(200, amplitude, 0, frames*FrameSamples) }
	hiss := func(amplitude float64, frames int) []int16 { return noise(amplitude, frames*FrameSamples) }
	for name, c := range map[string]struct {
		sound     []int16
		from, to  int     // the frames looked at
		sent      float64 // their share that is sent
		tolerance float64
	}{
		"digital silence":                {make([]int16, 5*second*FrameSamples), 2 * second, 5 * second, 0, 0},
		"a quiet room":                   {hiss(60, 5*second), 2 * second, 5 * second, 0, 0},
		"a loud fan":                     {hiss(250, 10*second), 5 * second, 10 * second, 0, 0.02},
		"a voice":                        {slices.Concat(hiss(60, 3*second), tone(3000, 4*second)), 3 * second, 7 * second, 1, 0},
		"a soft voice":                   {slices.Concat(hiss(20, 3*second), tone(200, 2*second)), 3 * second, 5 * second, 1, 0},
		"music for a minute":             {tone(8000, 60*second), 0, 60 * second, 1, 0},
		"the end of a word":              {slices.Concat(hiss(60, 3*second), tone(3000, second), hiss(60, 2*second)), 4 * second, 4*second + voiceHang, 1, 0},
		"the pause behind it":            {slices.Concat(hiss(60, 3*second), tone(3000, second), hiss(60, 2*second)), 4*second + voiceHang, 6 * second, 0, 0},
		"the first second is sent":       {hiss(60, 2*second), 0, second - 1, 1, 0},
		"a word after an hour's silence": {slices.Concat(hiss(60, 20*second), tone(1500, second)), 20 * second, 21 * second, 1, 0},
	} {
		var d voiceDetector
		sent := 0
		for n := range len(c.sound) / FrameSamples {
			if d.add(c.sound[n*FrameSamples:(n+1)*FrameSamples]) && n >= c.from && n < c.to {
				sent++
			}
		}
		if got := float64(sent) / float64(c.to-c.from); math.Abs(got-c.sent) > c.tolerance {
			t.Errorf("%s: %.2f of the frames are sent, wanted %.0f", name, got, c.sent)
		}
	}
}

func TestEachPersonHasAVolume(t *testing.T) {
	frame := sine(440, 4000, 0, FrameSamples)
	for _, c := range []struct{ factor, want float64 }{{1, 1}, {0.5, 0.5}, {2, 2}, {4, 4}, {9, 4}, {0, 0}, {-1, 0}, {math.NaN(), 0}} {
		r, err := newAudioReceiver(nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetVolume(c.factor)
		out := slices.Clone(frame)
		if heard := amplify(out, r.Volume()); heard != (c.want > 0) {
			t.Errorf("volume %v: heard %v", c.factor, heard)
		}
		if got := math.Sqrt(meanSquare(out) / meanSquare(frame)); c.want > 0 && math.Abs(got-c.want) > 0.01 {
			t.Errorf("volume %v: louder by %.2f, wanted %v", c.factor, got, c.want)
		}
	}
}
