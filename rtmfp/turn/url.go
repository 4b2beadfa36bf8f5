package turn

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// URL is the address of a relay, and who one is there.
type URL struct {
	Host           string // host:port
	User, Password string // none: the relay asks for nothing
	TCP            bool   // to the relay; from there on it is UDP
}

// ParseURL reads turn:[user:password@]host[:port][?transport=udp|tcp]: RFC 7065's form with credentials. Special
// characters in them may be written as %XX. The last colon before the last @ ends the user name, which may hold
// colons itself, as those of Issue do.
func ParseURL(s string) (URL, error) {
	rest, ok := strings.CutPrefix(s, "turn:")
	if !ok {
		return URL{}, fmt.Errorf("turn: %q is no address of a relay: it has to begin with turn: and the host", redacted(s))
	}
	var u URL
	rest, query, _ := strings.Cut(rest, "?")
	switch query {
	case "", "transport=udp":
	case "transport=tcp":
		u.TCP = true
	default:
		return URL{}, fmt.Errorf("turn: %q: behind the question mark there can be transport=udp or transport=tcp", redacted(s))
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		credentials := rest[:i]
		rest = rest[i+1:]
		j := strings.LastIndexByte(credentials, ':')
		if j <= 0 {
			return URL{}, fmt.Errorf("turn: %q: before the @ there is no user:password", redacted(s))
		}
		var err1, err2 error
		u.User, err1 = url.PathUnescape(credentials[:j])
		u.Password, err2 = url.PathUnescape(credentials[j+1:])
		if err1 != nil || err2 != nil {
			return URL{}, fmt.Errorf("turn: %q: a %% in user or password is not followed by two digits", redacted(s))
		}
	}
	host, port, err := net.SplitHostPort(rest)
	if err != nil {
		host, port = rest, defaultPort
		if inner, ok := strings.CutPrefix(host, "["); ok {
			if inner, ok = strings.CutSuffix(inner, "]"); ok {
				host = inner
			}
		}
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || host == "" || strings.ContainsAny(host, "/@[] ") {
		return URL{}, fmt.Errorf("turn: %q: the end is no host:port", redacted(s))
	}
	u.Host = net.JoinHostPort(host, port)
	return u, nil
}

// String is the address in the form that ParseURL reads.
func (u URL) String() string {
	s := "turn:"
	if u.User != "" {
		s += escape(u.User) + ":" + escape(u.Password) + "@"
	}
	s += u.Host
	if u.TCP {
		s += "?transport=tcp"
	}
	return s
}

// escape writes as %XX what would end a user name or password.
func escape(s string) string {
	return strings.NewReplacer("%", "%25", "@", "%40", "?", "%3F", ":", "%3A").Replace(s)
}

// redacted is an address without the password, for messages.
func redacted(s string) string {
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		return "turn:…" + s[i:]
	}
	return s
}
