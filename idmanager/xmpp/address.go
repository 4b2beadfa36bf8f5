package xmpp

import (
	"fmt"
	"net/url"
	"strings"
)

// ParseAddress reads an account's address as users write it, xmpp:ann@example.org, into Options that hold JID, Resource,
// Host and AllowPlain. Behind a question mark may stand host=[xmpp://|xmpps://]host[:port], where SRV records do not say where
// the server is, and plain=yes, which allows sending the password itself, with & between.
func ParseAddress(s string) (Options, error) {
	rest, ok := strings.CutPrefix(s, "xmpp:")
	if !ok {
		return Options{}, fmt.Errorf("an XMPP account is written xmpp:ann@example.org, not %q", shortened(s))
	}
	jid, query, _ := strings.Cut(rest, "?")
	if unescaped, err := url.PathUnescape(jid); err == nil { // RFC 5122 §2.2
		jid = unescaped
	}
	j, err := ParseJID(jid)
	if err != nil {
		return Options{}, err
	}
	if j.Local == "" {
		return Options{}, fmt.Errorf("%q is %w: it names no user", shortened(jid), errJID)
	}
	o := Options{JID: j.Bare().String(), Resource: j.Resource}
	values, err := url.ParseQuery(query)
	if err != nil {
		return Options{}, fmt.Errorf("what stands behind the question mark of %q cannot be read", shortened(s))
	}
	for key, value := range values {
		switch {
		case key == "host" && len(value) == 1:
			o.Host = value[0]
			if _, err := parseHost(o.Host); err != nil {
				return Options{}, err
			}
		case key == "plain" && len(value) == 1 && (value[0] == "yes" || value[0] == "no"):
			o.AllowPlain = value[0] == "yes"
		default:
			return Options{}, fmt.Errorf("behind the question mark of an XMPP address stand host=SERVER and plain=yes, not %q", shortened(key))
		}
	}
	return o, nil
}
