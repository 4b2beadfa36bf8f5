package rtmfp

import "time"

// Stats describes a session's path.
type Stats struct {
	RTT              time.Duration // smoothed round trip time by a clock of 4 ms; 0 while unknown, and on the shortest paths
	LastReceived     time.Time     // when the last authentic packet came
	BytesSent        uint64        // UDP payload bytes
	BytesReceived    uint64
	DatagramsSent    uint64 // all of them: with each goes an IP and a UDP header that BytesSent does not count
	DataBytesSent    uint64 // of BytesSent, those of packets with user data
	DataBytesArrived uint64 // of those, what has arrived so far as the far end's feedback says, since the far end has had its present address
	PacketsSent      uint64 // packets with user data
	PacketsLost      uint64 // of those, found lost
	CongestionWindow int    // bytes
	Outstanding      int    // bytes in flight
	// SendRate is what the session may send at present, in bit/s of UDP payload: what an encoder should aim at, all flows,
	// acknowledgements and repetitions together. It holds a short queue at the narrowest link if the far end gives feedback.
	SendRate float64
	// QueueDelay is how much longer than at best packets to the far end take; 0 without feedback.
	QueueDelay time.Duration
	// Loss is the share of packets with data lost of late, 0..1; 0 without feedback.
	Loss float64
	// DeliveryRate is what of the packets with user data has arrived of late, in bit/s of UDP payload, as the far end reports:
	// the path's rate while there is a queue, else what was sent. 0 without feedback.
	DeliveryRate float64
	// Feedback says that the far end reports when packets arrive.
	Feedback bool
}

// counters are the parts of Stats that only count.
type counters struct {
	bytesSent, bytesReceived     uint64
	datagramsSent, dataBytesSent uint64
	packetsSent, packetsLost     uint64
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
		DatagramsSent:    s.stats.datagramsSent,
		DataBytesSent:    s.stats.dataBytesSent,
		DataBytesArrived: s.dataArrived(),
		PacketsSent:      s.stats.packetsSent,
		PacketsLost:      s.stats.packetsLost,
		CongestionWindow: s.cc.window,
		Outstanding:      s.cc.outstanding,
		SendRate:         s.sendRate(),
		QueueDelay:       s.queueDelay(),
		Loss:             s.recentLoss(),
		DeliveryRate:     s.deliveryRate(),
		Feedback:         s.keys.Feedback,
	}
}

func (s *Session) queueDelay() time.Duration {
	if s.dc == nil {
		return 0
	}
	return time.Duration(s.dc.whole * float64(time.Second))
}

func (s *Session) recentLoss() float64 {
	if s.dc == nil {
		return 0
	}
	return s.dc.loss.last
}

func (s *Session) dataArrived() uint64 {
	if s.dc == nil {
		return 0
	}
	return s.dc.flow.bytes
}

func (s *Session) deliveryRate() float64 {
	if s.dc == nil {
		return 0
	}
	return s.dc.flow.rate(rateWindow)
}

func (s *Session) sendRate() float64 {
	switch {
	case s.rateControlled():
		backlog := 0
		for _, f := range s.sendFlows {
			if f.priority.timeCritical() {
				backlog += max(f.buffered-f.outstanding, 0)
			}
		}
		rate := s.withinDetour(s.dc.rate)
		return max(rate-float64(backlog)*8/backlogTime.Seconds(), rate*backlogLeast)
	case s.clock.measured:
		// Half a tick is a guess at what is too short to be measured.
		return s.withinDetour(float64(s.cc.window) * 8 / max(s.clock.srtt, tick/2).Seconds())
	}
	return s.withinDetour(startRate)
}
