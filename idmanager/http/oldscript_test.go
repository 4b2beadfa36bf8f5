package http

import (
	"fmt"
	"html"
	nethttp "net/http"
	"strings"
	"sync"
	"time"
)

// oldScript is reg.cgi as it was on somebody's web server, which knows nothing of /v1.
type oldScript struct {
	mu      sync.Mutex
	entries map[string]oldEntry
}

type oldEntry struct {
	name, identity string
	updated        time.Time
}

func newOldScript() nethttp.Handler {
	s := &oldScript{entries: make(map[string]oldEntry)}
	mux := nethttp.NewServeMux()
	mux.HandleFunc("GET /reg.cgi", s.serve)
	return mux
}

func (s *oldScript) serve(w nethttp.ResponseWriter, r *nethttp.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := r.URL.Query()
	_, _ = fmt.Fprint(w, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<result>\n")
	if name, identity := q.Get("username"), q.Get("identity"); name != "" && identity != "" {
		s.entries[strings.ToLower(name)] = oldEntry{name, identity, time.Now()}
		_, _ = fmt.Fprint(w, "<update>true</update>")
	}
	for _, name := range q["friends"] {
		_, _ = fmt.Fprintf(w, "<friend><user>%s</user>", html.EscapeString(name))
		if e, ok := s.entries[strings.ToLower(name)]; ok && time.Since(e.updated) < Expiry {
			_, _ = fmt.Fprintf(w, "<identity>%s</identity>", e.identity)
			if e.name != name {
				_, _ = fmt.Fprintf(w, "<registered>%s</registered>", html.EscapeString(e.name))
			}
		}
		_, _ = fmt.Fprint(w, "</friend>")
	}
	_, _ = fmt.Fprint(w, "</result>")
}
