package rtmfp

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// eventLines is a writer that keeps the lines of an event log.
type eventLines struct {
	mu    sync.Mutex
	lines []string
	stop  chan struct{} // Write waits until it is closed, if it is there
}

func (l *eventLines) Write(b []byte) (int, error) {
	if l.stop != nil {
		<-l.stop
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, string(b))
	return len(b), nil
}

func (l *eventLines) events(t *testing.T) (out []Event) {
	t.Helper()
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.lines {
		var ev Event
		if err := json.Unmarshal([]byte(line), &ev); err != nil || line[len(line)-1] != '\n' || ev.Time.IsZero() {
			t.Fatalf("no event: %q (%v)", line, err)
		}
		out = append(out, ev)
	}
	return out
}

// story is the log in short: kinds with what distinguishes them.
func story(events []Event) (out []string) {
	for _, ev := range events {
		s := string(ev.Kind)
		for _, detail := range []string{string(ev.Direction), ev.Reason, ev.Limit} {
			if detail != "" {
				s += " " + detail
			}
		}
		out = append(out, s)
	}
	return out
}

func logged(l *eventLines) func(*Config) { return func(c *Config) { c.Events = l } }

func TestEventsTellAnIntroducedSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		var atA, atB, atServer eventLines
		g := &guide{}
		server := w.node("server", addrC, logged(&atServer), func(cfg *Config) { cfg.Introducer = g })
		a, b := w.node("a", addrA, logged(&atA)), w.node("b", addrB, logged(&atB))
		leg, err := b.Dial(w.ctx(10*time.Second), []byte("Aserver"), addrC)
		if err != nil {
			t.Fatal(err)
		}
		leg.SetAcceptForwarded(true)
		if g.target, err = server.Accept(w.ctx(time.Second)); err != nil {
			t.Fatal(err)
		}
		near, err := a.Dial(w.ctx(20*time.Second), b.profile.epd(), addrC)
		if err != nil {
			t.Fatal(err)
		}
		far, err := b.Accept(w.ctx(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		f, _ := w.flow(near, far, FlowOptions{})
		_ = f.Close()
		<-f.Done()
		rejected, r := w.flow(near, far, FlowOptions{})
		r.Reject(7)
		<-rejected.Done()
		_ = near.Close()
		<-near.Done()
		<-far.Done()

		if got, want := story(atA.events(t)), []string{
			"endpoint_started",
			"opening_started",
			"ihello_sent",
			"redirect_received",
			"ihello_sent",
			"rhello_received",
			"iikeying_sent",
			"session_up",
			"opening_ended",
			"flow_opened out",
			"ecn confirmed",
			"flow_ended out rtmfp: closed",
			"flow_opened out",
			"flow_rejected out the far end rejected it",
			"flow_ended out rtmfp: the far end rejected the flow (exception 7)",
			"session_closed the near end closed",
		}; !slices.Equal(got, want) {
			t.Errorf("at the initiator:\n%s", strings.Join(got, "\n"))
		}
		fromLeg := atB.events(t)
		first := slices.IndexFunc(fromLeg, func(ev Event) bool { return ev.Kind == EventFIHelloReceived })
		if got, want := story(fromLeg[first:]), []string{
			"fihello_received",
			"rhello_sent", // to the redirected IHello
			"rikeying_sent",
			"session_up",
			"flow_opened in",
			"flow_ended in rtmfp: closed",
			"flow_opened in",
			"flow_rejected in the user rejected it",
			"session_closed the far end closed",
		}; !slices.Equal(got, want) {
			t.Errorf("at the responder:\n%s", strings.Join(got, "\n"))
		}
		if got, want := story(atServer.events(t)), []string{
			"endpoint_started", "rhello_sent", "rikeying_sent", "session_up", "redirect_sent", "fihello_sent",
		}; !slices.Equal(got, want) {
			t.Errorf("at the introducer:\n%s", strings.Join(got, "\n"))
		}

		// The opening has one name in all three logs, and the session one peer.
		var names []string
		for _, ev := range slices.Concat(atA.events(t), fromLeg[first:], atServer.events(t)[4:]) {
			if ev.Opening != "" && !slices.Contains(names, ev.Opening) {
				names = append(names, ev.Opening)
			}
			if ev.Kind == EventSessionUp && ev.Session == near.nearID && ev.Peer != hex.EncodeToString(fingerprint(b)) {
				t.Errorf("the peer is %s", ev.Peer)
			}
			if ev.Kind == EventRedirectReceived && (ev.Addr != addrC || !slices.Equal(ev.Addrs, []netip.AddrPort{addrB})) {
				t.Errorf("redirected by %v to %v", ev.Addr, ev.Addrs)
			}
			if ev.Kind == EventFlowOpened && ev.Metadata != len("test") {
				t.Errorf("%d bytes of metadata", ev.Metadata)
			}
		}
		if len(names) != 1 {
			t.Errorf("the opening has the names %v", names)
		}
	})
}

