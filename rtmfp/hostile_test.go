package rtmfp

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/rtmfp/internal/wire"
)

// mutator is a sealing cipher that damages what it seals: a far end that has the
// keys and means harm.
type mutator struct {
	PacketCipher
	rng *rand.Rand
	on  *atomic.Bool
	buf []byte
}

func (m *mutator) Seal(dst, plain []byte) []byte {
	if !m.on.Load() {
		return m.PacketCipher.Seal(dst, plain)
	}
	m.buf = mutate(m.rng, append(m.buf[:0], plain...))
	return m.PacketCipher.Seal(dst, m.buf)
}

// mutate changes, removes or adds bytes, and sometimes makes up chunks of its own.
func mutate(rng *rand.Rand, b []byte) []byte {
	for range 1 + rng.IntN(4) {
		switch rng.IntN(6) {
		case 0, 1:
			b[rng.IntN(len(b))] = byte(rng.Uint32())
		case 2:
			b[rng.IntN(len(b))] ^= 1 << rng.IntN(8)
		case 3:
			b = b[:1+rng.IntN(len(b))]
		case 4:
			for range rng.IntN(20) {
				b = append(b, byte(rng.Uint32()))
			}
		case 5:
			b = appendHostileChunk(rng, b)
		}
	}
	if len(b) > basePacket {
		b = b[:basePacket]
	}
	return b
}

// appendHostileChunk appends a well-formed chunk with unlikely contents.
func appendHostileChunk(rng *rand.Rand, b []byte) []byte {
	number := func() uint64 {
		switch rng.IntN(4) {
		case 0:
			return uint64(rng.IntN(4))
		case 1:
			return uint64(rng.IntN(2000))
		case 2:
			return rng.Uint64() >> rng.IntN(64)
		default:
			return 1 << rng.IntN(64)
		}
	}
	switch rng.IntN(6) {
	case 0:
		options := wire.AppendMarker(wire.AppendOption(nil, optionMetadata, []byte("hostile")))
		h := dataHeader{flow: number(), seq: number() + 2, options: options, control: byte(rng.IntN(4))}
		h.fsn = h.seq - 1 - number()%h.seq
		return appendUserData(b, &h, make([]byte, rng.IntN(800)))
	case 1:
		start := len(b)
		b = beginChunk(b, chunkAckRanges)
		for range 3 + 2*rng.IntN(10) {
			b = wire.AppendVLU(b, number())
		}
		return endChunk(b, start)
	case 2:
		start := len(b)
		b = beginChunk(b, chunkAckBitmap)
		for range 3 {
			b = wire.AppendVLU(b, number())
		}
		for range rng.IntN(50) {
			b = append(b, byte(rng.Uint32()))
		}
		return endChunk(b, start)
	case 3:
		return appendFlowException(appendBufferProbe(b, number()), number(), number())
	case 4:
		return appendChunk(b, chunkPing, make([]byte, rng.IntN(300)))
	default:
		to := netip.AddrPortFrom(addrC.Addr(), uint16(number()))
		return appendFIHello(b, fihello{[]byte("Ab"), to, []byte("tag")})
	}
}

// An endpoint that takes a flood of mutated packets keeps its memory, and its other sessions.
func TestMutatedPackets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		var hostile atomic.Bool
		a, b, c := w.node("a", addrA), w.node("b", addrB), w.node("c", addrC)
		a.profile.wrapSeal = func(p PacketCipher) PacketCipher {
			return &mutator{PacketCipher: p, rng: rand.New(rand.NewPCG(1, 2)), on: &hostile}
		}
		good, goodFar := w.connect(c, b)
		out, in := w.flow(good, goodFar, FlowOptions{Priority: PriorityData})
		ended, end := context.WithCancel(context.Background())
		end()
		var before, worst int64
		attacked := 0
		var answering sync.WaitGroup
		rng := rand.New(rand.NewPCG(5, 6))
		for sent := 0; sent < 10_000; {
			hostile.Store(false)
			near, far := w.connect(a, b)
			attack, victim := w.flow(near, far, FlowOptions{Priority: PriorityData})
			far.SetAcceptForwarded(true)
			go drain(victim)
			back, err := far.OpenFlow([]byte("back"), FlowOptions{})
			if err != nil {
				t.Fatal(err)
			}
			answering.Go(func() {
				for {
					if _, err := back.Write(context.Background(), make([]byte, 3000), MessageOptions{}); err != nil {
						return
					}
					time.Sleep(time.Millisecond)
				}
			})
			if attacked == 0 {
				before = liveHeap()
			}
			attacked++
			hostile.Store(true)
			for ; far.Err() == nil && near.Err() == nil && sent < 10_000; sent++ {
				sendHostile(near, rng)
				_, _ = attack.Write(ended, make([]byte, rng.IntN(3000)),
					MessageOptions{DeliverBy: time.Now().Add(50 * time.Millisecond)})
				if rng.IntN(50) == 0 {
					time.Sleep(10 * time.Millisecond)
				} else {
					synctest.Wait()
				}
				if sent%2500 == 0 {
					worst = max(worst, liveHeap()-before)
				}
			}
			hostile.Store(false)
			_ = near.Close()
			_ = far.Close()
		}
		answering.Wait()
		t.Logf("%d sessions were attacked, live heap grew by %d KB at most", attacked, worst>>10)
		if worst > 5<<20 {
			t.Errorf("live heap grew by %d KB", worst>>10)
		}
		w.write(out, "unharmed")
		w.read(in, "unharmed")
	})
}

