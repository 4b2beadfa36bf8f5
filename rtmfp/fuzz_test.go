package rtmfp

import (
	"bytes"
	"math/rand/v2"
	"net"
	"net/netip"
	"testing"
	"time"
)

// seedPackets are plain packets as the package makes them.
func seedPackets() [][]byte {
	sign := func([]byte) []byte { return []byte{'X'} }
	start := []byte{modeStartup}
	set := sequenceSet{cumulative: 5, beyond: []seqRange{{8, 9}}}
	ack, _ := appendAck([]byte{modeInitiator}, 100, 1, 64, &set, false)
	data := appendUserData([]byte{modeInitiator}, &dataHeader{flow: 1, seq: 2, fsn: 1, options: unhex("02 00 41 00")}, []byte("data"))
	data = appendUserData(data, &dataHeader{next: true, control: fragmentBegin}, []byte("more"))
	return [][]byte{
		appendIHello(start, ihello{[]byte("Fepd"), make([]byte, tagSize)}),
		appendRHello(start, rhello{make([]byte, tagSize), make([]byte, cookieSize), []byte("cert")}),
		appendRedirect(start, redirect{make([]byte, tagSize), []Address{{addrA, OriginObserved}}}),
		appendIIKeying(start, iikeying{1, make([]byte, cookieSize), []byte("cert"), []byte("skic"), nil, nil}, sign),
		appendRIKeying(start, rikeying{sessionID: 2, component: []byte("skrc")}, []byte("skic"), sign),
		appendCookieChange(start, cookieChange{[]byte("old"), []byte("new")}),
		appendFIHello([]byte{modeInitiator}, fihello{[]byte("Fepd"), addrB, []byte("tag")}),
		ack, data,
		appendPacketFragment([]byte{modeInitiator}, packetFragment{packet: 1, data: data}),
		appendPacketFragment(appendPacketFragment([]byte{modeInitiator}, packetFragment{packet: 1, more: true, data: data[:5]}),
			packetFragment{packet: 1, index: 1, data: data[5:]}),
		appendPacketFragment(start, packetFragment{packet: 1, data: appendIHello(start, ihello{[]byte("Fepd"), make([]byte, tagSize)})}),
		appendChunk(appendChunk([]byte{modeInitiator}, chunkPadding, make([]byte, 9)), chunkPing, probeMessage(probeLong, 1)),
		appendChunk([]byte{modeInitiator}, chunkPingReply, probeMessage(probeShort, 1)),
		append([]byte{modeInitiator}, unhex("50 00 05 05 7f 10 79 06 01 00 02 aa bb 18 00 01 01 5e 00 02 01 05")...),
	}
}

// FuzzPacket: no plain packet upsets the parsers, and what is parsed lies within it.
func FuzzPacket(f *testing.F) {
	for _, p := range seedPackets() {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		_, chunks, err := parseHeader(b)
		if err != nil {
			return
		}
		var prev userData
		for {
			typ, p, rest, ok := nextChunk(chunks)
			if !ok {
				return
			}
			if len(p)+chunkHeaderSize+len(rest) != len(chunks) {
				t.Fatal("a chunk of the wrong size")
			}
			chunks = rest
			for _, parse := range []func() error{
				func() error { _, err := parseIHello(p); return err },
				func() error { _, err := parseFIHello(p); return err },
				func() error { _, err := parseRHello(p); return err },
				func() error { _, err := parseRedirect(p); return err },
				func() error { _, err := parseIIKeying(p); return err },
				func() error { _, err := parseRIKeying(p); return err },
				func() error { _, err := parseCookieChange(p); return err },
				func() error { _, err := parsePacketFragment(p); return err },
				func() error { _, err := parseBufferProbe(p); return err },
				func() error { _, _, err := parseFlowException(p); return err },
			} {
				_ = parse()
			}
			for _, bitmap := range []bool{true, false} {
				if c, err := parseAck(p, bitmap); err == nil {
					last := c.cumulative
					c.eachRange(func(r seqRange) {
						if r.from <= last || r.to < r.from {
							t.Fatalf("ranges go back: %v after %d", r, last)
						}
						last = r.to
					})
				}
			}
			var c userData
			if typ == chunkNextUserData {
				c, err = parseNextUserData(p, prev)
			} else {
				c, err = parseUserData(p)
			}
			if err == nil && (c.seq == 0 || c.seq > maxSequence || c.fsn > c.seq || len(c.data) > len(p)) {
				t.Fatalf("%+v", c)
			}
			prev = c
		}
	})
}

