//go:build unix

package rtmfp_test

import (
	"encoding/binary"
	"flag"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// idleSessions is how many sessions BenchmarkIdleSessions opens to one endpoint; the mark is 100,000.
var idleSessions = flag.Int("idle-sessions", 2000, "sessions of BenchmarkIdleSessions")

// BenchmarkIdleSessions opens many sessions to one endpoint and tells what one takes of memory, and what all together take
// of a processor: with more pings than usual, since none is answered and each is repeated every 3 s.
func BenchmarkIdleSessions(b *testing.B) {
	for b.Loop() {
		service := newBenchEnd(b, flashcrypto.Options{})
		before := memory()
		far := service.profile
		for i := range *idleSessions {
			// Each far end is one of its own; what it keeps itself is not counted.
			profile, err := flashcrypto.NewProfile(flashcrypto.Options{Groups: []flashcrypto.Group{flashcrypto.Group31}})
			if err != nil {
				b.Fatal(err)
			}
			certificate, err := profile.ParseCertificate(far.Certificate())
			if err != nil {
				b.Fatal(err)
			}
			keying, err := profile.Initiate(certificate)
			if err != nil {
				b.Fatal(err)
			}
			var ip [4]byte
			binary.BigEndian.PutUint32(ip[:], 0x0a000000+uint32(i))
			s, err := service.AnswerAs(profile.Certificate(), keying.Component(), uint32(i+1), netip.AddrPortFrom(netip.AddrFrom4(ip), 1))
			if err != nil {
				b.Fatal(err)
			}
			s.SetTimeout(time.Hour) // nobody answers the pings
			if _, err := service.Accept(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(memory()-before)/float64(*idleSessions), "B/session")
		if all, open := service.Sessions(); open != *idleSessions {
			b.Fatalf("%d sessions, %d of them open", all, open)
		}
		const watch = 2 * time.Second
		used := processorTime()
		time.Sleep(watch)
		b.ReportMetric(float64(processorTime()-used)/float64(time.Millisecond)/watch.Seconds(), "cpu-ms/s")
		_ = service.Close()
	}
}

// memory is what the process holds in heap and stacks.
func memory() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}
