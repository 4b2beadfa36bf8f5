package turn

import "sync/atomic"

// Stats counts what a Server does.
type Stats struct {
	Allocations int // at this moment
	Streams     int // TCP connections at this moment

	Allocated    uint64 // allocations made
	Refused      uint64 // allocations refused, since there were too many
	Unauthorized uint64 // requests with a user name that is malformed or has expired
	Forbidden    uint64 // peers refused
	Throttled    uint64 // requests dropped, since their source sent too many
	Sent         uint64 // bytes from clients to peers
	Received     uint64 // bytes from peers to clients
	Dropped      uint64 // packets dropped, beyond an allocation's rate or to this host
}

// serverCounters are the counts of Stats as they grow.
type serverCounters struct {
	allocated, refused, unauthorized, forbidden, throttled, sent, received, dropped atomic.Uint64
}

// Stats is a snapshot of the counts.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	allocations, streams := len(s.allocations), len(s.streams)
	s.mu.Unlock()
	n := &s.counters
	return Stats{
		Allocations: allocations, Streams: streams, Allocated: n.allocated.Load(), Refused: n.refused.Load(),
		Unauthorized: n.unauthorized.Load(), Forbidden: n.forbidden.Load(), Throttled: n.throttled.Load(),
		Sent: n.sent.Load(), Received: n.received.Load(), Dropped: n.dropped.Load(),
	}
}
