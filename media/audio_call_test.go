package media

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/media/wav"
)

// speech is 6 s of gliding harmonics with the rhythm of syllables and pauses: no two seconds are alike.
var speech = sync.OnceValue(func() []int16 {
	pcm := make([]int16, 6*SampleRate)
	phase := 0.0
	for i := range pcm {
		t := float64(i) / SampleRate
		phase += 2 * math.Pi * (130 + 30*math.Sin(2*math.Pi*0.31*t) + 15*math.Sin(2*math.Pi*1.7*t)) / SampleRate
		var v float64
		for h := 1.0; h <= 10; h++ {
			v += math.Sin(h*phase) / (1 + math.Abs(h-4-3*math.Sin(2*math.Pi*0.9*t)))
		}
		syllable := math.Max(0, math.Sin(2*math.Pi*2.3*t)) * math.Min(1, math.Max(0, 3*math.Sin(2*math.Pi*0.4*t)+2))
		pcm[i] = int16(5000 * v * syllable)
	}
	return pcm
})

// windowCorrelation is the median, over the seconds of sent that are not silent, of the best normalised cross-correlation with
// received, which may be later by up to maxLag.
func windowCorrelation(sent, received []int16, maxLag time.Duration) float64 {
	lags := int(maxLag * SampleRate / time.Second)
	// The search is coarse first: a quarter of the rate finds the lag, a fine one around it the value.
	var values []float64
	for at := 0; at+SampleRate+lags <= min(len(sent), len(received)); at += SampleRate {
		a := sent[at : at+SampleRate]
		if meanSquare(a) < 100*100 {
			continue
		}
		corr := func(lag, step int) float64 {
			b := received[at+lag : at+lag+SampleRate]
			var ab, aa, bb float64
			for i := 0; i < SampleRate; i += step {
				x, y := float64(a[i]), float64(b[i])
				ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
			}
			return ab / math.Sqrt(aa*bb+1)
		}
		best, around := 0.0, 0
		for lag := 0; lag < lags; lag += 8 {
			if c := corr(lag, 64); c > best {
				best, around = c, lag
			}
		}
		best = 0
		for lag := max(0, around-8); lag <= min(lags-1, around+8); lag++ {
			best = max(best, corr(lag, 1))
		}
		values = append(values, best)
	}
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// path is a one-way network: each packet is delayed by what delay says, or lost if that is negative.
type path func(r *rand.Rand, n int) time.Duration

// call sends a WAV file through sender, path and player to another WAV file for a time, inside a bubble.
func call(t *testing.T, sent []int16, p path, length time.Duration) (received []int16, stats []AudioStats) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	n := 0
	return callThrough(t, sent, length, nil, func(receiver *AudioReceiver, e Encoded) {
		e.Data = slices.Clone(e.Data)
		delay := p(r, n)
		n++
		if delay >= 0 {
			time.AfterFunc(delay, func() { receiver.Push(e) })
		}
	})
}

// callThrough is the same with a sender that is set up, and with a network of any kind.
func callThrough(t *testing.T, sent []int16, length time.Duration, setUp func(*AudioSender), send func(*AudioReceiver, Encoded)) (received []int16, stats []AudioStats) {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.wav"), filepath.Join(dir, "out.wav")
	w, err := wav.Create(in)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(sent); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		player, err := OpenPlayer(t.Context(), "file:"+out)
		if err != nil {
			t.Fatal(err)
		}
		receiver, err := player.NewReceiver()
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(7 * time.Millisecond) // the two ends' frames begin at different moments
		source, err := OpenAudio(t.Context(), "file:"+in)
		if err != nil {
			t.Fatal(err)
		}
		sender, err := NewAudioSender(AudioSenderConfig{Source: source, Send: func(e Encoded) { send(receiver, e) }})
		if err != nil {
			t.Fatal(err)
		}
		if setUp != nil {
			setUp(sender)
		}
		for range int(length / time.Second) {
			time.Sleep(time.Second)
			stats = append(stats, receiver.Stats())
		}
		if err := sender.Close(); err != nil {
			t.Error(err)
		}
		if err := player.Close(); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second) // packets under way
	})
	received, err = wav.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return received, stats
}

func TestSpeechArrivesOverEveryKindOfPath(t *testing.T) {
	ms := time.Millisecond
	for _, c := range []struct {
		name        string
		path        path
		correlation float64
		latency     time.Duration // median, at most
		concealed   float64       // at most, over the call
	}{
		{"clean", func(*rand.Rand, int) time.Duration { return 2 * ms }, 0.95, 55 * ms, 0},
		{"far", func(*rand.Rand, int) time.Duration { return 80 * ms }, 0.95, 135 * ms, 0},
		{"a little jitter", func(r *rand.Rand, _ int) time.Duration { return 5*ms + time.Duration(r.Int64N(int64(15*ms))) }, 0.95, 70 * ms, 0.01},
		{"much jitter", func(r *rand.Rand, _ int) time.Duration { return 5*ms + time.Duration(r.Int64N(int64(80*ms))) }, 0.8, 150 * ms, 0.05},
		{"2 % loss", func(r *rand.Rand, _ int) time.Duration {
			if r.IntN(50) == 0 {
				return -1
			}
			return 10 * ms
		}, 0.9, 65 * ms, 0.04},
		{"a stall of 200 ms once", func(_ *rand.Rand, n int) time.Duration {
			if n >= 80 && n < 90 {
				return time.Duration(90-n) * 20 * ms
			}
			return 5 * ms
		}, 0.95, 90 * ms, 0.03},
	} {
		t.Run(c.name, func(t *testing.T) {
			sent := speech()
			received, stats := call(t, sent, c.path, 6*time.Second)
			got := windowCorrelation(sent, received, 300*ms)
			if got < c.correlation {
				t.Errorf("correlation %.3f, want %.2f or more", got, c.correlation)
			}
			var concealed float64
			var latencies []time.Duration
			for _, s := range stats {
				concealed += s.Concealed / float64(len(stats))
				latencies = append(latencies, s.Latency)
			}
			if concealed > c.concealed {
				t.Errorf("%.3f concealed, want %.3f at most", concealed, c.concealed)
			}
			slices.Sort(latencies)
			if l := latencies[len(latencies)/2]; l <= 0 || l > c.latency {
				t.Errorf("latency %v, want %v at most: %v", l, c.latency, latencies)
			}
			t.Logf("correlation %.3f, concealed %.3f, latency %v", got, concealed, latencies[len(latencies)/2])
		})
	}
}
