package rtmfp

import (
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// A path that was down comes back to life within the keep-alive period, however long the timeouts of what was sent meanwhile have
// grown; where nobody asks for a short one they may grow to the RFC's 10 s.
func TestAHealedPathIsFoundAgain(t *testing.T) {
	for _, c := range []struct {
		name            string
		keepalive, down time.Duration
		within          time.Duration
	}{
		{"a call's session, 5 s", 2 * time.Second, 5 * time.Second, 2500 * time.Millisecond},
		{"a call's session, 27 s", 2 * time.Second, 27 * time.Second, 2500 * time.Millisecond},
		{"any session, 25 s", defaultKeepalive, 25 * time.Second, maxERTO + time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, vnet.Link{Latency: 20 * time.Millisecond})
				a, b := w.node("a", addrA), w.node("b", addrB)
				near, far := w.connect(a, b)
				for _, s := range []*Session{near, far} {
					s.SetKeepalive(c.keepalive)
					s.SetTimeout(40 * time.Second)
				}
				f, r := w.flow(near, far, FlowOptions{})
				back, br := w.flow(far, near, FlowOptions{})
				w.net.SetFilter(func(vnet.Packet) bool { return false })
				w.write(f, "there")
				w.write(back, "and back")
				time.Sleep(c.down)
				w.net.SetFilter(nil)
				healed := time.Now()
				w.read(r, "there")
				w.read(br, "and back")
				if d := time.Since(healed); d > c.within {
					t.Errorf("what waited came %v after the path had healed", d)
				}
			})
		})
	}
}
