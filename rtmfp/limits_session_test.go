package rtmfp

import (
	"context"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// A session that is to be closed asks the far end a few times and then ends without it.
func TestCloseIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		near, _ := w.connect(a, b)
		time.Sleep(time.Second)
		sent := 0
		w.net.SetFilter(func(p vnet.Packet) bool {
			if p.From == addrA {
				sent++
			}
			return false
		})
		start := time.Now()
		_ = near.Close()
		<-near.Done()
		if d := time.Since(start); d < nearCloseWait || d > 3*nearCloseWait || sent < 4 || sent > 10 {
			t.Errorf("after %v and %d packets", d, sent)
		}
	})
}

// A reply that proves an address proves it for two minutes, and each Ping's reply counts once.
func TestMobilityRepliesExpire(t *testing.T) {
	for _, c := range []struct {
		name   string
		age    time.Duration
		from   netip.AddrPort
		repeat bool
		moves  bool
	}{
		{"fresh", time.Second, addrC, false, true},
		{"at the last moment", mobilityLifetime, addrC, false, true},
		{"too late", mobilityLifetime + time.Second, addrC, false, false},
		{"from yet another address", time.Second, addrA, false, false},
		{"from the future", -time.Second, addrC, false, false},
		{"again", time.Second, addrC, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, end := loneSession(t)
			defer end()
			s.e.mu.Lock()
			defer s.e.mu.Unlock()
			asked := s.e.epoch.Add(time.Minute)
			reply := s.mob.message(uint64(time.Minute), addrC)
			if c.repeat {
				s.receivePingReply(reply, addrC, asked)
				s.farAddr = addrB
			}
			s.receivePingReply(reply, c.from, asked.Add(c.age))
			if (s.farAddr == addrC) != c.moves {
				t.Errorf("the far end is at %v", s.farAddr)
			}
		})
	}
}

// Packets of a session from ever new addresses make us ping few of them.
func TestMobilityPingsAreFew(t *testing.T) {
	s, end := loneSession(t)
	defer end()
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	now := time.Now()
	sent := 0
	s.keys.Seal = &watcher{s.keys.Seal, func([]byte) { sent++ }}
	for i := range 1000 {
		s.checkMobility(netip.AddrPortFrom(addrC.Addr(), uint16(i+1)), now.Add(time.Duration(i)*10*time.Millisecond))
	}
	if want := mobilityPings + 10; sent < want-1 || sent > want+1 {
		t.Errorf("%d Pings in 10 s", sent)
	}
}

// The end of a stream costs a Ping; only if nobody answers, a few.
func TestSilencePingsAreFew(t *testing.T) {
	for _, dead := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
			a, b := w.node("a", addrA), w.node("b", addrB)
			near, far := w.connect(a, b)
			out, in := w.flow(near, far, FlowOptions{Priority: PriorityAudio})
			for range 100 {
				w.write(out, "sound")
				w.read(in, "sound")
				time.Sleep(10 * time.Millisecond)
			}
			sent := 0
			w.net.SetFilter(func(p vnet.Packet) bool {
				if p.From == addrB {
					sent++
				}
				return !dead
			})
			time.Sleep(8 * time.Second) // not yet the keep-alive's time
			w.net.SetFilter(nil)
			synctest.Wait()
			if want := 2; !dead && (sent == 0 || sent > want) { // with a last acknowledgement
				t.Errorf("%d packets after the stream's end", sent)
			}
			if dead && (sent < silencePings || sent > silencePings+5) { // pingAgain comes on top
				t.Errorf("%d packets into the void", sent)
			}
		})
	}
}

// Pings that are too long, or too many at once, are not answered.
func TestPingsThatAreNotAnswered(t *testing.T) {
	s, end := loneSession(t)
	defer end()
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	s.receivePing(make([]byte, maxPingMessage+1), s.farAddr, time.Now())
	if len(s.out.pingReplies) != 0 {
		t.Error("a long Ping is answered")
	}
	for range 3 * maxPendingReplies {
		s.receivePing(make([]byte, maxPingMessage), s.farAddr, time.Now())
	}
	if len(s.out.pingReplies) != maxPendingReplies {
		t.Errorf("%d replies", len(s.out.pingReplies))
	}
	now := time.Now()
	s.flush(now)
	if len(s.out.pingReplies) != 0 {
		t.Error("a reply fits no packet")
	}
}

// A flood of Pings is answered as far as it may cost, and a Ping behind it once more.
func TestAFloodOfPings(t *testing.T) {
	s, end := loneSession(t)
	defer end()
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	now, answered := time.Now(), 0
	ping := func(size int) {
		s.receivePing(make([]byte, size), s.farAddr, now)
		for _, r := range s.out.pingReplies {
			answered += len(r) + ackDatagram
		}
		s.out.pingReplies = nil
	}
	const seconds = 10
	for range seconds * 1000 {
		ping(0)
		ping(maxPingMessage)
		now = now.Add(time.Millisecond)
	}
	if most := pingBurst + seconds*pingRate; answered > most || answered < most*9/10 {
		t.Errorf("answers of %d bytes in %d s", answered, seconds)
	}
	now, answered = now.Add(time.Second), 0
	if ping(0); answered == 0 {
		t.Error("no answer a second later")
	}
}

