package http

import (
	"bytes"
	"encoding/xml"
	"io"
	nethttp "net/http"
	"net/netip"
	"net/url"
	"time"
)

// crossDomainPolicy lets Flash movies from other hosts use the directory. It is
// public and knows no cookies, so there is nothing to keep from them.
const crossDomainPolicy = `<?xml version="1.0"?>
<!DOCTYPE cross-domain-policy SYSTEM "http://www.adobe.com/xml/dtds/cross-domain-policy.dtd">
<cross-domain-policy>
	<site-control permitted-cross-domain-policies="master-only"/>
	<allow-access-from domain="*" secure="false"/>
</cross-domain-policy>
`

// server answers /reg.cgi and /crossdomain.xml.
type server struct {
	store   Store
	limiter *rateLimiter
}

// NewServer makes the handler of /reg.cgi, on top of a store, and of /crossdomain.xml. Requests of
// one source are limited (status 429); the source is the connection's address.
func NewServer(store Store) nethttp.Handler {
	s := &server{store: store, limiter: newRateLimiter()}
	mux := nethttp.NewServeMux()
	mux.HandleFunc("GET /"+script, s.serve)
	mux.HandleFunc("GET /crossdomain.xml", func(w nethttp.ResponseWriter, _ *nethttp.Request) {
		w.Header().Set("Content-Type", "text/x-cross-domain-policy")
		_, _ = io.WriteString(w, crossDomainPolicy)
	})
	return mux
}

func (s *server) serve(w nethttp.ResponseWriter, r *nethttp.Request) {
	now := time.Now()
	from, _ := netip.ParseAddrPort(r.RemoteAddr)
	if !s.limiter.allow(from.Addr(), now) {
		w.Header().Set("Retry-After", "5")
		nethttp.Error(w, "too many requests", nethttp.StatusTooManyRequests)
		return
	}
	if len(r.URL.RawQuery) > maxQuery {
		nethttp.Error(w, "the query is too long", nethttp.StatusRequestURITooLong)
		return
	}
	// What cannot be parsed is left out, as the old script's library did.
	query, _ := url.ParseQuery(r.URL.RawQuery)
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(s.answer(query, now))
}

// answer carries out a query: first the registration, then the look-ups.
// Blank parameters count as missing ones.
func (s *server) answer(query url.Values, now time.Time) []byte {
	var b bytes.Buffer
	b.WriteString("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<result>\n")
	if name, identity := first(query["username"]), first(query["identity"]); name != "" && identity != "" {
		if s.register(name, identity, now) {
			b.WriteString("\t<update>true</update>\n")
		} else {
			b.WriteString("\t<update>false</update>\n")
		}
	}
	asked := 0
	for _, name := range query["friends"] {
		if name == "" {
			continue
		}
		if asked++; asked > maxFriends {
			break
		}
		s.writeFriend(&b, name, now)
	}
	b.WriteString("</result>\n")
	return b.Bytes()
}

func (s *server) register(name, identity string, now time.Time) bool {
	if len(name) > maxName || len(identity) > maxIdentity {
		return false
	}
	return s.store.Put(Entry{Name: name, Identity: identity, Updated: now.UTC()}) == nil
}

func (s *server) writeFriend(b *bytes.Buffer, name string, now time.Time) {
	b.WriteString("\t<friend>\n")
	writeElement(b, "user", name)
	if e, ok, err := s.store.Get(name); err == nil && ok && !e.expired(now) {
		writeElement(b, "identity", e.Identity)
		if e.Name != name {
			writeElement(b, "registered", e.Name)
		}
	}
	b.WriteString("\t</friend>\n")
}

func writeElement(b *bytes.Buffer, element, text string) {
	b.WriteString("\t\t<" + element + ">")
	_ = xml.EscapeText(b, []byte(text)) // a buffer takes everything
	b.WriteString("</" + element + ">\n")
}

// first is the first value that is not blank.
func first(values []string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
