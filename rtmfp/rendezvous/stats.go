package rendezvous

import "sync/atomic"

// Stats counts what the service does.
type Stats struct {
	Sessions int // open at present
	Clients  int // of those, connected

	Accepted      uint64 // sessions taken
	Refused       uint64 // sessions closed since there were too many
	Connects      uint64 // connect commands that succeeded
	KeysRefused   uint64 // those whose developer key was refused
	Redirected    uint64 // IHellos answered with the addresses of other instances
	Introductions uint64 // IHellos answered and forwarded
	Unknown       uint64 // IHellos for a peer that is not here
	Throttled     uint64 // IHellos beyond a rate limit
	Relayed       uint64 // messages passed on by relay
	RelayFailed   uint64 // messages for a peer that is not here or does not read

	Asked          uint64 // IHellos for a peer that is not here, put to other instances
	Found          uint64 // of those, answered and redirected
	IntroducedAway uint64 // IHellos that came to other instances, forwarded to a client here
	RelayedAway    uint64 // messages passed on to another instance
	MovedAway      uint64 // clients that came to another instance before their session here had ended

	ClusterLost      uint64 // messages to other instances that could not be sent
	ClusterLate      uint64 // answers of other instances that came too late, or twice
	ClusterForeign   uint64 // messages of other instances in another version
	ClusterMalformed uint64 // messages of other instances that make no sense

	Checks        uint64 // connectivity checks begun
	ChecksRefused uint64 // those beyond a limit
}

// counters are the counts of Stats as they grow.
type counters struct {
	accepted, refused, connects, keysRefused, introductions, unknown, throttled, relayed, relayFailed, checks, checksRefused, redirected atomic.Uint64

	asked, found, introducedAway, relayedAway, movedAway       atomic.Uint64
	clusterLost, clusterLate, clusterForeign, clusterMalformed atomic.Uint64
}

// Stats is a snapshot of the counts.
func (s *Service) Stats() Stats {
	s.mu.Lock()
	sessions, clients := s.sessions, len(s.clients)
	s.mu.Unlock()
	return Stats{
		Sessions: sessions, Clients: clients,
		Accepted: s.counters.accepted.Load(), Refused: s.counters.refused.Load(), Connects: s.counters.connects.Load(), KeysRefused: s.counters.keysRefused.Load(),
		Introductions: s.counters.introductions.Load(), Unknown: s.counters.unknown.Load(), Throttled: s.counters.throttled.Load(),
		Relayed: s.counters.relayed.Load(), RelayFailed: s.counters.relayFailed.Load(),
		Redirected: s.counters.redirected.Load(),
		Asked:      s.counters.asked.Load(), Found: s.counters.found.Load(), IntroducedAway: s.counters.introducedAway.Load(),
		RelayedAway: s.counters.relayedAway.Load(), MovedAway: s.counters.movedAway.Load(),
		ClusterLost: s.counters.clusterLost.Load(), ClusterLate: s.counters.clusterLate.Load(),
		ClusterForeign: s.counters.clusterForeign.Load(), ClusterMalformed: s.counters.clusterMalformed.Load(),
		Checks: s.counters.checks.Load(), ChecksRefused: s.counters.checksRefused.Load(),
	}
}
