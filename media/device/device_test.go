package device

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gen2brain/malgo"
)

// null is a sound system that plays to and records from nowhere in real time: it is there on every machine.
var null = []malgo.Backend{nullBackend}

// nowhere is a sound system that this machine cannot have.
var nowhere = []malgo.Backend{malgo.BackendAaudio}

// limit bounds each wait of these tests; none of them takes long on a machine that works.
const limit = 20 * time.Second

func TestAMicrophoneGivesSoundWithItsTime(t *testing.T) {
	m, err := openMicrophone("", null)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close() //nolint:errcheck // it has no errors
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	pcm := make([]int16, 960)
	var last time.Time
	for range 5 {
		n, end, err := m.Read(ctx, pcm, 1<<20, limit)
		if err != nil || n != len(pcm) {
			t.Fatalf("%d samples, %v", n, err)
		}
		if end.After(time.Now()) || !end.After(last) {
			t.Errorf("recorded %v from now, %v after the one before", time.Until(end), end.Sub(last))
		}
		last = end
	}
}

func TestALateReaderLosesOldSound(t *testing.T) {
	m, err := openMicrophone("", null)
	if err != nil {
		t.Fatal(err)
	}
	m.s.close() // from here on the test is the device
	m.ring.skip(ringSamples)
	for range 20 {
		m.recorded(make([]int16, periodSamples))
	}
	m.recorded([]int16{7})
	pcm := make([]int16, 960)
	n, end, err := m.Read(t.Context(), pcm, 960, limit)
	if n != 960 || err != nil || pcm[959] != 7 {
		t.Errorf("%d samples, the last is %d: %v", n, pcm[959], err)
	}
	if at, _ := m.stamp(); !end.Equal(at) {
		t.Errorf("the newest sample has the time %v, want that of its callback", end.Sub(at))
	}
	m.recorded(make([]int16, 2*960))
	if _, end, err = m.Read(t.Context(), pcm, 960, limit); err != nil {
		t.Fatal(err)
	}
	if at, _ := m.stamp(); at.Sub(end) != 20*time.Millisecond {
		t.Errorf("with 20 ms behind it a sample has a time %v before the callback's", at.Sub(end))
	}
}