func fingerprint(n *node) []byte {
	f := testCertificate(n.profile.certificate).Fingerprint()
	return f[:]
}

func TestEventsOfABadPath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 20 * time.Millisecond, Loss: 0.05})
		var lines eventLines
		a, b := w.node("a", addrA, logged(&lines)), w.node("b", addrB)
		near, far := w.connect(a, b)
		f, r := w.flow(near, far, FlowOptions{})
		go func() {
			for {
				if _, err := r.Read(w.ctx(time.Hour)); err != nil {
					return
				}
			}
		}()
		packets := near.Stats().PacketsSent
		for range 25 { // seconds
			for range 40 {
				w.write(f, strings.Repeat("x", 1000))
			}
			time.Sleep(time.Second)
		}
		before := len(lines.events(t))
		packets = near.Stats().PacketsSent - packets
		w.net.SetDefaultLink(vnet.Link{Loss: 1})
		w.write(f, "nobody hears")
		<-near.Done()

		events := lines.events(t)
		var congestion, timeouts, summaries int
		for _, ev := range events {
			switch ev.Kind {
			case EventCongestion:
				congestion++
				if ev.Path == nil || ev.Path.Window == 0 || ev.Path.RTT < 40 {
					t.Errorf("the path is %+v", ev.Path)
				}
				if ev.Reason == "timeout" {
					timeouts++
				}
			case EventSummary:
				summaries++
			}
		}
		if congestion < 5 || timeouts == 0 || summaries < 2 {
			t.Errorf("%d congestion events, %d of them time-outs, and %d summaries", congestion, timeouts, summaries)
		}
		if uint64(before)*10 > packets {
			t.Errorf("%d events for %d packets: there must be none for each", before, packets)
		}
		last := events[len(events)-1]
		if last.Kind != EventSessionClosed || last.Reason != ErrTimeout.Error() || last.Path.PacketsLost == 0 || last.AgeMS < 25_000 {
			t.Errorf("it ended with %+v", last)
		}
	})
}

// What becomes of a path in use shows: longer packets, a higher rate, and each only when it changes.
func TestEventsOfAPathInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond, Rate: 1_250_000})
		var lines eventLines
		conn, err := w.net.Listen(addrA)
		if err != nil {
			t.Fatal(err)
		}
		a, b := w.nodeOn("a", unfragmented{Conn: conn}, logged(&lines)), w.node("b", addrB)
		near, far := w.connect(a, b)
		f, r := w.flow(near, far, FlowOptions{Priority: PriorityBulk})
		for range 200 {
			w.write(f, strings.Repeat("x", 50_000))
			w.read(r, strings.Repeat("x", 50_000))
		}
		counts := map[EventKind]int{}
		var last PathEvent
		for _, ev := range lines.events(t) {
			counts[ev.Kind]++
			if ev.Path != nil {
				last = *ev.Path
			}
		}
		if n := counts[EventPathMTU]; n < 1 || n > 5 || last.MTU < 1400 {
			t.Errorf("%d changes of the path MTU, now %d", n, last.MTU)
		}
		if n := counts[EventECN]; n != 1 {
			t.Errorf("%d times something was said of ECN", n)
		}
		if n := counts[EventRate]; n < 1 || n > 10 || last.Rate < 2_000_000 {
			t.Errorf("%d changes of the rate, now %d bit/s", n, last.Rate)
		}
	})
}