// FuzzReassembly: fragments in any order make only messages that were sent, and the books balance.
func FuzzReassembly(f *testing.F) {
	f.Add(uint64(1), []byte{3, 1, 1, 5}, false)
	f.Add(uint64(2), []byte{9, 9, 2, 40, 1}, true)
	f.Fuzz(func(t *testing.T, seed uint64, sizes []byte, network bool) {
		if len(sizes) > 64 {
			return
		}
		rng := rand.New(rand.NewPCG(seed, 0))
		s, end := loneSession(t)
		defer end()
		s.e.mu.Lock()
		defer s.e.mu.Unlock()
		var fragments []userData
		seq := uint64(0)
		for i, size := range sizes {
			n := 1 + int(size)%10
			for k := range n {
				seq++
				c := userData{flow: 1, seq: seq, data: []byte{byte(i), byte(k)}, control: fragmentMiddle}
				c.options.hasMetadata = true
				switch {
				case n == 1:
					c.control = fragmentWhole
				case k == 0:
					c.control = fragmentBegin
				case k == n-1:
					c.control = fragmentEnd
				}
				fragments = append(fragments, c)
			}
		}
		rng.Shuffle(len(fragments), func(i, j int) { fragments[i], fragments[j] = fragments[j], fragments[i] })
		lost := map[byte]bool{}
		now := time.Now()
		for _, c := range fragments {
			if rng.IntN(20) == 0 {
				lost[c.data[0]] = true
				continue
			}
			s.receiveData(&c, now)
			if f := s.recvFlows[1]; network && f.order != NetworkOrder {
				f.order = NetworkOrder
				f.parts.deliverAll(f)
			}
		}
		if len(s.recvFlows) == 0 {
			return
		}
		gap := userData{flow: 1, seq: seq + 1, fsn: seq, abandon: true}
		s.receiveData(&gap, now) // what is missing will not come
		flow := s.recvFlows[1]
		got := map[byte]bool{}
		last := -1
		for _, ready := range flow.ready {
			m := ready.appendTo(nil)
			i := m[0]
			if len(m) != 2*(1+int(sizes[i])%10) || got[i] || lost[i] || !network && int(i) < last {
				t.Fatalf("message %d of %d bytes, again %v, lost %v, after %d", i, len(m), got[i], lost[i], last)
			}
			for k := range len(m) / 2 {
				if m[2*k] != i || int(m[2*k+1]) != k {
					t.Fatalf("message %d: %v", i, m)
				}
			}
			got[i] = true
			last = int(i)
		}
		if len(got)+len(lost) != len(sizes) {
			t.Fatalf("%d delivered, %d lost, of %d", len(got), len(lost), len(sizes))
		}
		if flow.parts.bytes != 0 || s.recvBytes != flow.readyBytes {
			t.Fatalf("%d bytes are left, %d charged, %d ready", flow.parts.bytes, s.recvBytes, flow.readyBytes)
		}
	})
}