// Acknowledgements of one packet that name a long queue again and again are not all looked at.
func TestRepeatedAcknowledgements(t *testing.T) {
	s, end := loneSession(t)
	defer end()
	f, err := s.OpenFlow(nil, FlowOptions{})
	if err != nil {
		t.Fatal(err)
	}
	const messages = 128
	for range messages {
		if _, err := f.Write(t.Context(), []byte("x"), MessageOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	received := func(from, to uint64) {
		s.receiveAck(&dataAck{flow: f.id, window: 1 << 20, ranges: []byte{byte(from - 2), byte(to - from)}})
	}
	for seq := range uint64(messages) {
		f.sentFragment(seq+1, f.queue.at(seq+1), 10, seq+1, time.Now())
	}
	s.cc.beginPacket()
	for range maxAckedNumbers / (messages - 2) {
		received(2, messages-1)
	}
	received(2, messages-1)
	received(messages, messages)
	if f.unacked != 2 {
		t.Errorf("%d fragments are not acknowledged, want the first and the last", f.unacked)
	}
	s.cc.beginPacket()
	received(messages, messages)
	if f.unacked != 1 {
		t.Errorf("%d fragments are not acknowledged after the next packet", f.unacked)
	}
}

func TestControlChunksAreBounded(t *testing.T) {
	s, end := loneSession(t)
	defer end()
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	for range 1000 {
		s.queueControl(make([]byte, 100))
	}
	if s.out.controlBytes > maxControlBytes || len(s.out.control) != maxControlBytes/100 {
		t.Errorf("%d chunks, %d bytes", len(s.out.control), s.out.controlBytes)
	}
}

// A control chunk or a Ping Reply that was fit for the path leaves also when the path has become narrower.
func TestControlOnANarrowerPath(t *testing.T) {
	s, end := loneSession(t)
	defer end()
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	longest := 0
	s.keys.Seal = &watcher{s.keys.Seal, func(plain []byte) { longest = max(longest, len(plain)) }}
	s.queueControl(make([]byte, basePacket-maxHeader))
	s.receivePing(make([]byte, maxPingMessage), s.farAddr, time.Now())
	s.path.refused(s, basePacket, time.Now())
	for range 3 {
		s.flush(time.Now())
	}
	if len(s.out.control)+len(s.out.pingReplies) != 0 {
		t.Error("it is stuck")
	}
	if s.path.limit != floorPacket || longest == 0 {
		t.Errorf("limit %d, packets of %d bytes", s.path.limit, longest)
	}
}

// A sending flow takes no more than its buffer, in bytes and in fragments.
func TestSendQueueIsBounded(t *testing.T) {
	for _, c := range []struct{ size, bytes, fragments int }{
		{1000, defaultSendBuffer, defaultSendBuffer/1000 + 1}, {1, maxSendFragments, maxSendFragments},
	} {
		s, end := loneSession(t)
		f, err := s.OpenFlow(nil, FlowOptions{})
		if err != nil {
			t.Fatal(err)
		}
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		for {
			if _, err := f.Write(ended, make([]byte, c.size), MessageOptions{}); err != nil {
				break
			}
			if f.Buffered() > 2*c.bytes {
				break
			}
		}
		s.e.mu.Lock()
		if f.buffered > c.bytes || f.queue.n > c.fragments {
			t.Errorf("%d bytes in %d fragments", f.buffered, f.queue.n)
		}
		s.e.mu.Unlock()
		end()
	}
}

// Flows that are rejected one after the other are remembered, and beyond a number new ones ignored.
func TestFlowStatesAreBounded(t *testing.T) {
	s, end := loneSession(t)
	defer end()
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	for id := range uint64(2 * maxRecvFlowStates) {
		s.receiveData(&userData{flow: id, seq: 1, control: fragmentWhole}, time.Now())
	}
	if len(s.recvFlows) != maxRecvFlowStates {
		t.Errorf("%d flows", len(s.recvFlows))
	}
}

func TestTimeoutsBackOff(t *testing.T) {
	var c clock
	c.init()
	last := c.erto
	for range 20 {
		c.backOff(defaultKeepalive)
		if c.erto < last || c.erto > maxERTO {
			t.Errorf("%v after %v", c.erto, last)
		}
		last = c.erto
	}
	if last != maxERTO {
		t.Errorf("%v in the end", last)
	}
	if c.measure(20 * time.Millisecond); c.erto != minERTO && c.erto != c.mrto {
		t.Errorf("%v when it has been measured", c.erto)
	}
}

func TestWindowHasABound(t *testing.T) {
	var c congestion
	c.init()
	now := time.Now()
	for range 100_000 {
		c.outstanding = c.window
		c.beginPacket()
		c.acked, c.anyAcks = c.window, true
		c.endPacket(now, time.Time{})
	}
	if c.window != maxWindow {
		t.Errorf("%d", c.window)
	}
}
