package idmanager

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// LinkScheme is the scheme of links.
const LinkScheme = "sundog"

const (
	// maxLink bounds a link, in bytes: a usual one has 150 to 250, and a QR code holds 2953.
	maxLink = 2048
	// linkVersion is the newest form that we understand.
	linkVersion = 1
	// maxLinkParameters is against a link of two thousand ampersands.
	maxLinkParameters = 32
	// maxRoom bounds the invitation to a conference, in bytes, so that the rest has room beside it.
	maxRoom = 1600
)

// Link holds all that one needs to call somebody, in a line to send or a code to scan:
//
//	sundog:Bob%20B?v=1&at=rtmfp://phone.example/key&dir=https://phone.example&key=cjRM…
//
// It carries no signature: whoever gives us a link by a way that we trust has given us the right key, and no signature by
// that key would make a link from elsewhere any better. The key is what counts: only its owner can answer such a call. A
// link without a key (of an old client) reaches whoever the directory says.
type Link struct {
	// Name is who is looked up in the directory, and how the contact is called at first.
	Name string
	// Identity is the key that whoever answers must prove; nil: anyone may answer.
	Identity ed25519.PublicKey
	// Rendezvous is the service (rtmfp://host[:port][/key]); empty: the one that the directory names, or none: people on this network.
	Rendezvous string
	// Directory is where the name is looked up (http://…, https://…, xmpp:…); empty: that of the rendezvous service, or none.
	Directory string
	// PeerID is whom to call as long as that peer ID lives, without a directory: 64 hex digits; mostly empty.
	PeerID string
	// Room is an invitation to a conference that whoever is called is in: letters, digits, - and _; mostly empty. What it says, and
	// whether it is signed, is for package mesh/room to tell.
	Room string
}

// LinkError says why a text is no link that we can use.
type LinkError struct {
	// Reason ends a sentence that begins with "this link".
	Reason string
	// Newer: it is one of a later version.
	Newer bool
}

func (e *LinkError) Error() string { return "idmanager: this link " + e.Reason }

// ErrOtherIdentity says that a record is somebody else's than the one whom a link names.
var ErrOtherIdentity = errors.New("idmanager: the record belongs to another identity key than the link names")

// Check reports ErrOtherIdentity if a record that was found under the link's name is not signed by the link's identity.
func (l Link) Check(r Record) error {
	if l.Identity != nil && !l.Identity.Equal(r.Identity) {
		return ErrOtherIdentity
	}
	return nil
}

// ParseLink reads a link as somebody has pasted it: white space, quotes or angle brackets around it are no part of it, nor are line breaks
// that a mail program put in. Parameters that we do not know are ignored; one that comes twice is refused, since two readers might
// each believe another one. The error is a *LinkError.
func ParseLink(s string) (Link, error) {
	if len(s) > 2*maxLink {
		return Link{}, &LinkError{Reason: "is too long"}
	}
	s = unwrap(s)
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || !strings.EqualFold(scheme, LinkScheme) {
		return Link{}, &LinkError{Reason: "does not begin with " + LinkScheme + ":"}
	}
	if len(s) > maxLink {
		return Link{}, &LinkError{Reason: "is too long"}
	}
	rest = strings.TrimPrefix(rest, "//") // some programs insist on it
	rest, _, _ = strings.Cut(rest, "#")
	name, query, _ := strings.Cut(rest, "?")
	name, err := url.PathUnescape(strings.TrimSuffix(name, "/"))
	if err != nil {
		return Link{}, &LinkError{Reason: "has a name that cannot be read"}
	}
	values, err := linkParameters(query)
	if err != nil {
		return Link{}, err
	}
	if v, ok := values["v"]; ok {
		if n, err := strconv.ParseUint(v, 10, 16); err != nil || n == 0 {
			return Link{}, &LinkError{Reason: "has a version that cannot be read"}
		} else if n > linkVersion {
			return Link{}, &LinkError{Reason: "was made by a newer Sundog; this one must be updated to read it", Newer: true}
		}
	}
	l := Link{Name: name, Rendezvous: values["at"], Directory: values["dir"], PeerID: strings.ToLower(values["peer"]), Room: values["room"]}
	if key := values["key"]; key != "" {
		if l.Identity, err = base64.RawURLEncoding.Strict().DecodeString(key); err != nil {
			return Link{}, &LinkError{Reason: "has a key that cannot be read"}
		}
	}
	if err := l.Valid(); err != nil {
		return Link{}, err
	}
	return l, nil
}

