package rtmfp

import (
	"bytes"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// Old clients of one kind resolve glare by peer IDs: the greater one ignores what the other opens. Whoever prevails by that
// rule or by ours, an endpoint for old clients gets its session.
func TestGlareWithThoseWhoGoByPeerIDs(t *testing.T) {
	for _, byCertificate := range []bool{false, true} {
		for _, byID := range []bool{false, true} {
			t.Run(fmt.Sprintf("we prevail by certificate %v, by peer ID %v", byCertificate, byID), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, vnet.Link{Latency: 20 * time.Millisecond})
					near, old := w.node("near", addrA), w.node("old", addrB)
					for near.nearPrevails(testCertificate(old.profile.certificate)) != byCertificate ||
						(bytes.Compare(near.nearFingerprint[:], old.nearFingerprint[:]) > 0) != byID {
						_ = near.Close()
						_ = old.Close()
						near, old = w.node("near", addrA), w.node(fmt.Sprint(map[bool]string{false: "o", true: "older"}[byCertificate]), addrB)
					}
					near.profile.oldClients = true
					if !byID {
						// It ignores us: none of its answers to us come through.
						w.net.SetFilter(func(p vnet.Packet) bool { return p.From != addrB || startupChunk(p.Data) != chunkRIKeying })
					}
					done := make(chan error)
					go func() {
						_, err := old.Dial(w.ctx(10*time.Second), near.profile.epd(), addrA)
						done <- err
					}()
					if _, err := near.Dial(w.ctx(10*time.Second), old.profile.epd(), addrB); err != nil {
						t.Error("our Dial:", err)
					}
					if err := <-done; err != nil {
						t.Error("its Dial:", err)
					}
				})
			})
		}
	}
}
