package rtmfp

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"
)

// loopback is two endpoints on real sockets.
func loopback(b *testing.B) (near, far *Session) {
	b.Helper()
	var ends [2]*Endpoint
	var profiles [2]*testProfile
	for i := range ends {
		conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
		if err != nil {
			b.Fatal(err)
		}
		_ = conn.SetReadBuffer(1 << 20) // the system may allow less
		profiles[i] = newTestProfile("bench")
		if ends[i], err = NewEndpoint(conn, Config{Crypto: profiles[i]}); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = ends[i].Close() })
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	near, err := ends[0].Dial(ctx, profiles[1].epd(), ends[1].LocalAddr())
	if err != nil {
		b.Fatal(err)
	}
	if far, err = ends[1].Accept(ctx); err != nil {
		b.Fatal(err)
	}
	return near, far
}

// BenchmarkBulk sends 32 KB messages over loopback UDP.
func BenchmarkBulk(b *testing.B) {
	near, far := loopback(b)
	ctx := context.Background()
	f, err := near.OpenFlow([]byte("bulk"), FlowOptions{Priority: PriorityBulk, Buffer: 2 << 20})
	if err != nil {
		b.Fatal(err)
	}
	msg := make([]byte, 32<<10)
	b.SetBytes(int64(len(msg)))
	b.ReportAllocs()
	b.ResetTimer()
	go func() {
		for range b.N {
			if _, err := f.Write(ctx, msg, MessageOptions{}); err != nil {
				b.Error(err)
				return
			}
		}
	}()
	r, err := far.AcceptFlow(ctx)
	if err != nil {
		b.Fatal(err)
	}
	for range b.N {
		if _, err := r.Read(ctx); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	stats := near.Stats()
	b.ReportMetric(float64(stats.PacketsLost)/float64(stats.PacketsSent), "lost/packet")
}

// BenchmarkRoundTrip bounces a small time-critical message.
func BenchmarkRoundTrip(b *testing.B) {
	near, far := loopback(b)
	ctx := context.Background()
	there, err := near.OpenFlow([]byte("there"), FlowOptions{Priority: PriorityAudio})
	if err != nil {
		b.Fatal(err)
	}
	back, err := far.OpenFlow([]byte("back"), FlowOptions{Priority: PriorityAudio})
	if err != nil {
		b.Fatal(err)
	}
	msg := make([]byte, 200)
	var in, answer *RecvFlow
	b.ReportAllocs()
	for range b.N {
		if _, err := there.Write(ctx, msg, MessageOptions{}); err != nil {
			b.Fatal(err)
		}
		if in == nil {
			if in, err = far.AcceptFlow(ctx); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := in.Read(ctx); err != nil {
			b.Fatal(err)
		}
		if _, err := back.Write(ctx, msg, MessageOptions{}); err != nil {
			b.Fatal(err)
		}
		if answer == nil {
			if answer, err = near.AcceptFlow(ctx); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := answer.Read(ctx); err != nil {
			b.Fatal(err)
		}
	}
}
