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
	r.counter("redirected_total", "Clients sent on to other instances.", func() uint64 { return s.Redirected })
	r.counter("connectivity_checks_total", "Connectivity checks begun.", func() uint64 { return s.Checks })
	r.counter("connectivity_checks_refused_total", "Connectivity checks beyond a limit.", func() uint64 { return s.ChecksRefused })
	r.counter("introductions_total", "Introductions made.", func() uint64 { return s.Introductions })
	r.counter("introductions_unknown_total", "Introductions asked for to peers that are not here.", func() uint64 { return s.Unknown })
	r.counter("introductions_throttled_total", "Introductions beyond a rate limit.", func() uint64 { return s.Throttled })
	r.counter("relayed_total", "Messages relayed.", func() uint64 { return s.Relayed })
	r.counter("relay_failed_total", "Messages for peers that are not here or do not read.", func() uint64 { return s.RelayFailed })
	return r
}