func TestAMicrophoneWithoutSoundSaysSo(t *testing.T) {
	m, err := openMicrophone("", null)
	if err != nil {
		t.Fatal(err)
	}
	m.s.close()
	m.ring.skip(ringSamples)
	if n, _, err := m.Read(t.Context(), make([]int16, 960), 0, time.Millisecond); n != 0 || err != nil {
		t.Errorf("%d samples, %v", n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := m.Read(ctx, make([]int16, 960), 0, limit); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
}

func TestASpeakerAsksForSoundAndTakesIt(t *testing.T) {
	p, err := openSpeaker("", null)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	for n := range 10 {
		wanted, err := p.Wait(ctx, limit)
		if err != nil || !wanted {
			t.Fatalf("frame %d: wanted %v, %v", n, wanted, err)
		}
		p.Write(make([]int16, 960))
		if b := p.Buffered(); b > 120*time.Millisecond {
			t.Fatalf("%v wait in the ring", b)
		}
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	p.ring.write(make([]int16, ringSamples))
	if wanted, err := p.Wait(t.Context(), time.Millisecond); wanted || err != nil {
		t.Errorf("after Close: wanted %v, %v", wanted, err)
	}
}

func TestUnderrunsRaiseTheLevelAndCalmLowersIt(t *testing.T) {
	p, err := openSpeaker("", null)
	if err != nil {
		t.Fatal(err)
	}
	p.s.close()
	p.ring.skip(ringSamples)
	p.play(make([]int16, periodSamples))
	if p.underruns.Load() != 0 {
		t.Error("a device that was given nothing yet counts as starved")
	}
	wait := func() {
		if _, err := p.Wait(t.Context(), time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	p.Write([]int16{5})
	out := []int16{1, 2, 3}
	p.play(out)
	if out[0] != 5 || out[1] != 0 || out[2] != 0 {
		t.Errorf("played %v", out)
	}
	if wait(); p.low != lowFirst+periodSamples {
		t.Errorf("level %d after an underrun", p.low)
	}
	for range 100 {
		p.play(out)
		wait()
	}
	if p.low != lowMost {
		t.Errorf("level %d after many underruns, want %d", p.low, lowMost)
	}
	for range 10 * calmWaits {
		wait()
	}
	if p.low != lowFirst {
		t.Errorf("level %d after a long calm, want %d", p.low, lowFirst)
	}
}

// eventually waits until a condition of the watchdog's goroutine holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	for !holds() {
		select {
		case <-poll.C:
		case <-deadline.C:
			t.Fatalf("%s: not so", what)
		}
	}
}

func TestADeviceThatFallsSilentIsReopened(t *testing.T) {
	m, err := openMicrophone("", null)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close() //nolint:errcheck // it has no errors
	m.s.mu.Lock()
	dead := m.s.current
	m.s.mu.Unlock()
	if err := dead.dev.Stop(); err != nil { // no callback comes any more, and nothing tells us
		t.Fatal(err)
	}
	eventually(t, "it is reopened", func() bool { return m.s.opened.Load() > 1 })
	m.ring.skip(ringSamples)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	if n, _, err := m.Read(ctx, make([]int16, 960), 0, limit); n != 960 || err != nil {
		t.Errorf("after that: %d samples, %v", n, err)
	}
}

func TestTheDefaultStandsInForADeviceThatHasGone(t *testing.T) {
	m, err := openMicrophone("", null)
	if err != nil {
		t.Fatal(err)
	}
	if m.Replaced() {
		t.Error("the default is no replacement")
	}
	m.s.close()
	s := m.s
	s.id = "gone" // as if it had been there when it was opened
	if err := s.open(true); err != nil {
		t.Fatal(err)
	}
	if !m.Replaced() {
		t.Error("nobody is told")
	}
	if s.isBack() {
		t.Error("it seems to be back")
	}
	s.release()
}

func TestWhatCannotBeOpened(t *testing.T) {
	if _, err := openMicrophone("", nowhere); !errors.Is(err, ErrNone) {
		t.Errorf("without a sound system: %v", err)
	}
	if _, err := openSpeaker("", nowhere); !errors.Is(err, ErrNone) {
		t.Errorf("without a sound system: %v", err)
	}
	if _, err := openMicrophone("there-is-no-such-device", null); !errors.Is(err, ErrUnknown) {
		t.Errorf("an unknown id: %v", err)
	}
}

func TestIDsAreText(t *testing.T) {
	id := func(s string) (d malgo.DeviceID) {
		copy(d[:], s)
		return d
	}
	for name, c := range map[string]struct {
		id   malgo.DeviceID
		want string
	}{
		"a name":       {id("alsa_output.pci-0000:analog"), "alsa_output.pci-0000:analog"},
		"wide letters": {id("{\x000\x00}\x00"), "x7b0030007d"},
		"a number":     {id("\x01"), "x01"},
	} {
		if got := idText(c.id); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if err := CheckID(idText(c.id)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := CheckID(idText(id(strings.Repeat("\xff", 256)))); err != nil {
		t.Errorf("the longest: %v", err)
	}
	for _, bad := range []string{"", "a b", "a\n", "ü", strings.Repeat("x", maxIDBytes+1)} {
		if CheckID(bad) == nil {
			t.Errorf("%.20q is taken as an id", bad)
		}
	}
}

func TestConvertersAreNoDevices(t *testing.T) {
	for _, c := range []struct {
		backend malgo.Backend
		id      string
		want    bool
	}{
		{malgo.BackendPulseaudio, "null", true},
		{malgo.BackendAlsa, ":0,0", true},
		{malgo.BackendAlsa, "sysdefault:CARD=PCH", true},
		{malgo.BackendAlsa, "default", true},
		{malgo.BackendAlsa, "null", false},
		{malgo.BackendAlsa, "speexrate", false},
	} {
		if got := isReal(c.backend, c.id); got != c.want {
			t.Errorf("%v of system %v is real: %v", c.id, c.backend, got)
		}
	}
}
