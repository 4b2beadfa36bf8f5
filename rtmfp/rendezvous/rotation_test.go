package rendezvous

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

func TestWhereTheTargetAnswersTurns(t *testing.T) {
	reported := []netip.AddrPort{
		ap("10.0.0.5:5000"), ap("203.0.113.1:5000"), ap("203.0.113.1:20000"), ap("198.51.100.77:53"), ap("[fd00::5]:5000"),
	}
	for name, tt := range map[string]struct {
		from, target string
		known        bool
		want         []string
	}{
		"to a stranger, always the same":                {"203.0.113.1:20000", "198.51.100.1:5000", false, []string{"203.0.113.1:20000"}},
		"to a client, its own in turn, but no victim's": {"203.0.113.1:20000", "198.51.100.1:5000", true, []string{"203.0.113.1:20000", "10.0.0.5:5000", "203.0.113.1:5000", "[fd00::5]:5000"}},
		"behind one NAT, the inner ones first":          {"203.0.113.1:20000", "203.0.113.1:20001", true, []string{"10.0.0.5:5000", "203.0.113.1:5000", "[fd00::5]:5000", "203.0.113.1:20000"}},
		"from this host, as others know it":             {"127.0.0.1:5000", "198.51.100.1:5000", false, []string{"192.0.2.9:5000"}},
		"from this host to this host":                   {"127.0.0.1:5000", "127.0.0.1:6000", false, []string{"127.0.0.1:5000"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &Service{cfg: Config{Advertise: netip.MustParseAddr("192.0.2.9")}, byAddr: map[netip.AddrPort]*client{}}
			if tt.known {
				s.byAddr[ap(tt.from)] = &client{reported: reported}
			}
			target := &client{id: flashcrypto.Fingerprint{1}, observed: ap(tt.target)}
			var got []string
			for range 2 * len(tt.want) {
				got = append(got, s.initiator(target.id, ap(tt.from), time.Unix(1000, 0)).replyTo(target.observed.Addr()).String())
			}
			if want := slices.Concat(tt.want, tt.want); !slices.Equal(got, want) {
				t.Errorf("%v, want %v", got, want)
			}
		})
	}
}

func TestRequestsAreRememberedForAnOpeningAndBounded(t *testing.T) {
	var c client
	now := time.Unix(1000, 0)
	bob := flashcrypto.Fingerprint{1}
	if a, b := c.asksFor(bob, now), c.asksFor(bob, now.Add(time.Second)); a != 0 || b != 1 {
		t.Errorf("asked %d and %d times before", a, b)
	}
	if n := c.asksFor(bob, now.Add(rotationPeriod+time.Second)); n != 0 {
		t.Errorf("a new opening asks for the time %d", n)
	}
	for i := range 10 * maxAsked {
		c.asksFor(flashcrypto.Fingerprint{2, byte(i)}, now.Add(100*time.Second))
	}
	if len(c.asked) > maxAsked {
		t.Errorf("%d are remembered", len(c.asked))
	}
	c.asksFor(flashcrypto.Fingerprint{3}, now.Add(300*time.Second))
	if len(c.asked) != 1 {
		t.Errorf("%d are remembered after a while", len(c.asked))
	}
}

// The address at which a client can be found goes with it, and moves when it tells its addresses from elsewhere.
func TestClientsAreFoundByAddress(t *testing.T) {
	inWorld(t, func(w world) {
		ann := w.connected("198.51.100.1:5000")
		found := func() (n int) {
			w.service.mu.Lock()
			defer w.service.mu.Unlock()
			return len(w.service.byAddr)
		}
		ann.send(flash.SetPeerInfo(nil))
		ann.nextUserControl()
		if n := found(); n != 1 {
			t.Errorf("%d addresses for one client", n)
		}
		_ = ann.session.Close()
		time.Sleep(time.Minute)
		if n := found(); n != 0 {
			t.Errorf("%d addresses for nobody", n)
		}
	})
}
