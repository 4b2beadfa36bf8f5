package lan

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

// BenchmarkReceive takes in packets of one of 500 people on a network: one who is known, and one whose signature must be checked.
func BenchmarkReceive(b *testing.B) {
	for name, news := range map[string]bool{"known": false, "new": true} {
		b.Run(name, func(b *testing.B) {
			e, now := newEngineOn(b, "10.0.0.1/8")
			var packets []packet
			for n := range 500 {
				o, p := claim(b, testKey(uint64(n+1)), fmt.Sprintf("Person %d", n), peerID("b"), fmt.Sprintf("10.1.%d.%d/8", n/250, n%250+1), now)
				packets = append(packets, packet{
					data: tell(b, o.answer(p, recordTTL, false)), from: netip.AddrPortFrom(p.prefixes[0].Addr(), mdnsPort), via: 1, toGroup: true,
				})
			}
			for _, p := range packets {
				e.receive(now, p)
				now = now.Add(10 * time.Millisecond)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				now = now.Add(10 * time.Millisecond) // below all limits
				if news {
					e.ports[1] = newPort(e.ports[1].netInterface, now)
				}
				e.receive(now, packets[i%len(packets)])
			}
		})
	}
}
