//go:build unix

package rtmfp_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// The benchmarks are of whole endpoints on real sockets, with the cryptography of calls: HMAC and session sequence
// numbers. Both ends are in the process, so processor time is that of both. Units:
//
//	MB/s, cpu-s/Gbit           of user data
//	p50-ms, p99-ms             one way, from Write to the return of Read
//	handshakes/s, cpu-ms/op
//	B/session, cpu-ms/s

// processorTime is what the process has used.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

type benchEnd struct {
	*rtmfp.Endpoint
	profile *flashcrypto.Profile
}

func newBenchEnd(b *testing.B, opt flashcrypto.Options) benchEnd {
	b.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		b.Fatal(err)
	}
	profile, err := flashcrypto.NewProfile(opt)
	if err != nil {
		b.Fatal(err)
	}
	end, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: profile})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = end.Close() })
	return benchEnd{end, profile}
}

// benchSession is a session between two endpoints.
func benchSession(b *testing.B) (near, far *rtmfp.Session) {
	b.Helper()
	a, z := newBenchEnd(b, flashcrypto.Options{}), newBenchEnd(b, flashcrypto.Options{})
	ctx, cancel := context.WithTimeout(b.Context(), 10*time.Second)
	defer cancel()
	near, err := a.Dial(ctx, z.profile.Fingerprint().EPD(), z.LocalAddr())
	if err != nil {
		b.Fatal(err)
	}
	if far, err = z.Accept(ctx); err != nil {
		b.Fatal(err)
	}
	return near, far
}

