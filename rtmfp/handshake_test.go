package rtmfp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// Whichever of the first packets of each direction are lost, a session comes about and carries data
// both ways.
func TestHandshakeSurvivesLoss(t *testing.T) {
	for lost := range 64 { // bits 0–2: the first packets of the initiator; 3–5: of the responder
		t.Run(fmt.Sprintf("%06b", lost), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
				var sent [2]int
				w.net.SetFilter(func(p vnet.Packet) bool {
					dir := 0
					if p.From == addrB {
						dir = 1
					}
					n := sent[dir]
					sent[dir]++
					return n >= 3 || lost>>(3*dir+n)&1 == 0
				})
				a, b := w.node("a", addrA), w.node("b", addrB)
				near, far := w.connect(a, b)
				_, r := w.flow(near, far, FlowOptions{})
				back, err := far.OpenFlow(nil, FlowOptions{ReturnOf: r})
				if err != nil {
					t.Fatal(err)
				}
				w.write(back, "back")
				in, err := near.AcceptFlow(w.ctx(time.Minute))
				if err != nil {
					t.Fatal(err)
				}
				w.read(in, "back")
			})
		})
	}
}

func TestIHelloSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		start := time.Now()
		var at []time.Duration
		w.net.SetFilter(func(p vnet.Packet) bool {
			at = append(at, time.Since(start))
			if len(p.Data) < ihelloSize {
				t.Errorf("an IHello of %d bytes", len(p.Data))
			}
			return true
		})
		a := w.node("a", addrA)
		_, err := a.Dial(context.Background(), newTestProfile("b").epd(), addrB)
		if !errors.Is(err, ErrNoAnswer) {
			t.Errorf("dialing nobody: %v, want ErrNoAnswer", err)
		}
		if d := time.Since(start); d != openTimeout {
			t.Errorf("gave up after %v, want %v", d, openTimeout)
		}
		want := []int64{0, 200, 450, 762, 1153, 1641, 2251, 3014, 3968, 5160, 6650, 8513, 11875, 16738, 23101, 30963, 40326, 51189, 63551, 77414, 92777}
		if len(at) != len(want) {
			t.Fatalf("IHellos at %v", at)
		}
		for i := range want {
			if at[i].Milliseconds() != want[i] {
				t.Errorf("IHello %d after %v, want %d ms", i, at[i], want[i])
			}
		}
	})
}

func TestDialEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		a := w.node("a", addrA)
		if _, err := a.Dial(context.Background(), []byte("x")); !errors.Is(err, ErrNoAnswer) {
			t.Errorf("without candidates: %v", err)
		}
		if _, err := a.Dial(w.ctx(5*time.Second), []byte("x"), addrB); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("beyond its context: %v", err)
		}
		if n := len(a.openings) + len(a.openingsByEPD); n != 0 {
			t.Errorf("%d openings left", n)
		}
		time.AfterFunc(time.Second, func() { _ = a.Close() })
		if _, err := a.Dial(context.Background(), []byte("x"), addrB); !errors.Is(err, ErrClosed) {
			t.Errorf("when the endpoint closes: %v", err)
		}
		if _, err := a.Accept(context.Background()); !errors.Is(err, ErrClosed) {
			t.Errorf("accept on a closed endpoint: %v", err)
		}
	})
}

func TestDialReturnsTheOpenSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		near, far := w.connect(a, b)
		if again, err := a.Dial(w.ctx(time.Second), b.profile.epd()); again != near || err != nil {
			t.Errorf("a second Dial: %p, %v, want %p", again, err, near)
		}
		if back, err := b.Dial(w.ctx(time.Second), a.profile.epd()); back != far || err != nil {
			t.Errorf("the responder's Dial: %p, %v, want %p", back, err, far)
		}
		// By another discriminator the identity shows only in the RHello.
		if other, err := a.Dial(w.ctx(5*time.Second), []byte("Ab"), addrB); other != near || err != nil {
			t.Errorf("by ancillary discriminator: %p, %v, want %p", other, err, near)
		}
	})
}

func TestWrongIdentityIsNotAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		a := w.node("a", addrA)
		w.node("b", addrB)
		if _, err := a.Dial(w.ctx(10*time.Second), newTestProfile("x").epd(), addrB); !errors.Is(err, context.DeadlineExceeded) {
			t.Error("dialed somebody else:", err)
		}
	})
}

// A repeated IIKeying gets the same RIKeying, without another session.
func TestRepeatedIIKeying(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		n := 0
		w.net.SetFilter(func(p vnet.Packet) bool {
			if p.From != addrB {
				return true
			}
			n++
			return n == 1 || n > 6 // all but the RHello is lost for a while
		})
		near, _ := w.connect(a, b)
		if n := live(b); n != 1 {
			t.Errorf("%d sessions", n)
		}
		if near.Err() != nil {
			t.Error(near.Err())
		}
	})
}