func TestEventsNameTheLimitThatWasMet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		var lines eventLines
		a, b := w.node("a", addrA), w.node("b", addrB, logged(&lines))
		near, _ := w.connect(a, b)
		for range maxRecvFlows + 20 {
			f, err := near.OpenFlow(nil, FlowOptions{})
			if err != nil {
				t.Fatal(err)
			}
			w.write(f, "hello")
		}
		time.Sleep(2 * time.Second)
		f, err := near.OpenFlow(nil, FlowOptions{})
		if err != nil {
			t.Fatal(err)
		}
		w.write(f, "hello")
		time.Sleep(time.Second)
		var limits []Event
		for _, ev := range lines.events(t) {
			if ev.Kind == EventLimit {
				limits = append(limits, ev)
			}
		}
		if len(limits) != 2 || limits[0].Limit != "maxRecvFlows" || limits[0].Count != 1 || limits[1].Count != 20 || limits[0].Session == 0 {
			t.Errorf("limits: %+v", limits)
		}
	})
}

// A flood of what strangers can cause is neither written whole nor kept secret.
func TestEventsOfAFloodAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		var lines eventLines
		b := w.node("b", addrB, logged(&lines))
		flood, err := w.net.Listen(addrA)
		if err != nil {
			t.Fatal(err)
		}
		hello := appendIHello(appendHeader(nil, header{flags: modeStartup}), ihello{[]byte("Fnobody"), make([]byte, 16)})
		for range 100 {
			for range 20 {
				_, _ = flood.WriteToUDPAddrPort(sealDatagram(nil, 0, b.profile.DefaultCipher(), hello), addrB)
			}
			synctest.Wait()
		}
		time.Sleep(time.Second)
		_, _ = flood.WriteToUDPAddrPort(sealDatagram(nil, 0, b.profile.DefaultCipher(), hello), addrB)
		synctest.Wait()
		events := lines.events(t)
		if n := len(events); n > strangerEventBurst+10 {
			t.Errorf("%d events for 2000 packets of a stranger", n)
		}
		dropped := uint64(0)
		for _, ev := range events {
			if ev.Kind == EventDropped {
				dropped += ev.Count
			}
		}
		if want := uint64(2000 - strangerEventBurst); dropped != want {
			t.Errorf("%d events are said to have been dropped, want %d", dropped, want)
		}
	})
}

func TestSlowEventWriterHoldsNothingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		lines := eventLines{stop: make(chan struct{})}
		a, b := w.node("a", addrA, logged(&lines)), w.node("b", addrB)
		near, far := w.connect(a, b)
		f, _ := w.flow(near, far, FlowOptions{})
		for range 2 * eventQueue {
			g, err := near.OpenFlow(nil, FlowOptions{})
			if err != nil {
				t.Fatal(err)
			}
			_ = g.Close()
		}
		w.write(f, "still there")
		close(lines.stop)
		synctest.Wait()
		if _, err := near.OpenFlow(nil, FlowOptions{}); err != nil {
			t.Fatal(err)
		}
		dropped := uint64(0)
		for _, ev := range lines.events(t) {
			if ev.Kind == EventDropped {
				dropped += ev.Count
			}
		}
		if dropped < eventQueue {
			t.Errorf("%d of %d events are said to have been dropped", dropped, 4*eventQueue)
		}
		w.write(f, "and there")
	})
}