// benchFlow is a flow through which a first, short message has gone.
func benchFlow(b *testing.B, near, far *rtmfp.Session, opt rtmfp.FlowOptions) (*rtmfp.SendFlow, *rtmfp.RecvFlow) {
	b.Helper()
	out, err := near.OpenFlow([]byte("bench"), opt)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := out.Write(b.Context(), nil, rtmfp.MessageOptions{}); err != nil {
		b.Fatal(err)
	}
	in, err := far.AcceptFlow(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	if _, err := in.Read(b.Context()); err != nil {
		b.Fatal(err)
	}
	return out, in
}

// writeAll writes messages until ctx ends or n are written.
func writeAll(ctx context.Context, out *rtmfp.SendFlow, msg []byte, n int) {
	for i := 0; i < n && ctx.Err() == nil; i++ {
		if _, err := out.Write(ctx, msg, rtmfp.MessageOptions{}); err != nil {
			return
		}
	}
}

// BenchmarkBulk sends messages reliably, as fast as they go.
func BenchmarkBulk(b *testing.B) {
	for _, size := range []int{32 << 10, 1000} {
		b.Run(fmt.Sprintf("message=%d", size), func(b *testing.B) {
			near, far := benchSession(b)
			out, in := benchFlow(b, near, far, rtmfp.FlowOptions{Priority: rtmfp.PriorityBulk, Buffer: 2 << 20})
			msg := make([]byte, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			go writeAll(b.Context(), out, msg, 100)
			for range 100 {
				if _, err := in.Read(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			before := near.Stats()
			b.ResetTimer()
			used := processorTime()
			go writeAll(b.Context(), out, msg, b.N)
			var read []byte
			var err error
			for range b.N {
				if read, err = in.ReadInto(b.Context(), read); err != nil {
					b.Fatal(err)
				}
			}
			b.StopTimer()
			used = processorTime() - used
			after := near.Stats()
			b.ReportMetric(used.Seconds()/(float64(b.N)*float64(size)*8/1e9), "cpu-s/Gbit")
			b.ReportMetric(float64(after.PacketsLost-before.PacketsLost)/float64(max(1, after.PacketsSent-before.PacketsSent)), "lost/packet")
		})
	}
}

// BenchmarkLatency sends 200-byte messages, 200 a second, and measures how long each takes.
func BenchmarkLatency(b *testing.B) {
	for _, bulk := range []bool{false, true} {
		name := "idle"
		if bulk {
			name = "beside-bulk"
		}
		b.Run(name, func(b *testing.B) {
			near, far := benchSession(b)
			ctx, cancel := context.WithCancel(b.Context())
			var wg sync.WaitGroup
			defer wg.Wait()
			defer cancel()
			out, in := benchFlow(b, near, far, rtmfp.FlowOptions{Priority: rtmfp.PriorityAudio})
			if bulk {
				bulkOut, bulkIn := benchFlow(b, near, far, rtmfp.FlowOptions{Priority: rtmfp.PriorityBulk, Buffer: 2 << 20})
				wg.Go(func() { writeAll(ctx, bulkOut, make([]byte, 32<<10), 1<<40) })
				wg.Go(func() {
					for ctx.Err() == nil {
						_, _ = bulkIn.Read(ctx)
					}
				})
				time.Sleep(200 * time.Millisecond)
			}
			var times []time.Duration
			start := time.Now()
			b.ResetTimer()
			wg.Go(func() {
				ticks := time.NewTicker(5 * time.Millisecond)
				defer ticks.Stop()
				msg := make([]byte, 200)
				for range b.N {
					<-ticks.C
					binary.BigEndian.PutUint64(msg, uint64(time.Since(start)))
					if _, err := out.Write(ctx, msg, rtmfp.MessageOptions{}); err != nil {
						return
					}
				}
			})
			var msg []byte
			var err error
			for range b.N {
				if msg, err = in.ReadInto(ctx, msg); err != nil {
					b.Fatal(err)
				}
				times = append(times, time.Since(start)-time.Duration(binary.BigEndian.Uint64(msg)))
			}
			b.StopTimer()
			reportTimes(b, times)
		})
	}
}

// reportTimes reports the median and the 99th percentile.
func reportTimes(b *testing.B, times []time.Duration) {
	slices.Sort(times)
	at := func(share float64) float64 {
		return float64(times[int(share*float64(len(times)-1))]) / float64(time.Millisecond)
	}
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
}

// BenchmarkHandshake opens sessions to one endpoint, eight at a time. Group 2 is that of old clients' peers; group 5 is
// never chosen between two of our own.
func BenchmarkHandshake(b *testing.B) {
	for _, group := range []flashcrypto.Group{flashcrypto.Group31, flashcrypto.Group14, flashcrypto.Group2} {
		b.Run(fmt.Sprintf("group=%d", group), func(b *testing.B) {
			opt := flashcrypto.Options{Groups: []flashcrypto.Group{group}}
			if group == flashcrypto.Group2 {
				opt = flashcrypto.Options{OldClients: true}
			}
			service := newBenchEnd(b, opt)
			go func() {
				for {
					if _, err := service.Accept(b.Context()); err != nil {
						return
					}
				}
			}()
			const atATime = 8
			var dialers [atATime]benchEnd
			for i := range dialers {
				dialers[i] = newBenchEnd(b, opt)
			}
			todo := make(chan struct{})
			times := make([][]time.Duration, atATime)
			var wg sync.WaitGroup
			b.ResetTimer()
			used := processorTime()
			for i, d := range dialers {
				wg.Go(func() {
					for range todo {
						began := time.Now()
						s, err := d.Dial(b.Context(), service.profile.Fingerprint().EPD(), service.LocalAddr())
						if err != nil {
							b.Error(err)
							return
						}
						times[i] = append(times[i], time.Since(began))
						_ = s.Close()
					}
				})
			}
			for range b.N {
				todo <- struct{}{}
			}
			close(todo)
			wg.Wait()
			b.StopTimer()
			b.ReportMetric(float64(processorTime()-used)/float64(time.Millisecond)/float64(b.N), "cpu-ms/op")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "handshakes/s")
			reportTimes(b, slices.Concat(times...))
		})
	}
}
