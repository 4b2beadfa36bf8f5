package xmpp

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/secure/precis"
)

// maxPart bounds each part of a JID in bytes (RFC 7622 §3.2–3.4).
const maxPart = 1023

// JID is an XMPP address (RFC 7622), prepared so that equal ones are equal strings.
type JID struct {
	Local    string // empty: a server
	Domain   string
	Resource string // empty: a bare JID
}

// errJID says that a text is no JID.
var errJID = errors.New("not an XMPP address such as ann@example.org")

// ParseJID parses and prepares a JID: the local part by UsernameCaseMapped, the resource by OpaqueString, the domain in
// lower case as Unicode; an IP address is a domain, too. Slashes and at signs count as RFC 7622 §3.1 says.
func ParseJID(s string) (JID, error) {
	fail := func(why string) (JID, error) {
		return JID{}, fmt.Errorf("%q is %w: %s", shortened(s), errJID, why)
	}
	if len(s) > 3*maxPart+2 || !utf8.ValidString(s) {
		return fail("it is too long, or not UTF-8")
	}
	rest, resource, hasResource := strings.Cut(s, "/")
	local, domain, hasLocal := strings.Cut(rest, "@")
	if !hasLocal {
		local, domain = "", rest
	}
	var j JID
	var err error
	if hasLocal {
		if j.Local, err = precis.UsernameCaseMapped.String(local); err != nil || j.Local == "" || len(j.Local) > maxPart {
			return fail("what stands before the @ cannot be a user's name")
		}
		if strings.ContainsAny(j.Local, "\"&'/:<>@") {
			return fail("what stands before the @ holds a character that is not allowed")
		}
	}
	if j.Domain = prepareDomain(domain); j.Domain == "" {
		return fail("it names no host")
	}
	if hasResource {
		if j.Resource, err = precis.OpaqueString.String(resource); err != nil || j.Resource == "" || len(j.Resource) > maxPart {
			return fail("what stands behind the / cannot be a resource")
		}
	}
	return j, nil
}

// prepareDomain is the domain as it is compared; empty: it is none.
func prepareDomain(s string) string {
	s = strings.TrimSuffix(s, ".")
	if s == "" || len(s) > maxPart {
		return ""
	}
	if inner, ok := strings.CutPrefix(s, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		a, err := netip.ParseAddr(inner)
		if !ok || err != nil || !a.Is6() || a.Zone() != "" {
			return ""
		}
		return "[" + a.String() + "]"
	}
	d, err := idna.Lookup.ToUnicode(strings.ToLower(s))
	if err != nil || len(d) > maxPart || strings.ContainsAny(d, "\"&'/:<>@[] \t\r\n") || slices.Contains(strings.Split(d, "."), "") {
		return ""
	}
	// A label in disguise may hide another: only what stays as it is counts.
	if again, err := idna.Lookup.ToUnicode(d); err != nil || again != d {
		return ""
	}
	return d
}

// ascii is the domain as DNS and certificates write it, or an address without brackets.
func (j JID) ascii() string {
	if inner, ok := strings.CutPrefix(j.Domain, "["); ok {
		return strings.TrimSuffix(inner, "]")
	}
	d, err := idna.Lookup.ToASCII(j.Domain)
	if err != nil {
		return j.Domain
	}
	return d
}

// Bare is the JID without its resource.
func (j JID) Bare() JID { return JID{Local: j.Local, Domain: j.Domain} }

func (j JID) String() string {
	s := j.Domain
	if j.Local != "" {
		s = j.Local + "@" + s
	}
	if j.Resource != "" {
		s += "/" + j.Resource
	}
	return s
}

// shortened keeps what strangers wrote from filling a sentence.
func shortened(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
