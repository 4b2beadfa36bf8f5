// Package xmpp finds people through XMPP: whoever has an account and contacts there already needs no other directory.
//
// The client signs in with a JID (RFC 6120), shows the server that Sundog runs (presence with XEP-0115 capabilities) and
// publishes the signed registration by personal eventing (XEP-0163), which the server passes on to all who may see the
// user's presence, and to nobody else. In turn it hears of the contacts' registrations.
//
//	dir, err := xmpp.New(xmpp.Options{JID: "ann@example.org", Password: password, Signer: identityKey})
//	…
//	defer dir.Close()
//	err = dir.Register(ctx, idmanager.Record{Name: "ann@example.org", PeerID: id, Rendezvous: "rtmfp://example.org"})
//	friend, err := dir.LookUp(ctx, "bob@example.org") // or the name that Bob has among the contacts
//
// # The record
//
// It is one item of the node https://sundog.dev/ns/registration/1, readable by those who may see the user's presence:
//
//	<registration xmlns='https://sundog.dev/ns/registration/1' name='ann@example.org' peer-id='64 hex digits'
//	    rendezvous='rtmfp://example.org' identity='BASE64' time='2026-01-31T12:00:00.000Z' nonce='BASE64' signature='BASE64'/>
//
// The name is the account's bare JID. Readers ignore a registration that is not signed by its identity, that names
// another JID than the one whose node it is, or that is older than one they have seen of that identity. A record without peer ID
// withdraws; it replaces the item, since ejabberd does not tell contacts of items that are merely retracted. A client that
// crashes withdraws nothing: so a contact counts as there only while a resource of theirs shows Sundog's capabilities.
//
// # Trust
//
// There is no connection without TLS and a certificate for the JID's domain (RFC 7590); SRV records and Host say where to
// connect, never whom to believe. Passwords are proved by SCRAM-SHA-256 or SCRAM-SHA-1, bound to the TLS channel (-PLUS) by
// tls-exporter or tls-server-end-point where the server tells that it can (XEP-0440), so that not even a proxy with a
// certificate of its own can stand in between. The password itself is sent (PLAIN) only with Options.AllowPlain. A
// mechanism weaker than one that this server has offered before is refused.
//
// The client stays signed in until Close: it resumes a broken stream (XEP-0198) or signs in anew, with growing pauses, and
// publishes the record again. It is no chat client: its presence has a negative priority, so that messages go to others.
//
// Left out: roster versions, and certificates that name the domain by SRV-ID or XmppAddr only.
package xmpp
