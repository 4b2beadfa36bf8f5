package rendezvous

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"sundog.dev/sundog/internal/source"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
)

// fill makes the service believe that there are so many sessions.
func (w world) fill(all int, from string, ofSource int) {
	w.service.mu.Lock()
	defer w.service.mu.Unlock()
	w.service.sessions += all
	w.service.bySource[source.Of(netip.MustParseAddr(from))] += ofSource
}

func TestSessionsBeyondTheLimitsAreClosed(t *testing.T) {
	for name, tt := range map[string]struct {
		all, ofSource int
		from          string
		refused       bool
	}{
		"the last of all":               {maxSessions - 1, 0, "198.51.100.1", false},
		"one more":                      {maxSessions, 0, "198.51.100.1", true},
		"the last of a source":          {0, maxSessionsPerSource - 1, "198.51.100.1", false},
		"one more of it":                {0, maxSessionsPerSource, "198.51.100.1", true},
		"many of another source":        {0, maxSessionsPerSource, "198.51.100.2", false},
		"another address of its subnet": {0, maxSessionsPerSource, "2001:db8::2", false},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w world) {
				w.fill(tt.all, tt.from, tt.ofSource)
				p := w.phone("198.51.100.1:5000")
				if got := p.ended(5 * time.Second); got != tt.refused {
					t.Errorf("refused: %v", got)
				}
				if s := w.service.Stats(); (s.Refused == 1) != tt.refused || (s.Accepted == 1) == tt.refused {
					t.Errorf("stats %+v", s)
				}
			})
		})
	}
}

func TestControlFlowsOfAClientAreBounded(t *testing.T) {
	inWorld(t, func(w world) {
		p := w.connected("198.51.100.1:5000")
		rejected := 0
		for range 2 * maxControlFlows {
			flow, err := p.session.OpenFlow(flash.AppendMetadata(nil, 0, false), rtmfp.FlowOptions{ReturnOf: p.reply})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := flow.Write(context.Background(), []byte{20, 0, 0, 0, 0}, rtmfp.MessageOptions{}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			var exception *rtmfp.FlowException
			if errors.As(flow.Err(), &exception) {
				rejected++
			}
		}
		if want := maxControlFlows + 1; rejected != want {
			t.Errorf("%d of %d further flows are rejected, want %d", rejected, 2*maxControlFlows, want)
		}
	})
}

// Nobody is made to answer more initiators than so many, however many addresses those have.
func TestIntroductionsToOneClientAreLimited(t *testing.T) {
	inWorld(t, func(w world) {
		bob := w.connected("198.51.100.2:5000")
		ask := func(n int) (answered int) {
			for i := range n {
				from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 1}), 5000)
				if _, ok := (introducer{w.service}).Introduce(bob.id.EPD(), from); ok {
					answered++
				}
			}
			return answered
		}
		if n := ask(3 * forwardBurst); n != forwardBurst {
			t.Errorf("%d at once, want %d", n, forwardBurst)
		}
		time.Sleep(time.Second)
		if n := ask(3 * forwardBurst); n != forwardRate {
			t.Errorf("%d a second later, want %d", n, forwardRate)
		}
	})
}

// Whoever is refused and does not go is sent away.
func TestRefusedClientsDoNotStay(t *testing.T) {
	inWorld(t, func(w world) {
		p := w.phone("198.51.100.1:5000")
		p.open()
		p.send(flash.Command{Name: "connect", Transaction: 1, Object: amf.Object{{Name: "app", Value: AppConnectivityCheck}}})
		if p.ended(lastWordsWait / 2) {
			t.Error("closed before it could have heard why")
		}
		if !p.ended(lastWordsWait) {
			t.Error("it stays")
		}
	})
}

func TestASourceMayCheckAgainAfterAWhile(t *testing.T) {
	k := newChecker(&Check{}, world{t: t}.identity())
	from, now := netip.MustParseAddr("198.51.100.1"), time.Now()
	for range checkBurst + 5 {
		if tag, _, ok := k.begin(from, now); ok {
			k.end(tag)
		}
	}
	if _, _, ok := k.begin(from, now); ok {
		t.Error("beyond the burst")
	}
	if _, _, ok := k.begin(from, now.Add(10*time.Second)); !ok {
		t.Error("not even after a while")
	}
}

// FuzzCommands has a connected client send anything, after which the service must still serve others.
func FuzzCommands(f *testing.F) {
	for _, c := range []flash.Command{
		{Name: "relay", Transaction: 1, Args: []amf.Value{"00", "invite", amf.Object{{Name: "a", Value: amf.Array{1, "x"}}}}},
		flash.SetPeerInfo([]string{"192.0.2.1:1", "[2001:db8::1]:2"}),
		{Name: "connect", Transaction: 2, Object: amf.Object{{Name: "app", Value: AppConnectivityCheck}}},
		{Name: "createStream", Transaction: 3},
	} {
		payload, err := flash.AppendCommand(nil, c)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(flash.AppendMessage(nil, flash.MessageCommand, 0, payload))
		f.Add(flash.AppendMessage(nil, flash.MessageCommandExtended, 0, append([]byte{0}, payload...)))
	}
	f.Add(flash.AppendMessage(nil, flash.MessageUserControl, 0, []byte{0, 34, 0, 0, 0, 1, 0, 0, 0, 2}))
	f.Fuzz(func(t *testing.T, message []byte) {
		inWorld(t, func(w world) {
			mallory := w.connected("198.51.100.66:5000")
			_, _ = mallory.flow.Write(context.Background(), message[:min(len(message), 2*maxCommand)], rtmfp.MessageOptions{})
			ann := w.connected("198.51.100.1:5000")
			ann.send(flash.Command{Name: "relay", Transaction: 9, Args: []amf.Value{ann.id.String(), "to myself"}})
			if got := ann.next(); got.Name != "onRelay" {
				t.Errorf("got %+v", got)
			}
		})
	})
}
