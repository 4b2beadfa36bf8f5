package rtmfp

import (
	"math"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp/internal/wire"
)

// countingCipher protects nothing, and numbers the packets.
type countingCipher struct {
	nullCipher
	n uint64
}

func (c *countingCipher) Seal(dst, plain []byte) []byte {
	c.n++
	return append(dst, plain...)
}

func (c *countingCipher) Open(dst, packet []byte) ([]byte, error) {
	c.n++
	return append(dst, packet...), nil
}

func (c *countingCipher) Sequence() uint64 { return c.n }

// program is a fuzzer's bytes, read as numbers; what is missing is 0.
type program []byte

func (p *program) next() (n uint64) {
	if len(*p) > 0 {
		n = uint64((*p)[0])
		*p = (*p)[1:]
	}
	return n
}

// wide is a number near to base, mostly, or of any size.
func (p *program) wide(base uint64) uint64 {
	n := p.next()
	if n >= 250 {
		return 1 << (p.next() % 64)
	}
	return base + n - min(base, 125)
}

// FuzzChunks: an open session that gives feedback and shares an uplink gets any sequence of well-formed chunks, and things happen meanwhile.
func FuzzChunks(f *testing.F) {
	f.Add([]byte{5, 1, 200, 6, 10, 1, 1, 127, 2, 0, 2, 126, 1, 3, 6, 60, 7, 9, 9, 0, 0, 5, 0, 255})
	f.Add([]byte{7, 10, 1, 0, 0, 5, 1, 255, 5, 0, 255, 5, 2, 255, 6, 3, 6, 255, 5, 1, 90, 6, 200, 8, 1, 9, 1})
	f.Add([]byte{0, 1, 126, 126, 0, 9, 0, 1, 128, 125, 16, 90, 0, 1, 127, 125, 32, 90, 8, 0, 4, 1, 2})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 4096 {
			return
		}
		p := program(b)
		s, end := loneSession(t)
		defer end()
		s.e.mu.Lock()
		defer s.e.mu.Unlock()
		seal, open := new(countingCipher), new(countingCipher)
		s.keys = SessionKeys{Seal: seal, Open: open, Feedback: true}
		var out []*SendFlow
		in := map[*RecvFlow]bool{} // those that have been forgotten too: they can be read yet
		s.e.mu.Unlock()
		for _, priority := range []Priority{PriorityBulk, PriorityVideo, PriorityAudio} {
			o, err := s.OpenFlow(nil, FlowOptions{Priority: priority})
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, o)
		}
		s.e.mu.Lock()
		now := time.Now()
		far := func(chunks []byte) {
			packet := append(appendHeader(nil, header{flags: s.farMode() | flagTimestamp, timestamp: ticks(now.Sub(s.e.epoch))}), chunks...)
			s.receive(sealDatagram(nil, s.nearID, nullCipher{}, packet), s.farAddr, now)
		}
		for len(p) > 0 {
			switch p.next() % 11 {
			case 0:
				h := dataHeader{flow: p.next() % 4, options: wire.AppendMarker(wire.AppendOption(nil, optionMetadata, nil))}
				h.seq = max(p.wide(100), 1)
				h.fsn = min(p.wide(h.seq), h.seq-1)
				flags := p.next()
				h.control, h.abandon, h.final = byte(flags>>4&3), flags&2 > 0, flags&1 > 0
				far(appendUserData(nil, &h, make([]byte, 4*p.next())))
			case 1, 9:
				o := out[p.next()%3]
				set := sequenceSet{cumulative: p.wide(o.queue.base + 100)}
				for last := set.cumulative; p.next()%4 > 0 && last < maxSequence && len(p) > 0; {
					from := last + 2 + p.next()%8
					last = from + p.next()%8
					set.beyond = append(set.beyond, seqRange{from, last})
				}
				chunk, _ := appendAck(nil, 1000, o.id, int(p.next()), &set, p.next()%2 > 0)
				far(chunk)
			case 2:
				runs := make([]feedbackRun, 1+p.next()%8)
				for i := range runs {
					runs[i] = feedbackRun{first: p.wide(seal.n + 100), n: 1 + p.wide(125), at: int64(p.next()) * int64(p.next()), ecn: byte(p.next() % 4)}
				}
				chunk, _ := appendFeedback(nil, 1000, runs, int64(p.next()))
				far(chunk)
			case 3:
				far(appendChunk(appendChunk(nil, chunkPing, make([]byte, 4*p.next())), chunkPingReply, make([]byte, p.next())))
			case 4:
				far(appendFlowException(appendBufferProbe(nil, p.next()%4), p.next()%8, 0))
			case 5:
				o := out[p.next()%3]
				opt := MessageOptions{DeliverBy: now.Add(time.Duration(p.next()) * time.Millisecond), NoRetransmit: p.next()%2 > 0}
				if _, err := o.queueMessage(copyToWrite(make([]byte, 16*p.next())), opt); err != nil && !o.closed && !o.ended {
					t.Fatal(err)
				}
			case 6:
				if n := p.next(); n == 255 {
					now = now.Add(time.Hour) // the machine was suspended
				} else {
					now = now.Add(time.Duration(n) * time.Millisecond)
				}
			case 7:
				c := Coupling{Rate: 1e4 * float64(p.next()), Together: 1e4 * float64(p.next()), Headers: 28}
				c.Queue, c.Losing = time.Duration(p.next())*time.Millisecond, p.next()%2 > 0
				s.coupling = coupling{said: c, at: now}
				if c.Together > 0 {
					s.e.shared.allow(c.Together, now)
				}
			case 8:
				for _, r := range s.recvFlows {
					if r.state == recvOpen && p.next()%2 > 0 {
						r.dropReady()
						r.reopenWindow()
					} else if r.state == recvOpen {
						r.reject(0, "fuzzed")
					}
					break
				}
			case 10:
				c := packetFragment{more: p.next()%2 > 0, packet: p.next() % 4, index: p.next() % 8}
				c.data = make([]byte, 1+p.next())
				far(appendPacketFragment(nil, c))
			}
			s.e.alarms.run(now)
			s.flush(now)
			s.e.out.reset()
			s.e.dirty, s.dirty = s.e.dirty[:0], false
			if s.state != stateOpen {
				return
			}
			for _, f := range s.recvFlows {
				in[f] = true
			}
			checkBooks(t, s, out, in)
		}
	})
}

