package media

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/media/opus"
	"sundog.dev/sundog/media/wav"
)

// memorySink keeps what is played.
type memorySink struct {
	nullSink
	pcm []int16
}

func (s *memorySink) write(frame *[FrameSamples]int16) { s.pcm = append(s.pcm, frame[:]...) }

func newMemorySink() *memorySink {
	return &memorySink{nullSink: nullSink{frames: newSchedule(sinkLateMost)}}
}

// encode makes packets of sound, and what a decoder makes of them.
func encode(t testing.TB, pcm []int16) (packets [][]byte, decoded []int16) {
	t.Helper()
	enc, err := opus.NewEncoder(opus.EncoderConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	dec, err := opus.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	for ; len(pcm) >= FrameSamples; pcm = pcm[FrameSamples:] {
		packet, err := enc.Encode((*[FrameSamples]int16)(pcm))
		if err != nil {
			t.Fatal(err)
		}
		packets = append(packets, slices.Clone(packet))
		var frame [FrameSamples]int16
		if err := dec.Decode(packet, &frame); err != nil {
			t.Fatal(err)
		}
		decoded = append(decoded, frame[:]...)
	}
	return packets, decoded
}

func TestACleanStreamIsPlayedBitByBit(t *testing.T) {
	packets, decoded := encode(t, speech()[:2*SampleRate])
	for _, offset := range []int{0, 7, 19} { // ms between the two ends' frames
		synctest.Test(t, func(t *testing.T) {
			sink := newMemorySink()
			player := newPlayer(sink)
			receiver, err := player.NewReceiver()
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(offset) * time.Millisecond)
			start := time.Now()
			for n, data := range packets {
				due := start.Add(time.Duration(n+1) * FrameTime)
				time.Sleep(time.Until(due.Add(2 * time.Millisecond)))
				receiver.Push(Encoded{Kind: Audio, Due: due, Data: slices.Clone(data)})
			}
			stats := receiver.Stats()
			time.Sleep(100 * time.Millisecond)
			if err := player.Close(); err != nil {
				t.Error(err)
			}
			lead := slices.IndexFunc(sink.pcm, func(v int16) bool { return v != 0 }) -
				slices.IndexFunc(decoded, func(v int16) bool { return v != 0 })
			if lead < 0 || lead%FrameSamples != 0 || len(sink.pcm) < lead+len(decoded) {
				t.Fatalf("offset %d ms: begins after %d samples of %d", offset, lead, len(sink.pcm))
			}
			if !slices.Equal(sink.pcm[lead:lead+len(decoded)], decoded) {
				t.Errorf("offset %d ms: what was played is not what was decoded", offset)
			}
			if stats.Latency < 20*time.Millisecond || stats.Latency > 60*time.Millisecond || stats.Concealed != 0 {
				t.Errorf("offset %d ms: %+v", offset, stats)
			}
		})
	}
}

func TestAFileIsAsLongAsTheCallWithSilenceWhereNothingCame(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out.wav")
	packets, _ := encode(t, sine(440, 8000, 0, SampleRate))
	synctest.Test(t, func(t *testing.T) {
		player, err := OpenPlayer(t.Context(), "file:"+name)
		if err != nil {
			t.Fatal(err)
		}
		receiver, err := player.NewReceiver()
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		for _, data := range packets {
			receiver.Push(Encoded{Kind: Audio, Due: time.Now(), Data: data})
			time.Sleep(FrameTime)
		}
		time.Sleep(time.Second + time.Millisecond)
		if err := player.Close(); err != nil {
			t.Fatal(err)
		}
	})
	pcm, err := wav.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got := samplesTime(len(pcm)); got != 3*time.Second {
		t.Errorf("a file of %v, want 3 s", got)
	}
	for i, loud := range []bool{false, true, false} {
		second := pcm[i*SampleRate+SampleRate/3:][:SampleRate/2]
		if got := meanSquare(second) > 1000*1000; got != loud {
			t.Errorf("second %d is loud: %v, want %v", i+1, got, loud)
		}
	}
}

func TestPeopleAreHeardTogether(t *testing.T) {
	low, _ := encode(t, sine(300, 6000, 0, SampleRate))
	high, _ := encode(t, sine(1900, 6000, 0, SampleRate))
	synctest.Test(t, func(t *testing.T) {
		sink := newMemorySink()
		player := newPlayer(sink)
		var receivers []*AudioReceiver
		for range 2 {
			r, err := player.NewReceiver()
			if err != nil {
				t.Fatal(err)
			}
			receivers = append(receivers, r)
		}
		for n := range low {
			receivers[0].Push(Encoded{Kind: Audio, Due: time.Now(), Data: low[n]})
			if n < 25 {
				receivers[1].Push(Encoded{Kind: Audio, Due: time.Now(), Data: high[n]})
			} else if n == 25 {
				if l := receivers[1].Level(); l < 0.5 {
					t.Errorf("level %.2f of the second voice", l)
				}
				if err := receivers[1].Close(); err != nil {
					t.Error(err)
				}
			}
			time.Sleep(FrameTime)
		}
		if err := player.Close(); err != nil {
			t.Error(err)
		}
		for _, c := range []struct {
			at        float64
			low, high bool
		}{{0.3, true, true}, {0.8, true, false}} {
			part := sink.pcm[int(c.at*SampleRate):][:SampleRate/10]
			if got := strength(part, 300) > 3000; got != c.low {
				t.Errorf("after %v s the low voice is heard: %v", c.at, got)
			}
			if got := strength(part, 1900) > 3000; got != c.high {
				t.Errorf("after %v s the high voice is heard: %v", c.at, got)
			}
		}
	})
}

