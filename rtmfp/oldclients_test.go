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

// Some old services end a session whose first packet is a Ping.
func TestOldServicesAreNotPingedFirst(t *testing.T) {
	for _, old := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
			a, b := w.node("a", addrA), w.node("b", addrB)
			var first []byte
			a.profile.oldClients = old
			a.profile.wrapSeal = func(c PacketCipher) PacketCipher { return &firstPacket{c, &first} }
			near, far := w.connect(a, b)
			w.flow(near, far, FlowOptions{})
			_, chunks, err := parseHeader(first)
			if err != nil {
				t.Fatal(err)
			}
			pinged := false
			for {
				typ, _, rest, ok := nextChunk(chunks)
				if !ok {
					break
				}
				pinged, chunks = pinged || typ == chunkPing, rest
			}
			if pinged == old {
				t.Errorf("old clients %v: a Ping in the first packet %v", old, pinged)
			}
		})
	}
}

// firstPacket keeps the first plain packet that is sealed.
type firstPacket struct {
	PacketCipher
	plain *[]byte
}

func (c *firstPacket) Seal(dst, plain []byte) []byte {
	if *c.plain == nil {
		*c.plain = bytes.Clone(plain)
	}
	return c.PacketCipher.Seal(dst, plain)
}
