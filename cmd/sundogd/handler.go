package main

import (
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// newHandler serves the directory, and what operators look at: /healthz, /readyz and /metrics.
func newHandler(directory http.Handler, h *health, registry *prometheus.Registry, trusted proxies) http.Handler {
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sundogd_directory_requests_total", Help: "Requests to the directory, by the class of their status.",
	}, []string{"code"})
	registry.MustRegister(requests)
	mux := http.NewServeMux()
	mux.Handle("/", trusted.handler(counted(directory, requests)))
	mux.HandleFunc("GET /healthz", h.healthz)
	mux.HandleFunc("GET /readyz", h.readyz)
	mux.Handle("GET /metrics", metricsHandler(registry))
	return mux
}

// counted counts the answers of h.
func counted(h http.Handler, requests *prometheus.CounterVec) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		noted := &statusNoted{ResponseWriter: w, status: http.StatusOK}
		defer func() { requests.WithLabelValues(strconv.Itoa(noted.status/100) + "xx").Inc() }()
		h.ServeHTTP(noted, r)
	})
}

// statusNoted remembers the status of an answer.
type statusNoted struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *statusNoted) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Flush implements http.Flusher, for what is sent bit by bit.
func (w *statusNoted) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Unwrap is for http.ResponseController.
func (w *statusNoted) Unwrap() http.ResponseWriter { return w.ResponseWriter }
