package rtmfp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/rtmfp/internal/wire"
)

// What a new receiving flow must have to be taken (RFC 7016 §3.6.3.1), and that it is refused with exception 0 otherwise.
func TestFlowsThatAreRejected(t *testing.T) {
	metadata := slices.Clip(wire.AppendOption(nil, optionMetadata, []byte("m")))
	returnOf := func(id uint64) []byte {
		return wire.AppendOption(metadata, optionReturnFlow, wire.AppendVLU(nil, id))
	}
	for _, c := range []struct {
		name    string
		id      uint64
		options []byte
		state   recvState
	}{
		{"with metadata", 5, metadata, recvOpen},
		{"with empty metadata", 5, wire.AppendOption(nil, optionMetadata, nil), recvOpen},
		{"flow ID 0", 0, metadata, recvOpen},
		{"the greatest flow ID", 1<<64 - 1, metadata, recvOpen},
		{"without metadata", 5, nil, recvRejected},
		{"in return to an open flow", 5, returnOf(1), recvOpen},
		{"in return to an unknown flow", 5, returnOf(77), recvRejected},
		{"in return to a closed flow", 5, returnOf(2), recvRejected},
		{"in return to a flow that the far end rejected", 5, returnOf(3), recvRejected},
		{"an unknown option below 8192", 5, wire.AppendOption(metadata, 8191, nil), recvRejected},
		{"an unknown option from 8192", 5, wire.AppendOption(metadata, 8192, []byte("x")), recvOpen},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, end := loneSession(t)
			defer end()
			var out [3]*SendFlow
			for i := range out {
				out[i], _ = s.OpenFlow(nil, FlowOptions{})
				if _, err := out[i].Write(context.Background(), []byte("x"), MessageOptions{}); err != nil {
					t.Fatal(err)
				}
			}
			_ = out[1].Close()
			s.e.mu.Lock()
			defer s.e.mu.Unlock()
			s.receiveException(3, 9)
			h := dataHeader{flow: c.id, seq: 1, options: wire.AppendMarker(c.options)}
			_, payload, _, _ := nextChunk(appendUserData(nil, &h, []byte("data")))
			data, err := parseUserData(payload)
			if err != nil {
				t.Fatal(err)
			}
			s.receiveData(&data, time.Now())
			f := s.recvFlows[c.id]
			if f == nil || f.state != c.state || f.exception != 0 || !f.shouldAck || !s.acks.now {
				t.Fatalf("%+v", f)
			}
			if c.state == recvOpen != (len(s.backlog) == 1) {
				t.Errorf("%d flows are to be accepted", len(s.backlog))
			}
			if !f.set.contains(1) {
				t.Error("what was received is not acknowledged")
			}
		})
	}
}

// An unknown option may also come later, and ends the flow then; the exception goes before each acknowledgement.
func TestRejectionPrecedesEveryAcknowledgement(t *testing.T) {
	s, end := loneSession(t)
	defer end()
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	now := time.Now()
	c := userData{flow: 1, seq: 1, control: fragmentWhole, data: []byte("x"), options: dataOptionList{hasMetadata: true}}
	s.receiveData(&c, now)
	if s.recvFlows[1].state != recvOpen {
		t.Fatal("not open")
	}
	c.options.unknown = true
	for c.seq = 2; c.seq < 5; c.seq++ {
		s.receiveData(&c, now)
		typ, payload, rest, _ := nextChunk(s.appendAcks(nil, true, time.Now()))
		flow, code, err := parseFlowException(payload)
		if typ != chunkFlowException || flow != 1 || code != 0 || err != nil {
			t.Errorf("chunk %#x: %d %d %v", typ, flow, code, err)
		}
		if typ, payload, _, _ = nextChunk(rest); typ != chunkAckRanges {
			t.Errorf("then chunk %#x", typ)
		}
		if ack, _ := parseAck(payload, false); ack.cumulative != c.seq {
			t.Errorf("%d is acknowledged", ack.cumulative)
		}
	}
}

// A sending flow can be in return only to a receiving flow of its own session that is open (RFC 7016 §3.6.2.1).
func TestReturnFlowsOfWhat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: time.Millisecond})
		a, b, c := w.node("a", addrA), w.node("b", addrB), w.node("c", addrC)
		near, far := w.connect(a, b)
		_, other := w.connect(c, b)
		_, in := w.flow(near, far, FlowOptions{})
		for range 3 { // any number of flows
			back, err := far.OpenFlow([]byte("back"), FlowOptions{ReturnOf: in})
			if err != nil {
				t.Fatal(err)
			}
			w.write(back, "x")
			got, err := near.AcceptFlow(w.ctx(time.Second))
			if err != nil || got.ReturnOf() == nil || string(got.Metadata()) != "back" {
				t.Errorf("%+v, %v", got, err)
			}
		}
		if _, err := other.OpenFlow(nil, FlowOptions{ReturnOf: in}); !errors.Is(err, ErrClosed) {
			t.Errorf("of another session's: %v", err)
		}
		in.Reject(7)
		if _, err := far.OpenFlow(nil, FlowOptions{ReturnOf: in}); !errors.Is(err, ErrClosed) {
			t.Errorf("of a rejected one: %v", err)
		}
	})
}

