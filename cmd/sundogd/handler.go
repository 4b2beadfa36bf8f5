package main

import (
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	directory "sundog.dev/sundog/idmanager/http"
	"sundog.dev/sundog/rtmfp/rendezvous"
)

// newHandler serves the directory, /healthz and /metrics.
func newHandler(store directory.Store, service *rendezvous.Service, started time.Time) http.Handler {
	var requests atomic.Uint64
	names := directory.NewServer(store)
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		names.ServeHTTP(w, r)
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, "ok\n")
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		writeMetrics(w, service.Stats(), requests.Load(), started)
	})
	return mux
}

// writeMetrics writes Prometheus' text format.
func writeMetrics(w io.Writer, s rendezvous.Stats, requests uint64, started time.Time) {
	metric := func(kind, name, help string, value any) {
		_, _ = fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n%s %v\n", name, help, name, kind, name, value)
	}
	gauge := func(name, help string, value any) { metric("gauge", name, help, value) }
	counter := func(name, help string, value uint64) { metric("counter", name, help, value) }

	gauge("sundogd_start_time_seconds", "When the service started, Unix time.", started.Unix())
	gauge("sundogd_sessions", "RTMFP sessions that are open.", s.Sessions)
	gauge("sundogd_clients", "Clients that are connected.", s.Clients)
	counter("sundogd_sessions_accepted_total", "RTMFP sessions taken.", s.Accepted)
	counter("sundogd_sessions_refused_total", "RTMFP sessions closed since there were too many.", s.Refused)
	counter("sundogd_connects_total", "Connect commands that succeeded.", s.Connects)
	counter("sundogd_redirected_total", "Clients sent on to other instances.", s.Redirected)
	counter("sundogd_connectivity_checks_total", "Connectivity checks begun.", s.Checks)
	counter("sundogd_connectivity_checks_refused_total", "Connectivity checks beyond a limit.", s.ChecksRefused)
	counter("sundogd_introductions_total", "Introductions made.", s.Introductions)
	counter("sundogd_introductions_unknown_total", "Introductions asked for to peers that are not here.", s.Unknown)
	counter("sundogd_introductions_throttled_total", "Introductions beyond a rate limit.", s.Throttled)
	counter("sundogd_relayed_total", "Messages relayed.", s.Relayed)
	counter("sundogd_relay_failed_total", "Messages for peers that are not here or do not read.", s.RelayFailed)
	counter("sundogd_directory_requests_total", "Requests to the directory.", requests)
}