// sendHostile sends a packet with chunks made up, which the mutator damages on top.
func sendHostile(s *Session, rng *rand.Rand) {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	now := time.Now()
	b := append(s.beginPacket(now), 0)
	for range rng.IntN(3) {
		b = appendHostileChunk(rng, b)
	}
	if len(b) <= basePacket {
		s.endPacket(b, s.farAddr, now)
	}
}

// Packets damaged after sealing are dropped one by one.
func TestDamagedPackets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		near, far := w.connect(a, b)
		out, in := w.flow(near, far, FlowOptions{Priority: PriorityData})
		rng := rand.New(rand.NewPCG(3, 4))
		relay, _ := w.net.Listen(addrC)
		defer func() { _ = relay.Close() }()
		var packets [][]byte
		w.net.SetFilter(func(p vnet.Packet) bool {
			if p.From == addrA && len(packets) < 50 {
				packets = append(packets, append([]byte(nil), p.Data...))
			}
			return true
		})
		w.write(out, string(make([]byte, 50_000)))
		w.read(in, string(make([]byte, 50_000)))
		before := liveHeap()
		for i := range 20_000 {
			p := append([]byte(nil), packets[rng.IntN(len(packets))]...)
			p = mutate(rng, p)
			_, _ = relay.WriteToUDPAddrPort(p, addrB)
			if i%100 == 0 {
				time.Sleep(time.Millisecond)
			}
		}
		if grown := liveHeap() - before; grown > 5<<20 {
			t.Errorf("live heap grew by %d KB", grown>>10)
		}
		w.write(out, "still here")
		w.read(in, "still here")
	})
}

func drain(f *RecvFlow) {
	for {
		if _, err := f.Read(context.Background()); err != nil {
			return
		}
	}
}

func liveHeap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A sender that ignores the window, sends only gaps or never ends a message is bounded.
func TestGreedySender(t *testing.T) {
	for name, next := range map[string]func(i uint64) (seq uint64, control byte){
		"never reads":        func(i uint64) (uint64, byte) { return i, fragmentWhole },
		"never ends":         func(i uint64) (uint64, byte) { return i, byte(min(i, 2)-1) * 3 % 4 },
		"only gaps":          func(i uint64) (uint64, byte) { return 2 * i, fragmentWhole },
		"one gap, then much": func(i uint64) (uint64, byte) { return i + 1, fragmentWhole },
		"huge gaps":          func(i uint64) (uint64, byte) { return i << 40, fragmentMiddle },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, vnet.Link{})
				a, b := w.node("a", addrA), w.node("b", addrB)
				near, far := w.connect(a, b)
				options := wire.AppendMarker(wire.AppendOption(nil, optionMetadata, nil))
				for flow := range uint64(4) {
					for i := uint64(1); i < 1500; i++ {
						h := dataHeader{flow: 100 + flow}
						h.seq, h.control = next(i)
						if i == 1 {
							h.options = options
						}
						a.mu.Lock()
						near.endPacket(appendUserData(near.beginPacket(time.Now()), &h, make([]byte, 1000)), addrB, time.Now())
						a.mu.Unlock()
						if i%100 == 0 {
							synctest.Wait()
						}
					}
				}
				synctest.Wait()
				b.mu.Lock()
				defer b.mu.Unlock()
				if far.recvBytes > maxSessionRecv {
					t.Errorf("%d bytes are held", far.recvBytes)
				}
				held := 0
				for _, f := range far.recvFlows {
					held += f.readyBytes + f.parts.bytes
					if len(f.set.beyond) > maxRecvRanges {
						t.Errorf("%d ranges", len(f.set.beyond))
					}
				}
				if held != far.recvBytes {
					t.Errorf("%d bytes are charged, %d held", far.recvBytes, held)
				}
			})
		})
	}
}
