package directory

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	nethttp "net/http"
	"net/url"
	"strings"
	"time"

	"sundog.dev/sundog/idmanager/http/v1"
	"sundog.dev/sundog/internal/cluster"
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

func serveCrossDomain(w nethttp.ResponseWriter, _ *nethttp.Request) {
	w.Header().Set("Content-Type", "text/x-cross-domain-policy")
	_, _ = io.WriteString(w, crossDomainPolicy)
}

// oldEntry is a value of the old bucket.
type oldEntry struct {
	Name     string    `json:"name"` // as spelled by whoever registered
	Identity string    `json:"identity"`
	Updated  time.Time `json:"updated"`
}

// serveOld is GET /reg.cgi, as the old script was, but for limits.
func (s *Server) serveOld(w nethttp.ResponseWriter, r *nethttp.Request) {
	s.counters.oldRequests.Add(1)
	if err := s.admit(r, 1); err != nil {
		s.counters.refused.Add(1)
		w.Header().Set("Retry-After", "5")
		nethttp.Error(w, "too many requests", nethttp.StatusTooManyRequests)
		return
	}
	if len(r.URL.RawQuery) > v1.MaxQuery {
		s.counters.refused.Add(1)
		nethttp.Error(w, "the query is too long", nethttp.StatusRequestURITooLong)
		return
	}
	// What cannot be parsed is left out, as the old script's library did.
	query, _ := url.ParseQuery(r.URL.RawQuery)
	ctx, cancel := withStore(r)
	defer cancel()
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(s.answerOld(ctx, query))
}

// answerOld carries out a query: first the registration, then the look-ups.
// Blank parameters count as missing ones.
func (s *Server) answerOld(ctx context.Context, query url.Values) []byte {
	var b bytes.Buffer
	b.WriteString("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<result>\n")
	if name, identity := first(query["username"]), first(query["identity"]); name != "" && identity != "" {
		if s.registerOld(ctx, name, identity) {
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
		if asked++; asked > v1.MaxNames {
			break
		}
		s.writeFriend(ctx, &b, name)
	}
	b.WriteString("</result>\n")
	return b.Bytes()
}

// registerOld stores what an old client says, unless a key owns the name.
func (s *Server) registerOld(ctx context.Context, name, identity string) bool {
	if len(name) > maxOldName || len(identity) > maxOldIdentity {
		return false
	}
	if key, err := v1.Fold(name); err == nil {
		if _, _, owned, err := read[owner](ctx, s.names.Get, key); owned || err != nil {
			return false
		}
	}
	e := oldEntry{Name: name, Identity: identity, Updated: s.cfg.Now().UTC()}
	if _, err := s.old.Put(ctx, oldKey(name), encode(e), oldExpiry); err != nil {
		s.counters.storeErrors.Add(1)
		s.cfg.Log.Warn("an old client's registration could not be stored", "error", err)
		return false
	}
	return true
}

// forgetOld deletes what an old client has registered under a name that a key owns now. Mostly there is nothing, and to find that out is
// much cheaper than a deletion, which goes to the disk.
func (s *Server) forgetOld(ctx context.Context, name string) {
	key := oldKey(name)
	_, err := s.old.Get(ctx, key)
	if err == nil {
		err = s.old.Delete(ctx, key)
	}
	if err != nil && !errors.Is(err, cluster.ErrNotFound) {
		s.cfg.Log.Warn("what an old client registered under a name that is owned now could not be deleted", "error", err)
	}
}

func (s *Server) writeFriend(ctx context.Context, b *bytes.Buffer, name string) {
	b.WriteString("\t<friend>\n")
	writeElement(b, "user", name)
	if identity, registered, found := s.findOld(ctx, name); found {
		writeElement(b, "identity", identity)
		if registered != name {
			writeElement(b, "registered", registered)
		}
	}
	b.WriteString("\t</friend>\n")
}

// findOld is what an old client is told of a name. One that a key owns looks as if it were registered like any other.
func (s *Server) findOld(ctx context.Context, name string) (identity, registered string, found bool) {
	if key, err := v1.Fold(name); err == nil {
		k, err := s.lookUp(ctx, name, key, s.presence.GetNearby)
		if err != nil {
			s.counters.storeErrors.Add(1)
			s.cfg.Log.Warn("the directory's store does not answer", "path", "/reg.cgi", "error", err)
			return "", "", false
		}
		switch {
		case k.name.Registration != nil:
			return k.name.Registration.PeerID, k.name.Name, true
		case k.name.Identity != nil:
			return unregistered, k.name.Name, true
		}
	}
	e, found, err := s.oldEntry(ctx, name)
	return e.Identity, e.Name, found && err == nil
}

// oldEntry reads what an old client has registered, if it still counts.
func (s *Server) oldEntry(ctx context.Context, name string) (oldEntry, bool, error) {
	e, _, found, err := read[oldEntry](ctx, s.old.GetNearby, oldKey(name))
	return e, found && s.cfg.Now().Sub(e.Updated) < oldExpiry, err
}

// oldKey folds the case of ASCII letters only, as SQLite's NOCASE did.
func oldKey(name string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, name)
}

// peerID is an identity in lower case, if it is one that a peer can have.
func peerID(identity string) (string, bool) {
	b, err := hex.DecodeString(identity)
	return strings.ToLower(identity), err == nil && len(b) == 32
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