// FuzzSession: an open session, with flows both ways, gets any plain packets.
func FuzzSession(f *testing.F) {
	for _, p := range seedPackets() {
		f.Add(append(append(p[:len(p):len(p)], 0xff, 0xff), p...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, end := loneSession(t)
		defer end()
		out, err := s.OpenFlow([]byte("x"), FlowOptions{Buffer: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		s.e.mu.Lock()
		for range 4 {
			r := &Receipt{flow: out, data: make([]byte, 1500), pending: 1500}
			out.enqueue(r)
		}
		out.activate()
		s.e.mu.Unlock()
		now := time.Now()
		s.e.mu.Lock()
		defer s.e.mu.Unlock()
		s.flush(now)
		// b is packets, each behind 0xffff.
		for _, p := range bytes.Split(b, []byte{0xff, 0xff}) {
			if len(p) == 0 {
				continue
			}
			switch p[0] & 0x30 { // reserved flags: the path changes, and messages are written and abandoned
			case 0x10:
				s.path.limit = 8000
				if !out.closed {
					out.enqueue(&Receipt{flow: out, data: make([]byte, 20_000), pending: 20_000})
					out.activate()
				}
			case 0x20:
				if out.queue.n > 0 {
					out.queue.at(out.queue.end() - 1).msg.abandon()
				}
			case 0x30:
				s.path.refused(s, s.path.limit, now)
			}
			p[0] = p[0]&^maskMode | s.farMode()
			s.receive(sealDatagram(nil, s.nearID, nullCipher{}, p), s.farAddr, now)
			s.flush(now)
			s.e.out.reset()
			now = now.Add(300 * time.Millisecond)
			s.e.alarms.run(now)
			unacked := 0
			for seq := out.queue.base; seq < out.queue.end(); seq++ {
				if out.queue.at(seq).state != fragmentAcked {
					unacked++
				}
			}
			if unacked != out.unacked || out.final >= out.queue.end() && out.final > 0 && !out.ended {
				t.Fatalf("%d fragments are unacknowledged, %d are counted; %d is the last of %d", unacked, out.unacked, out.final, out.queue.end())
			}
			if s.cc.outstanding < 0 || out.outstanding < 0 || out.buffered < 0 || out.lostCount < 0 || s.recvBytes < 0 || s.recvBytes > maxSessionRecv {
				t.Fatalf("the books do not balance: %d %d %d %d %d", s.cc.outstanding, out.outstanding, out.buffered, out.lostCount, s.recvBytes)
			}
		}
	})
}

// nullCipher protects nothing.
type nullCipher struct{}

func (nullCipher) Seal(dst, plain []byte) []byte           { return append(dst, plain...) }
func (nullCipher) Open(dst, packet []byte) ([]byte, error) { return append(dst, packet...), nil }
func (nullCipher) Overhead() int                           { return 0 }

// deadConn sends into the void and never receives.
type deadConn struct{ closed chan struct{} }

func (c deadConn) ReadFromUDPAddrPort([]byte) (int, netip.AddrPort, error) {
	<-c.closed
	return 0, netip.AddrPort{}, net.ErrClosed
}
func (c deadConn) WriteToUDPAddrPort(b []byte, _ netip.AddrPort) (int, error) { return len(b), nil }
func (c deadConn) LocalAddr() net.Addr                                        { return net.UDPAddrFromAddrPort(addrA) }

func (c deadConn) Close() error { close(c.closed); return nil }

// loneSession is an open session on an endpoint without a network.
func loneSession(t *testing.T) (*Session, func()) {
	e, err := NewEndpoint(deadConn{make(chan struct{})}, Config{Crypto: fuzzProfile})
	if err != nil {
		t.Fatal(err)
	}
	e.mu.Lock()
	s := newSession(e, testCertificate(fuzzFar.certificate), SessionKeys{Seal: nullCipher{}, Open: nullCipher{}}, addrB, time.Now())
	s.initiator, s.shown = true, true
	s.nearID, s.farID = e.newID(), 7
	e.sessions[s.nearID] = s
	e.mu.Unlock()
	return s, func() {
		e.mu.Lock()
		e.endAll(ErrClosed)
		e.mu.Unlock()
		_ = e.Close()
	}
}

var fuzzProfile, fuzzFar = newTestProfile("near"), newTestProfile("far")
