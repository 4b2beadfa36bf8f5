package media

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/media/wav"
)

// ramp writes a WAV file whose samples count up.
func ramp(t *testing.T, samples int) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "ramp.wav")
	w, err := wav.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	pcm := make([]int16, samples)
	for i := range pcm {
		pcm[i] = int16(i)
	}
	if err := w.Write(pcm); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

func openSource(t *testing.T, spec string) AudioSource {
	t.Helper()
	s, err := OpenAudio(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestAFileLoopsInRealTimeWithoutASeam(t *testing.T) {
	const length = 2500 // no multiple of a frame
	name := ramp(t, length)
	synctest.Test(t, func(t *testing.T) {
		s := openSource(t, "file:"+name)
		start := time.Now()
		at := 0
		for n := range 500 {
			var f AudioFrame
			if err := s.Read(t.Context(), &f); err != nil {
				t.Fatal(err)
			}
			due := start.Add(time.Duration(n+1) * FrameTime)
			if !f.Due.Equal(due) || !time.Now().Equal(due) {
				t.Fatalf("frame %d is due at %v and came at %v, want %v", n, f.Due.Sub(start), time.Since(start), due.Sub(start))
			}
			for i, v := range f.PCM {
				if int(v) != at%length {
					t.Fatalf("frame %d sample %d: %d, want %d", n, i, v, at%length)
				}
				at++
			}
		}
	})
}

func TestAReaderThatIsABitLateCatchesUpAndALateOneSkips(t *testing.T) {
	name := ramp(t, 30000)
	for _, c := range []struct {
		late    time.Duration
		skipped int // frames
	}{
		{60 * time.Millisecond, 0},
		{95 * time.Millisecond, 0},
		{205 * time.Millisecond, 9}, // the frames that were due before the last 25 ms
	} {
		synctest.Test(t, func(t *testing.T) {
			s := openSource(t, "file:"+name)
			start := time.Now()
			time.Sleep(c.late)
			var f AudioFrame
			if err := s.Read(t.Context(), &f); err != nil {
				t.Fatal(err)
			}
			if got := int(f.PCM[0]) / FrameSamples; got != c.skipped {
				t.Errorf("%v late: %d frames skipped, want %d", c.late, got, c.skipped)
			}
			if want := start.Add(time.Duration(c.skipped+1) * FrameTime); !f.Due.Equal(want) {
				t.Errorf("%v late: due %v, want %v: sound and time have parted", c.late, f.Due.Sub(start), want.Sub(start))
			}
			for range 20 {
				if err := s.Read(t.Context(), &f); err != nil {
					t.Fatal(err)
				}
			}
			if behind := time.Since(f.Due); behind != 0 {
				t.Errorf("%v late: still %v behind after 20 frames", c.late, behind)
			}
		})
	}
}

func TestAToneHasItsFrequency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openSource(t, "tone:1000")
		var pcm []int16
		for range 50 {
			var f AudioFrame
			if err := s.Read(t.Context(), &f); err != nil {
				t.Fatal(err)
			}
			pcm = append(pcm, f.PCM[:]...)
		}
		rising := 0
		for i := 1; i < len(pcm); i++ {
			if pcm[i-1] < 0 && pcm[i] >= 0 {
				rising++
			}
		}
		if rising < 999 || rising > 1000 {
			t.Errorf("%d periods in a second, want 1000", rising)
		}
		if rms := math.Sqrt(meanSquare(pcm)); math.Abs(rms-toneAmplitude/math.Sqrt2) > 10 {
			t.Errorf("loudness %v", rms)
		}
	})
}

func TestASourceEndsWithItsContextOrItsClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openSource(t, "silence")
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
		defer cancel()
		if err := s.Read(ctx, new(AudioFrame)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Read with a context that ends: %v", err)
		}
		time.AfterFunc(time.Millisecond, func() { _ = s.Close() })
		if err := s.Read(t.Context(), new(AudioFrame)); !errors.Is(err, ErrAudioClosed) {
			t.Errorf("Read during Close: %v", err)
		}
	})
}

func TestSourcesThatCannotBeOpened(t *testing.T) {
	if s, err := OpenAudio(t.Context(), "none"); s != nil || err != nil {
		t.Errorf("none: %v, %v", s, err)
	}
	if _, err := OpenAudio(t.Context(), "radio"); !errors.Is(err, ErrAudioSpec) {
		t.Errorf("an unknown kind: %v", err)
	}
	if _, err := OpenAudio(t.Context(), "file:"+filepath.Join(t.TempDir(), "none.wav")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	text := filepath.Join(t.TempDir(), "text.wav")
	if err := os.WriteFile(text, []byte("this is no sound"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenAudio(t.Context(), "file:"+text); !errors.Is(err, wav.ErrNotWAV) {
		t.Errorf("a text file: %v", err)
	}
	if _, err := OpenAudio(t.Context(), "device:there-is-no-such-device"); !errors.Is(err, ErrUnknownDevice) && !errors.Is(err, ErrNoMicrophone) {
		t.Errorf("an unknown device: %v", err)
	}
	if _, err := OpenPlayer(t.Context(), "device:there-is-no-such-device"); !errors.Is(err, ErrUnknownDevice) && !errors.Is(err, ErrNoSpeaker) {
		t.Errorf("an unknown device: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := OpenAudio(ctx, "tone"); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v", err)
	}
}

func TestDeviceTimesAreSteadied(t *testing.T) {
	start := time.Now()
	var d dueFilter
	var previous time.Time
	for n := range 200 {
		late := time.Duration(n%3) * 5 * time.Millisecond // a callback of 10 ms cannot be better
		due := d.smooth(start.Add(time.Duration(n)*FrameTime + late))
		if n > 50 {
			if step := due.Sub(previous); step < FrameTime-3*time.Millisecond || step > FrameTime+3*time.Millisecond {
				t.Fatalf("frame %d: %v after the one before", n, step)
			}
			if off := due.Sub(start.Add(time.Duration(n) * FrameTime)); off < 0 || off > 6*time.Millisecond {
				t.Fatalf("frame %d is off by %v", n, off)
			}
		}
		previous = due
	}
	if got := d.smooth(start.Add(time.Minute)); !got.Equal(start.Add(time.Minute)) {
		t.Errorf("after a gap: %v", got.Sub(start))
	}
}
