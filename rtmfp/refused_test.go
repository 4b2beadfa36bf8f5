package rtmfp

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// A far end that was found but refused: Dial says so, at once where nobody else can be meant.
func TestDialTellsWhyTheFarEndIsRefused(t *testing.T) {
	refusal := errors.New("not with you")
	for _, c := range []struct {
		name          string
		byFingerprint bool
		refuse        func(*testProfile)
		within        time.Duration
		want          error
	}{
		{"its certificate, by fingerprint", true, func(p *testProfile) { p.refuseInitiate = refusal }, time.Second, ErrKeying},
		{"its answer, by fingerprint", true, func(p *testProfile) { p.refuseComplete = refusal }, 14 * time.Second, ErrKeying},
		{"its certificate, by name", false, func(p *testProfile) { p.refuseInitiate = refusal }, 20 * time.Second, context.DeadlineExceeded},
		{"its answer, by name", false, func(p *testProfile) { p.refuseComplete = refusal }, 20 * time.Second, context.DeadlineExceeded},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
				a, b := w.node("a", addrA), w.node("b", addrB)
				c.refuse(a.profile)
				epd := []byte("Ab")
				if c.byFingerprint {
					epd = b.profile.epd()
				}
				start := time.Now()
				_, err := a.Dial(w.ctx(20*time.Second), epd, addrB)
				if !errors.Is(err, c.want) || !errors.Is(err, refusal) {
					t.Errorf("Dial: %v; want %v with the reason", err, c.want)
				}
				if d := time.Since(start); d > c.within {
					t.Errorf("it took %v", d)
				}
				if n := len(a.openings) + len(a.openingsByEPD) + len(a.keying); n != 0 {
					t.Errorf("%d openings left", n)
				}
			})
		})
	}
}

// One forged answer ends nothing.
func TestDialSurvivesARefusedAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		a.profile.refuseComplete = errors.New("forged")
		time.AfterFunc(500*time.Millisecond, func() {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.profile.refuseComplete = nil
		})
		if _, err := a.Dial(w.ctx(20*time.Second), b.profile.epd(), addrB); err != nil {
			t.Error(err)
		}
	})
}
