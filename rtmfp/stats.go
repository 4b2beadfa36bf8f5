package rtmfp

import "time"

// Stats describes a session's path.
type Stats struct {
	RTT              time.Duration // smoothed round trip time, 0 while unknown
	LastReceived     time.Time     // when the last authentic packet came
	BytesSent        uint64        // UDP payload bytes
	BytesReceived    uint64
	PacketsSent      uint64 // packets with user data
	PacketsLost      uint64 // of those, found lost
	CongestionWindow int    // bytes
	Outstanding      int    // bytes in flight
}

// counters are the parts of Stats that only count.
type counters struct {
	bytesSent, bytesReceived uint64
	packetsSent, packetsLost uint64
}

// Stats is a snapshot of the session's path.
func (s *Session) Stats() Stats {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	return Stats{
		RTT:              s.clock.srtt,
		LastReceived:     s.lastReceived,
		BytesSent:        s.stats.bytesSent,
		BytesReceived:    s.stats.bytesReceived,
		PacketsSent:      s.stats.packetsSent,
		PacketsLost:      s.stats.packetsLost,
		CongestionWindow: s.cc.window,
		Outstanding:      s.cc.outstanding,
	}
}
