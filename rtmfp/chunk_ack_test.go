package rtmfp

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// FuzzAck: what an acknowledgement of either kind says comes back from it, as far as there was room.
func FuzzAck(f *testing.F) {
	f.Add(uint64(1), uint16(200), true)
	f.Add(uint64(2), uint16(20), false)
	f.Fuzz(func(t *testing.T, seed uint64, room uint16, bitmaps bool) {
		rng := rand.New(rand.NewPCG(seed, 0))
		set := sequenceSet{cumulative: rng.Uint64N(1 << 20)}
		for next, n := set.cumulative, rng.IntN(20); n > 0; n-- {
			from := next + 2 + rng.Uint64N(1<<rng.IntN(8))
			next = from + rng.Uint64N(1<<rng.IntN(8))
			set.beyond = append(set.beyond, seqRange{from, next})
		}
		b, whole := appendAck(nil, int(room), 7, 3, &set, bitmaps)
		if len(b) == 0 {
			return
		}
		typ, payload, _, ok := nextChunk(b)
		c, err := parseAck(payload, typ == chunkAckBitmap)
		if !ok || err != nil || len(b) > int(room) || c.flow != 7 || c.window != 3*ackBlock || c.cumulative != set.cumulative {
			t.Fatalf("%x: %+v, %v", b, c, err)
		}
		var got []seqRange
		c.eachRange(func(r seqRange) { got = append(got, r) })
		if len(got) > len(set.beyond) || whole != (len(got) == len(set.beyond)) {
			t.Fatalf("%v of %v, whole %v", got, set.beyond, whole)
		}
		for i := range got {
			if got[i] != set.beyond[i] {
				t.Fatalf("%v of %v", got, set.beyond)
			}
		}
	})
}

// Both kinds of acknowledgement are sent and understood: bitmaps to an end that has sent one, where they are shorter.
func TestBothKindsOfAcknowledgement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond, Loss: 0.2})
		a, b := w.node("a", addrA), w.node("b", addrB)
		kinds := map[byte]int{}
		b.profile.wrapSeal = func(p PacketCipher) PacketCipher {
			return &watcher{p, func(plain []byte) {
				_, chunks, _ := parseHeader(plain)
				for {
					typ, _, rest, ok := nextChunk(chunks)
					if !ok {
						return
					}
					kinds[typ]++
					chunks = rest
				}
			}}
		}
		near, far := w.connect(a, b)
		out, in := w.flow(near, far, FlowOptions{Priority: PriorityBulk, Buffer: 4 << 20})
		for round := range 2 {
			for range 20 {
				w.write(out, string(make([]byte, 20_000)))
			}
			for range 20 {
				w.read(in, string(make([]byte, 20_000)))
			}
			b.mu.Lock()
			if kinds[chunkAckRanges] == 0 || (kinds[chunkAckBitmap] > 0) != (round == 1) {
				t.Errorf("round %d: %v", round, kinds)
			}
			far.acks.bitmaps = true
			b.mu.Unlock()
		}
	})
}

// watcher is a sealing cipher that shows what it seals.
type watcher struct {
	PacketCipher
	see func(plain []byte)
}

func (w *watcher) Seal(dst, plain []byte) []byte {
	w.see(plain)
	return w.PacketCipher.Seal(dst, plain)
}