// Who reads in original order is told where messages are missing.
func TestGapsAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		near, far := w.connect(a, b)
		out, in := w.flow(near, far, FlowOptions{Priority: PriorityData})
		long := string(make([]byte, 5000))
		for i, gone := range []bool{false, true, false, true, true, false, false} {
			w.net.SetFilter(func(p vnet.Packet) bool { return !gone || p.From != addrA })
			r := w.write(out, fmt.Sprint(i)+long)
			time.Sleep(5 * time.Millisecond)
			if gone {
				r.Abandon()
			}
		}
		w.net.SetFilter(nil)
		_ = out.Close()
		for _, want := range []struct {
			first byte
			gap   bool
		}{{'0', false}, {'2', true}, {'5', true}, {'6', false}} {
			msg, gap, err := in.ReadMessage(w.ctx(10*time.Second), nil)
			if err != nil || msg[0] != want.first || gap != want.gap {
				t.Errorf("%.1q, gap %v, %v; want %q, %v", msg, gap, err, want.first, want.gap)
			}
		}
		if _, err := in.Read(w.ctx(10 * time.Second)); err == nil {
			t.Error("one message too many")
		}
	})
}

// A message that is abandoned when some of its fragments have arrived is skipped, whichever those are, and what comes
// after it is neither held back nor lost (RFC 7016 §3.6.3.3).
func TestPartlySentMessageIsAbandoned(t *testing.T) {
	for lost := range 8 { // which of its three fragments
		for _, order := range []Order{OriginalOrder, NetworkOrder} {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
				a, b := w.node("a", addrA), w.node("b", addrB)
				near, far := w.connect(a, b)
				out, in := w.flow(near, far, FlowOptions{Priority: PriorityData})
				in.SetOrder(order)
				time.Sleep(time.Second)
				n := 0
				w.net.SetFilter(func(p vnet.Packet) bool {
					if p.From != addrA || len(p.Data) < 500 || n >= 3 {
						return true
					}
					n++
					return lost>>(n-1)&1 == 0
				})
				r := w.write(out, string(make([]byte, 3000)))
				time.Sleep(5 * time.Millisecond)
				r.Abandon()
				w.write(out, "next")
				if lost == 0 {
					w.read(in, string(make([]byte, 3000))) // all was there before it was abandoned
				}
				w.read(in, "next")
				time.Sleep(time.Second) // in network order that came before the gap was told
				b.mu.Lock()
				if far.recvBytes != 0 {
					t.Errorf("lost %03b: %d bytes are held", lost, far.recvBytes)
				}
				b.mu.Unlock()
				w.net.SetFilter(nil)
			})
		}
	}
}

// How the last sequence number is chosen (RFC 7016 §3.6.2.11), and what becomes of both ends.
func TestFinalSequenceNumber(t *testing.T) {
	for _, c := range []struct {
		name         string
		sent, unsent int // messages
		final        uint64
	}{
		{"nothing was ever written", 0, 0, 0},
		{"all was sent", 1, 0, 2},
		{"the last was not sent", 1, 2, 3},
		{"nothing was sent", 0, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
				a, b := w.node("a", addrA), w.node("b", addrB)
				near, far := w.connect(a, b)
				out, err := near.OpenFlow(nil, FlowOptions{})
				if err != nil {
					t.Fatal(err)
				}
				for range c.sent {
					w.write(out, "x")
				}
				time.Sleep(time.Second)
				a.mu.Lock() // nothing leaves
				for range c.unsent {
					out.enqueue(&Receipt{flow: out, data: []byte("x"), pending: 1})
				}
				out.close()
				if out.final != c.final {
					t.Errorf("final %d, want %d", out.final, c.final)
				}
				a.mu.Unlock()
				a.wake()
				<-out.Done()
				time.Sleep(time.Second)
				b.mu.Lock()
				if in := far.recvFlows[out.id]; (in != nil) != (c.final > 0) || in != nil && (in.state != recvComplete || in.final != c.final) {
					t.Errorf("the receiving flow: %+v", in)
				}
				b.mu.Unlock()
				time.Sleep(recvLinger)
				b.mu.Lock()
				defer b.mu.Unlock()
				if len(far.recvFlows) != 0 {
					t.Error("it lingers too long")
				}
			})
		})
	}
}

// Probes of a closed window come after 1, 2, 4 … 60 s and stop when it opens; if nobody answers them, the session ends.
func TestBufferProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		var probes []int
		var start time.Time
		a.profile.wrapSeal = func(p PacketCipher) PacketCipher {
			return &watcher{p, func(plain []byte) {
				_, chunks, _ := parseHeader(plain)
				if typ, _, _, _ := nextChunk(chunks); typ == chunkBufferProbe {
					probes = append(probes, int(time.Since(start).Round(time.Second).Seconds()))
				}
			}}
		}
		near, far := w.connect(a, b)
		out, in := w.flow(near, far, FlowOptions{Buffer: 4 << 20})
		for range 30 {
			w.write(out, string(make([]byte, 30_000)))
		}
		time.Sleep(100 * time.Millisecond)
		a.mu.Lock()
		start = time.Now()
		a.mu.Unlock()
		sent := func() string {
			a.mu.Lock()
			defer a.mu.Unlock()
			return fmt.Sprint(probes)
		}
		time.Sleep(4 * time.Minute)
		if got := sent(); got != "[1 3 7 15 31 63 123 183]" {
			t.Errorf("probes after %s s", got)
		}
		for range 30 {
			w.read(in, string(make([]byte, 30_000)))
		}
		before := sent()
		time.Sleep(5 * time.Minute)
		if sent() != before {
			t.Error("probes go on after the window has opened")
		}
		for range 30 {
			w.write(out, string(make([]byte, 30_000)))
		}
		time.Sleep(5 * time.Second)
		w.net.SetFilter(func(vnet.Packet) bool { return false })
		silent := time.Now()
		<-near.Done()
		if d := time.Since(silent); !errors.Is(near.Err(), ErrTimeout) || d > 2*defaultTimeout+defaultKeepalive {
			t.Errorf("%v after %v", near.Err(), d)
		}
	})
}
