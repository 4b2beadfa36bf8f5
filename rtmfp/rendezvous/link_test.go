package rendezvous

import (
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

func TestUnknownPeersAreThrottledBeforeTheOthersAreAsked(t *testing.T) {
	inInstances(t, 2, Config{}, func(h *hub, w []world) {
		t, service := w[0].t, w[0].service
		ann := w[0].connected("198.51.100.1:5000")
		ask := func(from netip.AddrPort) bool {
			i, ok := (introducer{service}).Introduce(flashcrypto.Fingerprint{9, byte(from.Port())}.EPD(), from)
			if ok && i.Later == nil {
				t.Fatal("introduced")
			}
			return ok
		}
		n := 0
		for range 10 * introductionBurst {
			if ask(ap("203.0.113.7:1000")) {
				n++
			}
		}
		if n != introductionBurst {
			t.Errorf("one source asks %d times", n)
		}
		n = 0
		for i := range 20_000 { // from forged addresses
			if ask(netip.AddrPortFrom(netip.AddrFrom4([4]byte{100, byte(i >> 16), byte(i >> 8), byte(i)}), 1000)) {
				n++
			}
		}
		if n > strangerAskBurst {
			t.Errorf("strangers ask %d times", n)
		}
		if !ask(ap("198.51.100.1:5000")) {
			t.Error("a client is not heard for strangers")
		}
		bob := w[1].connected("198.51.100.2:5000")
		if _, err := ann.dial(bob.id); err != nil {
			t.Errorf("a client's introduction: %v", err)
		}
		if n := h.count(kindAsk); n > 5 {
			t.Errorf("the others were asked %d times", n)
		}
	})
}

func TestRelayIsThrottledBeforeTheOthersAreAsked(t *testing.T) {
	inInstances(t, 2, Config{}, func(h *hub, w []world) {
		service := w[0].service
		ann := w[0].connected("198.51.100.1:5000")
		c := service.find(ann.id)
		for range 10 * relayAwayBurst {
			_ = c.command(flash.Command{Name: "relay", Args: []amf.Value{strings.Repeat("ab", 32), "invite", "Ann"}}, []byte("x"))
		}
		time.Sleep(time.Second)
		if n := h.count(kindSeek); n != relayAwayBurst {
			w[0].t.Errorf("the others were asked %d times", n)
		}
	})
}

func TestWithoutTheClusterThoseWhoAreHereMeet(t *testing.T) {
	for name, fails := range map[string]func(*hub){
		"it refuses":        func(h *hub) { h.down = true },
		"it loses messages": func(h *hub) { h.lossy = true },
	} {
		t.Run(name, func(t *testing.T) {
			inInstances(t, 2, Config{}, func(h *hub, w []world) {
				t := w[0].t
				ann, bob, carol := w[0].connected("198.51.100.1:5000"), w[0].connected("198.51.100.2:5000"), w[1].connected("198.51.100.3:5000")
				h.set(fails)
				if _, err := ann.dial(bob.id); err != nil {
					t.Errorf("an introduction here: %v", err)
				}
				ann.send(flash.Command{Name: "relay", Transaction: 5, Args: []amf.Value{bob.id.String(), "invite", "Ann"}})
				if got := bob.next(); got.Name != "onRelay" {
					t.Errorf("relay here: %+v", got)
				}
				if got := ann.next(); got.Name != flash.CommandResult {
					t.Errorf("relay here: %+v", got)
				}
				ann.send(flash.Command{Name: "relay", Transaction: 6, Args: []amf.Value{carol.id.String(), "invite", "Ann"}})
				if got := ann.next(); got.Name != flash.CommandError || got.Transaction != 6 {
					t.Errorf("relay to elsewhere: %+v", got)
				}
				dialed := make(chan error, 1)
				go func() { _, err := ann.dial(carol.id); dialed <- err }()
				time.Sleep(3 * time.Second)
				h.set(func(h *hub) { h.down, h.lossy = false, false })
				if err := <-dialed; err != nil { // it asks again
					t.Errorf("an introduction when the cluster is there again: %v", err)
				}
			})
		})
	}
}

func TestLateAnswersAreDropped(t *testing.T) {
	inInstances(t, 2, Config{}, func(h *hub, w []world) {
		t := w[0].t
		ann, bob := w[0].connected("198.51.100.1:5000"), w[1].connected("198.51.100.2:5000")
		h.set(func(h *hub) { h.latency = questionTimeout })
		if _, err := ann.dial(bob.id); err != nil { // bob was told, and answers
			t.Error(err)
		}
		time.Sleep(time.Minute)
		s := w[0].service.Stats()
		if s.ClusterLate == 0 || s.Found != 0 {
			t.Errorf("%+v", s)
		}
		w[0].service.link.mu.Lock()
		defer w[0].service.link.mu.Unlock()
		if n := len(w[0].service.link.pending); n != 0 {
			t.Errorf("%d questions still wait", n)
		}
	})
}

func TestQuestionsAreBounded(t *testing.T) {
	inInstances(t, 2, Config{}, func(_ *hub, w []world) {
		t, l := w[0].t, w[0].service.link
		var given atomic.Int32
		answer := func(m *clusterMessage) {
			if m == nil {
				given.Add(1)
			}
		}
		asked := 0
		for range 2 * maxQuestions {
			if l.question(instanceID{}, clusterMessage{kind: kindSeek}, 0, answer) == nil {
				asked++
			}
		}
		if asked != maxQuestions {
			t.Errorf("%d questions wait", asked)
		}
		time.Sleep(questionTimeout + time.Second)
		if n := int(given.Load()); n != asked {
			t.Errorf("%d of %d were given up", n, asked)
		}
		for asked = 0; l.question(instanceID{}, clusterMessage{kind: kindSeek}, maxCommand, answer) == nil; asked++ {
		}
		if asked != maxWaitingBytes/maxCommand {
			t.Errorf("%d relay commands wait", asked)
		}
	})
}

func TestAServiceThatCannotJoinIsNotStarted(t *testing.T) {
	inWorld(t, func(w world) {
		conn, err := w.net.Listen(ap("192.0.2.9:1935"))
		if err != nil {
			w.t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if s, err := New(conn, Config{Cluster: &hub{down: true}}); err == nil {
			_ = s.Close()
			w.t.Error("started")
		}
	})
}
