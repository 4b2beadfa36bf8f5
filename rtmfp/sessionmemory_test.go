package rtmfp

import (
	"net/netip"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp/internal/wire"
)

// What a far end makes us hold beside unread bytes is bounded by Config.SessionBuffer too: a service has many sessions.
func TestASessionHoldsLittleBesideItsBuffer(t *testing.T) {
	const (
		buffer = 64 << 10
		flows  = maxRecvFlowStates / 4
	)
	metadata := wire.AppendMarker(wire.AppendOption(nil, optionMetadata, make([]byte, maxMetadata)))
	data := func(s *Session, flow, seq uint64, options []byte, abandon bool, now time.Time) {
		b := appendUserData(nil, &dataHeader{flow: flow, seq: seq, options: options, abandon: abandon}, nil)
		s.receiveChunks(b, s.farAddr, false, now)
	}
	for name, fill := range map[string]func(s *Session, now time.Time){
		"rejected flows with gaps": func(s *Session, now time.Time) {
			for flow := range uint64(flows) {
				for i := range uint64(maxRecvRanges) {
					data(s, flow, 1+3*i, nil, false, now)
				}
			}
		},
		"flows that have ended": func(s *Session, now time.Time) {
			for flow := range uint64(flows) {
				b := appendUserData(nil, &dataHeader{flow: flow, seq: 1, options: metadata, final: true}, nil)
				s.receiveChunks(b, s.farAddr, false, now)
			}
		},
		"abandoned fragments with gaps": func(s *Session, now time.Time) {
			for flow := range uint64(flows) {
				for i := range uint64(maxRecvRanges) {
					data(s, flow, 2+3*i, metadata, true, now)
				}
			}
		},
		"packets in pieces that never become whole": func(s *Session, now time.Time) {
			for packet := range uint64(100) {
				for index := range uint64(8) {
					c := packetFragment{more: true, packet: packet, index: index, data: make([]byte, 1000)}
					s.receivePiece(c, netip.AddrPort{}, now)
				}
			}
		},
		"tiny pieces": func(s *Session, now time.Time) {
			for packet := range uint64(100) {
				for index := range uint64(maxPiecedPacket/64 - 1) {
					s.receivePiece(packetFragment{more: true, packet: packet, index: index + 1, data: make([]byte, 1)}, netip.AddrPort{}, now)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, end := loneSession(t)
			defer end()
			s.e.mu.Lock()
			defer s.e.mu.Unlock()
			s.e.boundSessions(buffer)
			before := liveHeap()
			fill(s, time.Now())
			grown := liveHeap() - before
			t.Logf("%d KB", grown>>10)
			if grown > 4*buffer {
				t.Errorf("%d KB are held", grown>>10)
			}
		})
	}
}
