package mesh

import (
	"context"
	"testing"
	"time"
)

func TestBothCallEachOtherAtOnce(t *testing.T) {
	for name, apart := range map[string]time.Duration{
		"at the same moment": 0, "a little apart": 3 * time.Millisecond, "within the opening": 25 * time.Millisecond, "just before it rings": 60 * time.Millisecond,
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				ada, bob := w.newPhone("ada"), w.newPhone("bob")
				one := ada.dial(bob.host, "bob")
				time.Sleep(apart)
				c, err := bob.agent.Dial("ada", bob.at(ada.host))
				if err != nil {
					t.Fatal(err) // ErrBusy: it rings already, and the case tests nothing
				}
				two := w.follow(c)
				one.state(InCall, 2*time.Second)
				two.state(InCall, 2*time.Second)
				ada.quiet(time.Second)
				bob.quiet(time.Second)
				time.Sleep(3 * time.Second)
				for _, p := range []*phone{ada, bob} {
					if s := p.media.session(); s.received(AudioFrame) < 100 || s.received(VideoFrame) < 50 || len(p.media.sessions) != 1 {
						t.Errorf("%s got %d and %d frames in %d sessions", p.name, s.received(AudioFrame), s.received(VideoFrame), len(p.media.sessions))
					}
				}
				two.HangUp()
				one.ended(Hangup, time.Second)
			})
		})
	}
}

func TestGlareWithADirectoryThatAnswersLate(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		one := ada.dialBy("bob", func(ctx context.Context) (Target, error) {
			sleep(ctx, 2*time.Second)
			return ada.at(bob.host)(ctx)
		})
		two := bob.dial(ada.host, "ada")
		one.state(InCall, 3*time.Second)
		two.state(InCall, 3*time.Second)
	})
}
