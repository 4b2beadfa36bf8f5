package main

import "sundog.dev/sundog/rtmfp/rendezvous"

// rtmfpMetrics are what the introduction service counts.
func rtmfpMetrics(service *rendezvous.Service) *readings {
	var s rendezvous.Stats
	r := &readings{snapshot: func() { s = service.Stats() }}
	r.gauge("sessions", "RTMFP sessions that are open.", func() float64 { return float64(s.Sessions) })
	r.gauge("clients", "Clients that are connected.", func() float64 { return float64(s.Clients) })
	r.counter("sessions_accepted_total", "RTMFP sessions taken.", func() uint64 { return s.Accepted })
	r.counter("sessions_refused_total", "RTMFP sessions closed since there were too many.", func() uint64 { return s.Refused })
	r.counter("connects_total", "Connect commands that succeeded.", func() uint64 { return s.Connects })
	r.counter("keys_refused_total", "Connect commands without a valid developer key.", func() uint64 { return s.KeysRefused })
	r.counter("redirected_total", "Clients sent on to other instances.", func() uint64 { return s.Redirected })
	r.counter("connectivity_checks_total", "Connectivity checks begun.", func() uint64 { return s.Checks })
	r.counter("connectivity_checks_refused_total", "Connectivity checks beyond a limit.", func() uint64 { return s.ChecksRefused })
	r.counter("introductions_total", "Introductions made.", func() uint64 { return s.Introductions })
	r.counter("introductions_unknown_total", "Introductions asked for to peers that are not here.", func() uint64 { return s.Unknown })
	r.counter("introductions_throttled_total", "Introductions beyond a rate limit.", func() uint64 { return s.Throttled })
	r.counter("relayed_total", "Messages relayed.", func() uint64 { return s.Relayed })
	r.counter("relay_failed_total", "Messages for peers that are not here or do not read.", func() uint64 { return s.RelayFailed })
	r.counter("cluster_asked_total", "Introductions to peers that are not here, put to other instances.", func() uint64 { return s.Asked })
	r.counter("cluster_found_total", "Introductions that another instance has made possible.", func() uint64 { return s.Found })
	r.counter("cluster_introduced_total", "Introductions to clients here that came from other instances.", func() uint64 { return s.IntroducedAway })
	r.counter("cluster_relayed_total", "Messages relayed to other instances.", func() uint64 { return s.RelayedAway })
	r.counter("cluster_moved_total", "Clients that came to another instance before their session here had ended.", func() uint64 { return s.MovedAway })
	r.counter("cluster_lost_total", "Messages to other instances that could not be sent.", func() uint64 { return s.ClusterLost })
	r.counter("cluster_late_total", "Answers of other instances that came too late, or twice.", func() uint64 { return s.ClusterLate })
	r.counter("cluster_foreign_total", "Messages of other instances in another version.", func() uint64 { return s.ClusterForeign })
	r.counter("cluster_malformed_total", "Messages of other instances that make no sense.", func() uint64 { return s.ClusterMalformed })
	return r
}