// Startup packets that come twice, or late, neither disturb the session that has opened nor make another.
func TestDuplicatedStartupPackets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		var copies [][]byte
		var toA []bool
		w.net.SetFilter(func(p vnet.Packet) bool {
			if startupChunk(p.Data) != 0 {
				copies, toA = append(copies, slices.Clone(p.Data)), append(toA, p.To == addrA)
			}
			return true
		})
		near, far := w.connect(a, b)
		w.net.SetFilter(nil)
		out, in := w.flow(near, far, FlowOptions{})
		if len(copies) != 4 {
			t.Errorf("%d startup packets", len(copies))
		}
		for _, age := range []time.Duration{0, time.Second, time.Minute, time.Hour} {
			time.Sleep(age)
			for i, p := range copies {
				if toA[i] {
					_, _ = b.conn.WriteToUDPAddrPort(p, addrA)
				} else {
					_, _ = a.conn.WriteToUDPAddrPort(p, addrB)
				}
			}
			w.write(out, "still here")
			w.read(in, "still here")
			if near.Err() != nil || far.Err() != nil || live(a) != 1 || live(b) != 1 {
				t.Errorf("after %v: %v, %v; %d and %d sessions", age, near.Err(), far.Err(), live(a), live(b))
			}
		}
	})
}

// Somebody who shows a copied certificate, without its key, neither gets a session
// accepted nor disturbs the owner's.
func TestCopiedCertificate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 5 * time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		near, far := w.connect(a, b)
		conn, _ := w.net.Listen(addrC)
		thief := newTestProfile("a")
		thief.certificate = a.profile.certificate
		e, err := NewEndpoint(conn, Config{Crypto: thief})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = e.Close() }()
		_, _ = e.Dial(w.ctx(10*time.Second), b.profile.epd(), addrB)
		if s, err := b.Accept(w.ctx(30 * time.Second)); err == nil {
			t.Errorf("a session with %v was accepted", s.FarAddr())
		}
		if near.Err() != nil || far.Err() != nil {
			t.Errorf("the owner's session ended: %v, %v", near.Err(), far.Err())
		}
		w.flow(near, far, FlowOptions{})
		if len(b.unconfirmed) != 0 || live(b) != 1 {
			t.Errorf("%d unconfirmed, %d sessions left", len(b.unconfirmed), live(b))
		}
	})
}

// A far end that has forgotten its session opens another, which replaces the old one.
func TestNewSessionReplacesForgottenOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 5 * time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		_, old := w.connect(a, b)
		w.net.SetFilter(func(vnet.Packet) bool { return false })
		_ = a.Close()
		w.net.SetFilter(nil)
		conn, _ := w.net.Listen(addrA)
		e, err := NewEndpoint(conn, Config{Crypto: a.profile})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = e.Close() }()
		if _, err := e.Dial(w.ctx(time.Second), b.profile.epd(), addrB); err != nil {
			t.Fatal(err)
		}
		s, err := b.Accept(w.ctx(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		if !errors.Is(old.Err(), ErrClosed) || s.Err() != nil {
			t.Errorf("old: %v, new: %v", old.Err(), s.Err())
		}
	})
}

// Answers to unproven addresses stay within three times what came from them, or are few.
func TestAmplification(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		b := w.node(strings.Repeat("b", 200), addrB)
		answers := 0
		w.net.SetFilter(func(p vnet.Packet) bool {
			if p.From == addrB {
				answers++
			}
			return true
		})
		conn, _ := w.net.Listen(addrC)
		defer func() { _ = conn.Close() }()
		plain := appendIHello([]byte{modeStartup}, ihello{b.profile.epd(), []byte("0123456789abcdef")})
		short := sealDatagram(nil, 0, b.profile.DefaultCipher(), plain)
		for range 5 * shortHelloBurst {
			_, _ = conn.WriteToUDPAddrPort(short, addrB)
			synctest.Wait()
		}
		if answers == 0 || answers > shortHelloBurst {
			t.Errorf("%d answers to short IHellos at once", answers)
		}
	})
}

// An RHello from where nobody hears us, or from somebody who cannot go on, does not end the attempt.
func TestOtherResponderAfterSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		conn, _ := w.net.Listen(addrC)
		thief := newTestProfile("b")
		thief.certificate = b.profile.certificate // copied, so that its RHello is believed
		e, err := NewEndpoint(conn, Config{Crypto: thief})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = e.Close() }()
		w.net.SetFilter(func(p vnet.Packet) bool {
			return !(p.From == addrC && startupChunk(p.Data) == chunkRIKeying) &&
				!(p.From == addrB && time.Since(a.epoch) < time.Second)
		})
		near, err := a.Dial(w.ctx(30*time.Second), b.profile.epd(), addrC, addrB)
		if err != nil {
			t.Fatal(err)
		}
		if near.FarAddr() != addrB {
			t.Errorf("session with %v", near.FarAddr())
		}
	})
}

// A service tells the others when somebody sends it sound: they grow more slowly (RFC 7016 §3.5.2.1).
func TestTimeCriticalReverse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b, c := w.node("a", addrA), w.node("b", addrB), w.node("c", addrC)
		bulk, bulkFar := w.connect(a, b)
		call, callFar := w.connect(c, b)
		out, in := w.flow(bulk, bulkFar, FlowOptions{Priority: PriorityBulk})
		audio, audioIn := w.flow(call, callFar, FlowOptions{Priority: PriorityAudio})
		for range 5 {
			w.write(audio, "sound")
			w.read(audioIn, "sound")
			w.write(out, "data")
			w.read(in, "data")
			time.Sleep(20 * time.Millisecond)
		}
		a.mu.Lock()
		reverse := bulk.cc.reverse
		a.mu.Unlock()
		if time.Since(reverse) > 100*time.Millisecond {
			t.Error("the bulk sender was not told of time-critical data")
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if !call.cc.reverse.IsZero() {
			t.Error("the caller was told of its own")
		}
	})
}
