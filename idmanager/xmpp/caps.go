package xmpp

import (
	"crypto/sha1"
	"encoding/base64"
	"slices"
	"strings"
)

// capsNode is the software, by which contacts know our clients (XEP-0115 §4).
const capsNode = "https://sundog.dev"

// features are what we say we can; +notify makes servers tell us of contacts' registrations (XEP-0163 §4.2).
var features = []string{nsCaps, nsDisco, nsRegistration, nsRegistration + "+notify", nsPing}

// identity is what kind of client we are.
const identity = "client/pc//Sundog"

// capsHash is the verification string of all that (XEP-0115 §5.1). SHA-1 is what the protocol has; servers ask for the
// whole once per hash.
var capsHash = func() string {
	sorted := slices.Sorted(slices.Values(features))
	sum := sha1.Sum([]byte(identity + "<" + strings.Join(sorted, "<") + "<"))
	return base64.StdEncoding.EncodeToString(sum[:])
}()

// discoInfo is the whole.
func discoInfo(node string) *element {
	q := el(nsDisco, "query", "node", node)
	q.add(el(nsDisco, "identity", "category", "client", "type", "pc", "name", "Sundog"))
	for _, f := range features {
		q.add(el(nsDisco, "feature", "var", f))
	}
	return q
}

// available is our presence. Its priority is negative: messages go to the user's other clients (RFC 6121 §4.7.2.3).
func available() *element {
	return el(nsClient, "presence").add(
		el(nsClient, "priority").say("-1"),
		el(nsCaps, "c", "hash", "sha-1", "node", capsNode, "ver", capsHash))
}
