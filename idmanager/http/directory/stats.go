package directory

import "sync/atomic"

// Stats counts what a server does, for /metrics.
type Stats struct {
	Streams int // open at this moment

	Requests      uint64 // to /v1
	OldRequests   uint64 // to reg.cgi
	Refused       uint64 // of both, for whatever reason
	LookUps       uint64 // names looked up, by either
	Registrations uint64 // signed ones that were accepted
	Claims        uint64 // of them, those that took a new name
	Refreshes     uint64 // by request and by streams
	Events        uint64 // written to streams
	SlowReaders   uint64 // streams that were dropped since nobody read them
	PeersGone     uint64 // registrations ended since the peer's session had
	StoreErrors   uint64 // answers that the cluster did not give in time
}

type counters struct {
	requests, oldRequests, refused, lookUps, registrations, claims, refreshes, events, slowReaders, peersGone, storeErrors atomic.Uint64
}

// Stats is a snapshot of the counts.
func (s *Server) Stats() Stats {
	c := &s.counters
	return Stats{
		Streams:  s.streams.open(),
		Requests: c.requests.Load(), OldRequests: c.oldRequests.Load(), Refused: c.refused.Load(), LookUps: c.lookUps.Load(),
		Registrations: c.registrations.Load(), Claims: c.claims.Load(), Refreshes: c.refreshes.Load(), Events: c.events.Load(),
		SlowReaders: c.slowReaders.Load(), PeersGone: c.peersGone.Load(), StoreErrors: c.storeErrors.Load(),
	}
}
