package rtmfp

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// markingConn carries the ECN field behind the datagram.
type markingConn struct {
	*vnet.Conn
	congested bool // the network marks what arrives
}

func (c *markingConn) ReadFromUDPAddrPortECN(b []byte) (int, netip.AddrPort, byte, error) {
	n, from, err := c.ReadFromUDPAddrPort(b)
	if err != nil {
		return 0, from, 0, err
	}
	ecn := b[n-1]
	if ecn != ecnNotCapable && c.congested {
		ecn = ecnCongested
	}
	return n - 1, from, ecn, nil
}

func (c *markingConn) WriteToUDPAddrPortECN(b []byte, to netip.AddrPort, ecn byte) (int, error) {
	return c.WriteToUDPAddrPort(append(b[:len(b):len(b)], ecn), to)
}

// A session's packets with data carry its ECN mark, startup packets none, and the endpoint knows each packet's mark and time.
func TestECNConn(t *testing.T) {
	for _, c := range []struct {
		name            string
		off             bool // marking was found useless
		congested       bool
		want            byte
		wantStartupMark byte
	}{
		{"not capable", true, true, ecnNotCapable, ecnNotCapable},
		{"capable", false, false, ecnCapable0, ecnNotCapable},
		{"congested", false, true, ecnCongested, ecnNotCapable},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
				var ends [2]*Endpoint
				var profiles [2]*testProfile
				for i, addr := range []netip.AddrPort{addrA, addrB} {
					conn, err := w.net.Listen(addr)
					if err != nil {
						t.Fatal(err)
					}
					profiles[i] = newTestProfile("x")
					if ends[i], err = NewEndpoint(&markingConn{conn, c.congested}, Config{Crypto: profiles[i]}); err != nil {
						t.Fatal(err)
					}
					defer func() { _ = ends[i].Close() }()
				}
				near, err := ends[0].Dial(w.ctx(time.Minute), profiles[1].epd(), addrB)
				if err != nil {
					t.Fatal(err)
				}
				if got := ends[0].lastArrival(); got.ecn != c.wantStartupMark {
					t.Errorf("startup packets are marked %#b", got.ecn)
				}
				time.Sleep(time.Second)
				ends[0].mu.Lock()
				near.ecnOut.off = c.off
				ends[0].mu.Unlock()
				f, err := near.OpenFlow(nil, FlowOptions{})
				if err != nil {
					t.Fatal(err)
				}
				w.write(f, "data")
				sent := time.Now()
				time.Sleep(15 * time.Millisecond)
				if got := ends[1].lastArrival(); got.ecn != c.want || got.at.Sub(sent) != 10*time.Millisecond {
					t.Errorf("a packet arrived after %v with mark %#b", got.at.Sub(sent), got.ecn)
				}
			})
		})
	}
}

func (e *Endpoint) lastArrival() arrival {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.rx
}
