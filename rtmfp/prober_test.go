package rtmfp

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// probeAnswer is what a prober's Next returned.
type probeAnswer struct {
	tag  []byte
	from netip.AddrPort
	err  error
}

// prober makes a prober whose answers come over a channel, the last one being its error.
func (w *world) prober(addr netip.AddrPort) (*Prober, chan probeAnswer) {
	w.t.Helper()
	conn, err := w.net.Listen(addr)
	if err != nil {
		w.t.Fatal(err)
	}
	p := NewProber(conn, newTestProfile("prober"))
	answers := make(chan probeAnswer, 10)
	go func() {
		for {
			tag, from, err := p.Next()
			answers <- probeAnswer{tag, from, err}
			if err != nil {
				return
			}
		}
	}()
	w.t.Cleanup(func() { _ = p.Close() })
	return p, answers
}

func TestProberHearsWhoAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: time.Millisecond})
		a := w.node("a", addrA)
		p, answers := w.prober(addrC)
		tag := bytes.Repeat([]byte{7}, 16)
		stranger, err := w.net.Listen(addrB)
		if err != nil {
			t.Fatal(err)
		}
		for _, junk := range [][]byte{nil, {1}, make([]byte, 100), bytes.Repeat([]byte{0xff}, maxDatagram)} {
			_, _ = stranger.WriteToUDPAddrPort(junk, addrC)
		}
		if err := p.Hello([]byte("Fnobody"), tag, addrA); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if len(answers) > 0 {
			t.Fatalf("an answer from nobody: %+v", <-answers)
		}
		if err := p.Hello(a.profile.epd(), tag, addrA); err != nil {
			t.Fatal(err)
		}
		if got := <-answers; !bytes.Equal(got.tag, tag) || got.from != addrA || got.err != nil {
			t.Errorf("answered by %+v", got)
		}
		if err := p.Hello(make([]byte, maxEPD+1), tag, addrA); !errors.Is(err, ErrTooLarge) {
			t.Errorf("a long EPD: %v", err)
		}
		_ = p.Close()
		if got := <-answers; !errors.Is(got.err, net.ErrClosed) {
			t.Errorf("after Close: %+v", got)
		}
	})
}

// A FIHello of our own making has the far end answer the prober, if it lets us introduce others.
func TestForwardIHello(t *testing.T) {
	for _, accepts := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, vnet.Link{Latency: time.Millisecond})
			server, a := w.node("server", addrB), w.node("a", addrA)
			near, far := w.connect(a, server)
			near.SetAcceptForwarded(accepts)
			_, answers := w.prober(addrC)
			far.ForwardIHello(a.profile.epd(), bytes.Repeat([]byte{7}, 16), addrC)
			far.ForwardIHello(make([]byte, maxEPD+1), nil, addrC) // fits nothing
			time.Sleep(time.Second)
			if (len(answers) == 1) != accepts {
				t.Errorf("%d answers; introductions accepted: %v", len(answers), accepts)
			}
		})
	}
}

func FuzzProberAnswer(f *testing.F) {
	profile := newTestProfile("prober")
	for _, tag := range [][]byte{nil, {1}, bytes.Repeat([]byte{7}, maxTag)} {
		plain := appendRHello(appendHeader(nil, header{flags: modeStartup}), rhello{tag, []byte("cookie"), []byte("certificate")})
		f.Add(plain)
		f.Add(appendIHello(plain, ihello{[]byte("Fnobody"), tag}))
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, plain []byte) {
		p := NewProber(nil, profile)
		p.rhelloTag(plain) // as a datagram of strangers, which hardly opens
		if tag := p.rhelloTag(sealDatagram(nil, 0, profile.DefaultCipher(), plain)); tag != nil && !bytes.Contains(plain, tag) {
			t.Errorf("the tag %x came out of %x", tag, plain)
		}
	})
}
