package xmpp

import (
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"sundog.dev/sundog/idmanager"
)

// timeFormat is XEP-0082's, to the millisecond, in UTC.
const timeFormat = "2006-01-02T15:04:05.000Z"

// registrationElement is a registration as it is published.
func registrationElement(r idmanager.Registration) *element {
	b64 := base64.StdEncoding.EncodeToString
	return el(nsRegistration, "registration", "name", r.Name, "peer-id", r.PeerID, "rendezvous", r.Rendezvous,
		"identity", b64(r.Identity), "time", r.Time.UTC().Format(timeFormat), "nonce", b64(r.Nonce[:]), "signature", b64(r.Signature))
}

// errRegistration says that what is published is no registration, or not a valid one of that JID.
var errRegistration = errors.New("it is no registration")

// parseRegistration reads and verifies a registration that somebody has published at jid, a bare JID, which must be its
// name. Attributes and elements that we do not know are for later versions.
func parseRegistration(e *element, jid string, now time.Time) (idmanager.Registration, error) {
	if !e.is(nsRegistration, "registration") {
		return idmanager.Registration{}, errRegistration
	}
	r := idmanager.Registration{Name: e.attr("name"), PeerID: e.attr("peer-id"), Rendezvous: e.attr("rendezvous")}
	var err error
	decode := func(name string) []byte {
		b, failure := base64.StdEncoding.Strict().DecodeString(e.attr(name))
		err = errors.Join(err, failure)
		return b
	}
	r.Identity, r.Signature = decode("identity"), decode("signature")
	nonce := decode("nonce")
	if r.Time, _ = time.Parse(timeFormat, e.attr("time")); r.Time.IsZero() || err != nil || len(nonce) != len(r.Nonce) {
		return idmanager.Registration{}, fmt.Errorf("%w: a part of it cannot be read", errRegistration)
	}
	r.Nonce = [16]byte(nonce)
	if !lowerHex(r.PeerID) {
		return idmanager.Registration{}, fmt.Errorf("%w: %q is no peer ID", errRegistration, shortened(r.PeerID))
	}
	if err := r.Verify(); err != nil {
		return idmanager.Registration{}, err
	}
	if r.Name != jid {
		return idmanager.Registration{}, fmt.Errorf("%w: it is that of %s", errRegistration, shortened(r.Name))
	}
	if r.Time.After(now.Add(maxAhead)) {
		return idmanager.Registration{}, fmt.Errorf("%w: it is from the future", errRegistration)
	}
	return r, nil
}

// lowerHex reports whether s has only lower-case hex digits.
func lowerHex(s string) bool {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