// unwrap takes off what is around a link in a text.
func unwrap(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("<>\"'`“”‘’«»\ufeff\u200b", r)
	})
	var b strings.Builder
	for line := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == '\n' || r == '\r' }) {
		b.WriteString(strings.Trim(line, " \t"))
	}
	return b.String()
}

// linkParameters reads the query.
func linkParameters(query string) (map[string]string, error) {
	values := make(map[string]string)
	if query == "" {
		return values, nil
	}
	if strings.Count(query, "&") >= maxLinkParameters {
		return nil, &LinkError{Reason: "has too many parts"}
	}
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		value, err := url.PathUnescape(value) // + stands for itself
		if err != nil {
			return nil, &LinkError{Reason: fmt.Sprintf("has a part that cannot be read: %.40q", part)}
		}
		if _, twice := values[name]; twice && name != "" {
			return nil, &LinkError{Reason: fmt.Sprintf("says %.20q twice", name)}
		}
		values[name] = value
	}
	return values, nil
}

// Valid reports a *LinkError if the link cannot be used. Both ends apply it, so that what is written can be read.
func (l Link) Valid() error {
	bad := func(format string, a ...any) error { return &LinkError{Reason: fmt.Sprintf(format, a...)} }
	switch {
	case strings.TrimSpace(l.Name) == "":
		return bad("names nobody")
	case !ValidName(l.Name):
		return bad("has a name that cannot be shown")
	case l.Identity != nil && len(l.Identity) != ed25519.PublicKeySize:
		return bad("has a key of %d bytes, not %d", len(l.Identity), ed25519.PublicKeySize)
	case l.Rendezvous == "" && l.Directory == "" && l.Identity == nil:
		return bad("says neither where to look nor for which key")
	}
	if id, err := hex.DecodeString(l.PeerID); err != nil || len(id) != 0 && len(id) != 32 || l.PeerID != strings.ToLower(l.PeerID) {
		return bad("has a peer ID that is none")
	}
	if l.Rendezvous != "" && !linkAddress(l.Rendezvous, "rtmfp") {
		return bad("has a service address that cannot be used: %.60q", l.Rendezvous)
	}
	if l.Directory != "" && !linkAddress(l.Directory, "http", "https", "xmpp") {
		return bad("has a directory address that cannot be used: %.60q", l.Directory)
	}
	if len(l.Room) > maxRoom || strings.ContainsFunc(l.Room, func(r rune) bool { return !strings.ContainsRune(roomLetters, r) }) {
		return bad("has an invitation to a conference that cannot be read")
	}
	if len(l.String()) > maxLink {
		return bad("is too long")
	}
	return nil
}

// roomLetters are those of base64url, of which invitations consist.
const roomLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// linkAddress reports whether an address has one of the schemes, a host (xmpp: something), and nothing that has no place in a
// link: a password least of all.
func linkAddress(s string, schemes ...string) bool {
	if len(s) > MaxRendezvous || !plainText(s) || strings.ContainsAny(s, " \\<>\"") {
		return false
	}
	u, err := url.Parse(s)
	if err != nil || u.User != nil || u.Fragment != "" {
		return false
	}
	for _, scheme := range schemes {
		if u.Scheme == scheme {
			return u.Hostname() != "" || scheme == "xmpp" && strings.Trim(u.Opaque, "@") != ""
		}
	}
	return false
}

// String is the link's text. It ends with a letter or a digit where there is a key, so that no program takes the end for
// punctuation.
func (l Link) String() string {
	var b strings.Builder
	b.WriteString(LinkScheme + ":")
	escape(&b, l.Name, "-._~@")
	fmt.Fprintf(&b, "?v=%d", linkVersion)
	for _, part := range []struct{ name, value string }{
		{"at", l.Rendezvous},
		{"dir", l.Directory},
		{"peer", l.PeerID},
		{"room", l.Room},
		{"key", base64.RawURLEncoding.EncodeToString(l.Identity)},
	} {
		if part.value != "" {
			b.WriteString("&" + part.name + "=")
			escape(&b, part.value, "-._~@:/")
		}
	}
	return b.String()
}

// escape writes a text as part of a URI: letters, digits and those characters as they are, all else as %XX (RFC 3986 §2.1).
func escape(b *strings.Builder, s, plain string) {
	for _, c := range []byte(s) {
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte(plain, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(b, "%%%02X", c)
		}
	}
}
