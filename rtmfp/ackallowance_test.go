package rtmfp

import (
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/rtmfp/internal/wire"
)

// A far end that makes us acknowledge each of its tiny packets, or hundreds of flows at once, fills its own uplink and not ours.
func TestAcknowledgementsCostNoMoreThanWhatIsReceived(t *testing.T) {
	const (
		seconds = 2
		rate    = 1000 // packets a second
	)
	metadata := wire.AppendMarker(wire.AppendOption(nil, optionMetadata, nil))
	data := func(b []byte, flow, seq uint64, abandon bool) []byte {
		return appendUserData(b, &dataHeader{flow: flow, seq: seq, options: metadata, abandon: abandon}, nil)
	}
	for name, packet := range map[string]func(b []byte, i uint64) []byte{
		"abandoned":  func(b []byte, i uint64) []byte { return data(b, 1, i, true) },
		"duplicates": func(b []byte, i uint64) []byte { return data(b, 1, 1, false) },
		"one gap":    func(b []byte, i uint64) []byte { return data(b, 1, i+1, false) },
		"probes": func(b []byte, i uint64) []byte {
			if i == 1 {
				return data(b, 1, 1, false)
			}
			return appendBufferProbe(b, 1)
		},
		"many flows": func(b []byte, i uint64) []byte {
			for flow := range uint64(50) {
				b = data(b, flow, 3*i, false)
			}
			return b
		},
		"rejected flows": func(b []byte, i uint64) []byte {
			for flow := range uint64(50) {
				b = appendUserData(b, &dataHeader{flow: 200 + flow, seq: 3 * i}, nil)
			}
			return b
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
				a, b := w.node("a", addrA), w.node("b", addrB)
				near, _ := w.connect(a, b)
				time.Sleep(time.Second)
				var received, sent, packets int
				w.net.SetFilter(func(p vnet.Packet) bool {
					if p.From == addrA {
						received += len(p.Data) + linkHeaders
					} else {
						sent += len(p.Data) + linkHeaders
						packets++
					}
					return true
				})
				for i := range uint64(seconds * rate) {
					a.mu.Lock()
					now := time.Now()
					near.endPacket(packet(near.beginPacket(now), i+1), addrB, now)
					a.mu.Unlock()
					time.Sleep(time.Second / rate)
				}
				time.Sleep(time.Second)
				w.net.SetFilter(nil)
				synctest.Wait()
				t.Logf("%d bytes received, %d sent in %d packets", received, sent, packets)
				if most := received/ackShare + ackBurst + (seconds+1)*ackRate + leastAck + 500; sent > most {
					t.Errorf("%d bytes sent for %d, %d at most", sent, received, most)
				}
				if packets < 10 {
					t.Errorf("%d packets only: nothing is acknowledged", packets)
				}
			})
		})
	}
}

// Who receives whole packets acknowledges them as before.
func TestWholePacketsAreAcknowledgedAtOnce(t *testing.T) {
	now := time.Now()
	var a ackAllowance
	for i := range 100_000 {
		a.received(basePacket)
		if i%2 == 0 {
			continue
		}
		if room, wait := a.room(now); wait > 0 || room < leastAck {
			t.Fatalf("packet %d: room for %d bytes, wait %v", i, room, wait)
		}
		a.sent(12, true)
	}
}

// After a flood there is room again as soon as time has passed, and never more than has been saved up.
func TestAcknowledgementsWaitForTheirAllowance(t *testing.T) {
	now := time.Now()
	var a ackAllowance
	for total := 0; ; total += leastAck {
		room, wait := a.room(now)
		if wait > 0 {
			if total > ackBurst+leastAck {
				t.Errorf("%d bytes at once", total)
			}
			if room, again := a.room(now.Add(wait)); room == 0 || wait > delayedAck {
				t.Errorf("after %v there is room for %d bytes, and one has to wait %v more", wait, room, again)
			}
			break
		}
		if room < leastAck {
			t.Fatalf("room for %d bytes", room)
		}
		a.sent(leastAck, false)
	}
	if room, _ := a.room(now.Add(time.Hour)); room != ackBurst {
		t.Errorf("room for %d bytes after an hour", room)
	}
}