// checkBooks: what is counted is there, and rates are rates.
func checkBooks(t *testing.T, s *Session, out []*SendFlow, in map[*RecvFlow]bool) {
	outstanding := 0
	for _, o := range out {
		outstanding += o.outstanding
		if o.outstanding < 0 || o.buffered < 0 || o.lostCount < 0 || o.unacked < 0 {
			t.Fatalf("flow %d: %d outstanding, %d buffered, %d lost, %d unacknowledged", o.id, o.outstanding, o.buffered, o.lostCount, o.unacked)
		}
	}
	held, open := 0, 0
	for f := range in {
		held += f.readyBytes + f.parts.bytes
		if f.state == recvOpen {
			open++
		}
	}
	if outstanding != s.cc.outstanding || held != s.recvBytes || open != s.openRecvFlows {
		t.Fatalf("outstanding %d of %d, held %d of %d, open %d of %d", outstanding, s.cc.outstanding, held, s.recvBytes, open, s.openRecvFlows)
	}
	if c := s.dc; c != nil && !(c.rate >= minRate && c.rate <= maxRate && c.window(0, s.clock.srtt) <= maxWindow && !math.IsNaN(c.queue)) {
		t.Fatalf("rate %v, queue %v", c.rate, c.queue)
	}
	p := &s.e.shared
	if n := len(p.waiting); n > 1 || n == 1 == s.pacer.waits.IsZero() || math.IsNaN(p.tokens) || p.tokens > p.credit() {
		t.Fatalf("%d wait, %v, %v tokens of %v", n, s.pacer.waits, p.tokens, p.credit())
	}
	if s.acks.allowed.spent < 0 {
		t.Fatalf("%v spent", s.acks.allowed.spent)
	}
}