// What is secret, or somebody's, stays out of the log.
func TestEventsHoldNoSecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		var lines eventLines
		a, b := w.node("a", addrA, logged(&lines)), w.node("b", addrB, logged(&lines))
		near, far := w.connect(a, b)
		f, r := w.flow(near, far, FlowOptions{})
		w.write(f, "the secret message")
		w.read(r, "the secret message")
		_ = near.Close()
		<-far.Done()
		synctest.Wait()
		all := strings.Join(lines.lines, "")
		for _, secret := range [][]byte{
			near.keys.NearNonce, near.keys.FarNonce, far.answer.keying[:], a.profile.key.Bytes(), []byte("the secret message"),
		} {
			if strings.Contains(all, string(secret)) || strings.Contains(all, hex.EncodeToString(secret[:8])) {
				t.Errorf("the log has %x", secret)
			}
		}
	})
}

// Off, the log's hooks do nothing at all.
func TestNoEventsNoCost(t *testing.T) {
	var l *eventLog
	var x *sessionLog
	if newEventLog(nil) != nil || l.session(nil) != nil {
		t.Fatal("there is a log without a writer")
	}
	now := time.Now()
	if n := testing.AllocsPerRun(100, func() {
		l.limit("maxOpenings", Event{}, now)
		l.answer(EventRHelloSent, nil, addrA, "", now)
		l.opening(nil, Event{Kind: EventIHelloSent, Addr: addrA, Attempt: 1}, now)
		x.loss(now)
		x.timeout(now)
		x.addressChanged(addrA, addrB, now)
		x.flowOpened(1, DirectionOut, 0, 0, now)
		x.closed("", now)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestEventTable(t *testing.T) {
	// Every member that an event can have survives being written and read.
	ev := Event{
		Time: time.Unix(1, 0).UTC(), Kind: EventCongestion, Opening: "0011223344556677", Session: 1, Other: 2, Peer: "ab", EPD: "cd",
		Addr: addrA, From: addrB, Addrs: []netip.AddrPort{addrC}, Attempt: 3, Initiator: true, Reason: "r", Limit: "l", Count: 4,
		AgeMS: 5, Flow: 6, Direction: DirectionIn, Metadata: 7, ReturnOf: 8, Code: 9,
		Protection: &Protection{Group: 31, HMACSent: 16, HMACReceived: 10, SSEQSent: true},
		Path:       &PathEvent{RTT: 1.5, Window: 1},
	}
	b, err := json.Marshal(ev)
	if err != nil {
		t.Fatal(err)
	}
	var back Event
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(back)
	if err != nil || !bytes.Equal(b, again) {
		t.Errorf("%s became %s (%v)", b, again, err)
	}
}

// Whatever strangers put into what they send, an event stays one line of JSON, and bounded.
func FuzzEventOfStrangers(f *testing.F) {
	f.Add([]byte("Fnobody"), []byte("tag"), "reason")
	f.Add([]byte("\xff\n\"}"), bytes.Repeat([]byte{0}, maxTag), "line\nbreak \xff\u2028")
	f.Fuzz(func(t *testing.T, epd, tag []byte, reason string) {
		var lines eventLines
		l := newEventLog(&lines)
		now := time.Unix(1000, 0)
		o := &opening{e: &Endpoint{crypto: newTestProfile("x")}, epd: epd}
		l.openingStarted(o, now)
		l.answer(EventIHelloRefused, tag, addrA, reason, now)
		l.close()
		if len(lines.lines) != 2 {
			t.Fatalf("%d lines", len(lines.lines))
		}
		for _, line := range lines.lines {
			var ev Event
			if err := json.Unmarshal([]byte(line), &ev); err != nil || strings.Count(line, "\n") != 1 {
				t.Errorf("%q: %v", line, err)
			}
			if len(line) > 300+6*len(reason)+2*len(epd) {
				t.Errorf("%d bytes", len(line))
			}
		}
	})
}
