package main

import (
	"sundog.dev/sundog/idmanager/http/directory"
	"sundog.dev/sundog/internal/cluster"
	"sundog.dev/sundog/rtmfp/turn"
)

// directoryMetrics are what the directory counts.
func directoryMetrics(names *directory.Server) *readings {
	var s directory.Stats
	r := &readings{snapshot: func() { s = names.Stats() }}
	r.gauge("directory_streams", "Streams of events that are open.", func() float64 { return float64(s.Streams) })
	r.counter("directory_api_requests_total", "Requests to /v1.", func() uint64 { return s.Requests })
	r.counter("directory_regcgi_requests_total", "Requests to reg.cgi.", func() uint64 { return s.OldRequests })
	r.counter("directory_refused_total", "Requests refused, for whatever reason.", func() uint64 { return s.Refused })
	r.counter("directory_lookups_total", "Names looked up.", func() uint64 { return s.LookUps })
	r.counter("directory_registrations_total", "Signed registrations accepted.", func() uint64 { return s.Registrations })
	r.counter("directory_claims_total", "Registrations that took a new name.", func() uint64 { return s.Claims })
	r.counter("directory_refreshes_total", "Registrations refreshed.", func() uint64 { return s.Refreshes })
	r.counter("directory_events_total", "Events written to streams.", func() uint64 { return s.Events })
	r.counter("directory_slow_readers_total", "Streams dropped since nobody read them.", func() uint64 { return s.SlowReaders })
	r.counter("directory_peers_gone_total", "Registrations ended since the peer's session had.", func() uint64 { return s.PeersGone })
	r.counter("directory_store_errors_total", "Answers that NATS did not give in time.", func() uint64 { return s.StoreErrors })
	return r
}

// clusterMetrics are what is known about NATS and the other instances.
func clusterMetrics(c *cluster.Cluster, n *instances) *readings {
	var s cluster.Stats
	r := &readings{snapshot: func() { s = c.Stats() }}
	r.gauge("instances", "Instances that live, this one too.", func() float64 { return float64(n.count()) })
	r.gauge("nats_connected", "1 while there is a connection to NATS.", func() float64 {
		if s.Connected {
			return 1
		}
		return 0
	})
	r.gauge("nats_watches", "Buckets being watched.", func() float64 { return float64(s.Watches) })
	r.counter("nats_reads_total", "Keys read.", func() uint64 { return s.Reads })
	r.counter("nats_writes_total", "Keys written.", func() uint64 { return s.Writes })
	r.counter("nats_conflicts_total", "Writes refused since somebody was faster.", func() uint64 { return s.Conflicts })
	r.counter("nats_retries_total", "Attempts that had no answer.", func() uint64 { return s.Retries })
	r.counter("nats_watches_restarted_total", "Watches that had to begin anew.", func() uint64 { return s.Restarted })
	r.counter("nats_published_total", "Messages sent to other instances.", func() uint64 { return s.Published })
	r.counter("nats_received_total", "Messages of other instances.", func() uint64 { return s.Received })
	r.counter("nats_dropped_total", "Messages lost since this instance was too slow.", func() uint64 { return s.Dropped })
	r.counter("nats_disconnects_total", "Times that the connection to NATS was lost.", func() uint64 { return s.Disconnects })
	return r
}

// relayMetrics are what the relay counts.
func relayMetrics(relay *turn.Server) *readings {
	var s turn.Stats
	r := &readings{snapshot: func() { s = relay.Stats() }}
	r.gauge("turn_allocations", "Relayed addresses in use.", func() float64 { return float64(s.Allocations) })
	r.gauge("turn_tcp_connections", "TCP connections to the relay.", func() float64 { return float64(s.Streams) })
	r.counter("turn_allocated_total", "Relayed addresses given out.", func() uint64 { return s.Allocated })
	r.counter("turn_refused_total", "Relayed addresses refused, since there were too many.", func() uint64 { return s.Refused })
	r.counter("turn_unauthorized_total", "Requests with a user name that is malformed or has expired.", func() uint64 { return s.Unauthorized })
	r.counter("turn_forbidden_total", "Peers refused.", func() uint64 { return s.Forbidden })
	r.counter("turn_throttled_total", "Requests dropped, since their source sent too many.", func() uint64 { return s.Throttled })
	r.counter("turn_sent_bytes_total", "Bytes relayed from clients to peers.", func() uint64 { return s.Sent })
	r.counter("turn_received_bytes_total", "Bytes relayed from peers to clients.", func() uint64 { return s.Received })
	r.counter("turn_dropped_total", "Packets dropped beyond an allocation's rate, or for this host.", func() uint64 { return s.Dropped })
	return r
}
