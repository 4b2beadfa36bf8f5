package main

import (
	"io"
	"net/http"
	"sync"
)

// health is the service's own opinion of itself.
type health struct {
	mu       sync.Mutex
	draining bool
	// trouble tells what keeps the service from being useful, as a sentence; "" if nothing does.
	trouble func() string
}

// drain says from now on that the service is about to go.
func (h *health) drain() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.draining = true
}

func (h *health) isDraining() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.draining
}

// healthz tells whether the process serves: a supervisor restarts it otherwise. While it drains the answer is 503, so that
// load balancers send nobody new.
func (h *health) healthz(w http.ResponseWriter, _ *http.Request) {
	if h.isDraining() {
		answer(w, http.StatusServiceUnavailable, "draining")
		return
	}
	answer(w, http.StatusOK, "ok")
}

// readyz tells whether the service can do its work at present; what it stands on may be away.
func (h *health) readyz(w http.ResponseWriter, _ *http.Request) {
	if h.isDraining() {
		answer(w, http.StatusServiceUnavailable, "draining")
	} else if why := h.trouble(); why != "" {
		answer(w, http.StatusServiceUnavailable, why)
	} else {
		answer(w, http.StatusOK, "ready")
	}
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}
