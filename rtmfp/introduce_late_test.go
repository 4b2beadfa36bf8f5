package rtmfp

import (
	"bytes"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// lateGuide keeps what it is asked for.
type lateGuide chan *LateIntroduction

func (g lateGuide) Introduce(_ []byte, _ netip.AddrPort) (Introduction, bool) {
	return Introduction{Later: func(l *LateIntroduction) {
		select {
		case g <- l:
		default:
		}
	}}, true
}

// An introducer that has to ask somebody else redirects later, once, and not too late.
func TestLateIntroduction(t *testing.T) {
	for _, c := range []struct {
		name  string
		after time.Duration
		close bool
		list  []Address
		sent  bool
	}{
		{"at once", 0, false, []Address{{addrB, OriginObserved}}, true},
		{"after a moment", lateIntroduction - time.Second, false, []Address{{addrB, OriginObserved}}, true},
		{"too late", lateIntroduction + time.Second, false, []Address{{addrB, OriginObserved}}, false},
		{"to nowhere", 0, false, nil, false},
		{"after the endpoint's end", 0, true, []Address{{addrB, OriginObserved}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
				asked := make(lateGuide, 1)
				server, a, b := w.node("server", addrC, func(cfg *Config) { cfg.Introducer = asked }), w.node("a", addrA), w.node("b", addrB)
				dialed := make(chan error, 1)
				go func() {
					_, err := a.Dial(w.ctx(5*time.Second), b.profile.epd(), addrC)
					dialed <- err
				}()
				l := <-asked
				if l.From() != addrA || len(l.Tag()) != tagSize {
					t.Errorf("from %v, tag %x", l.From(), l.Tag())
				}
				time.Sleep(c.after)
				if c.close {
					_ = server.Close()
				}
				if sent := l.Redirect(c.list); sent != c.sent {
					t.Errorf("sent: %v", sent)
				}
				if l.Redirect(c.list) {
					t.Error("sent twice")
				}
				if err := <-dialed; (err == nil) != c.sent {
					t.Errorf("dialling: %v", err)
				}
			})
		})
	}
}

// What goes to an address that has proved nothing is no more than three times as long as what came from it, but for few.
func TestLateIntroductionsDoNotAmplify(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		asked := make(lateGuide, 1)
		server := w.node("server", addrC, func(cfg *Config) { cfg.Introducer = asked })
		long := make([]Address, maxCandidates)
		for i := range long {
			long[i] = Address{netip.AddrPortFrom(netip.MustParseAddr("2001:db8::1"), uint16(1000+i)), OriginReported}
		}
		sent := 0
		for range 2 * shortHelloBurst {
			server.mu.Lock()
			server.introduce(ihello{epd: []byte("x"), tag: bytes.Repeat([]byte{1}, tagSize)}, addrA, 40, time.Now())
			server.mu.Unlock()
			if (<-asked).Redirect(long) {
				sent++
			}
		}
		if sent != shortHelloBurst {
			t.Errorf("%d long answers to short questions", sent)
		}
	})
}