// strength is the amplitude of a tone in some sound.
func strength(pcm []int16, hertz float64) float64 {
	var re, im float64
	for i, v := range pcm {
		s, c := math.Sincos(2 * math.Pi * hertz * float64(i) / SampleRate)
		re, im = re+float64(v)*c, im+float64(v)*s
	}
	return 2 * math.Hypot(re, im) / float64(len(pcm))
}

func TestWhatIsNoSoundOfOursIsDropped(t *testing.T) {
	packets, _ := encode(t, sine(300, 6000, 0, SampleRate/5))
	synctest.Test(t, func(t *testing.T) {
		player := newPlayer(newMemorySink())
		receiver, err := player.NewReceiver()
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range []Encoded{
			{Kind: Video, Due: time.Now(), Data: packets[0]},
			{Kind: Audio, Data: packets[0]},
			{Kind: Audio, Due: time.Now()},
			{Kind: Audio, Due: time.Now(), Data: make([]byte, 5000)},
			{Kind: Audio, Due: time.Now(), Data: []byte{0, 1, 2}}, // 10 ms
		} {
			receiver.Push(e)
			if b := receiver.Stats().Buffered; b != 0 {
				t.Errorf("%+v waits to be played", e)
			}
		}
		if err := player.Close(); err != nil {
			t.Error(err)
		}
		receiver.Push(Encoded{Kind: Audio, Due: time.Now(), Data: packets[0]})
		if b := receiver.Stats().Buffered; b != 0 {
			t.Errorf("%v waits after Close", b)
		}
	})
}

func TestUndecodablePacketsAreConcealed(t *testing.T) {
	packets, _ := encode(t, sine(300, 6000, 0, SampleRate))
	synctest.Test(t, func(t *testing.T) {
		sink := newMemorySink()
		player := newPlayer(sink)
		receiver, err := player.NewReceiver()
		if err != nil {
			t.Fatal(err)
		}
		for n := range packets {
			data := packets[n]
			if n == 30 {
				data = []byte{30<<3 | 1, 1, 2, 3} // two frames of 10 ms in three bytes
			}
			receiver.Push(Encoded{Kind: Audio, Due: time.Now(), Data: data})
			time.Sleep(FrameTime)
		}
		stats := receiver.Stats()
		if err := player.Close(); err != nil {
			t.Error(err)
		}
		if stats.Concealed < 0.01 || stats.Concealed > 0.05 {
			t.Errorf("%.3f concealed, want one frame", stats.Concealed)
		}
		if s := strength(sink.pcm[SampleRate/2:SampleRate*9/10], 300); s < 5000 {
			t.Errorf("the tone is heard with %v of 6000", s)
		}
	})
}

func TestAPlayerHasPlacesForSoMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		player, err := OpenPlayer(t.Context(), "null")
		if err != nil {
			t.Fatal(err)
		}
		var last *AudioReceiver
		for range maxReceivers {
			if last, err = player.NewReceiver(); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := player.NewReceiver(); !errors.Is(err, ErrTooManyReceivers) {
			t.Errorf("one too many: %v", err)
		}
		for range 2 {
			if err := last.Close(); err != nil {
				t.Error(err)
			}
		}
		if _, err := player.NewReceiver(); err != nil {
			t.Errorf("after one has left: %v", err)
		}
		for range 2 {
			if err := player.Close(); err != nil {
				t.Error(err)
			}
		}
		if _, err := player.NewReceiver(); !errors.Is(err, ErrAudioClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}

func TestPlayersThatCannotBeOpened(t *testing.T) {
	if _, err := OpenPlayer(t.Context(), "loud"); !errors.Is(err, ErrAudioSpec) {
		t.Errorf("an unknown kind: %v", err)
	}
	if _, err := OpenPlayer(t.Context(), "file:"+filepath.Join(t.TempDir(), "no", "out.wav")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := OpenPlayer(ctx, "null"); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v", err)
	}
}

// lateSink is a file whose player comes late once, as on a machine that was busy.
type lateSink struct {
	fileSink
	n    int
	late time.Duration
}

func (s *lateSink) next(ctx context.Context) (time.Time, error) {
	if s.n++; s.n == 20 {
		time.Sleep(s.late)
	}
	return s.fileSink.next(ctx)
}

func TestAFileKeepsRealTimeWhenThePlayerIsLate(t *testing.T) {
	for _, late := range []time.Duration{300 * time.Millisecond, 3 * time.Second} {
		name := filepath.Join(t.TempDir(), "out.wav")
		synctest.Test(t, func(t *testing.T) {
			sink, err := openSink(audioSpec{kind: audioFile, value: name})
			if err != nil {
				t.Fatal(err)
			}
			player := newPlayer(&lateSink{fileSink: *sink.(*fileSink), late: late})
			time.Sleep(5*time.Second + time.Millisecond)
			if err := player.Close(); err != nil {
				t.Fatal(err)
			}
		})
		w, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := samplesTime(int(w.Size()-44) / 2); got != 5*time.Second {
			t.Errorf("%v late: a file of %v, want 5 s", late, got)
		}
	}
}

func BenchmarkReceive(b *testing.B) {
	packets, _ := encode(b, sine(300, 6000, 0, SampleRate))
	r, err := newAudioReceiver(&Player{})
	if err != nil {
		b.Fatal(err)
	}
	var frame [FrameSamples]int16
	now := time.Now()
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		r.mu.Lock()
		r.jitter.push(now, packets[n%len(packets)], now)
		r.mu.Unlock()
		r.read(&frame, now)
		r.handedOver(now)
		now = now.Add(FrameTime)
	}
}
