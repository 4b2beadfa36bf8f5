package xmpp

// Namespaces.
const (
	nsClient    = "jabber:client"
	nsStream    = "http://etherx.jabber.org/streams"
	nsStreams   = "urn:ietf:params:xml:ns:xmpp-streams" // stream errors
	nsStanzas   = "urn:ietf:params:xml:ns:xmpp-stanzas" // stanza errors
	nsTLS       = "urn:ietf:params:xml:ns:xmpp-tls"
	nsSASL      = "urn:ietf:params:xml:ns:xmpp-sasl"
	nsSASLBound = "urn:xmpp:sasl-cb:0" // XEP-0440
	nsBind      = "urn:ietf:params:xml:ns:xmpp-bind"
	nsSession   = "urn:ietf:params:xml:ns:xmpp-session" // RFC 3921 §3
	nsResume    = "urn:xmpp:sm:3"                       // XEP-0198
	nsRoster    = "jabber:iq:roster"
	nsCaps      = "http://jabber.org/protocol/caps"
	nsDisco     = "http://jabber.org/protocol/disco#info"
	nsPubSub    = "http://jabber.org/protocol/pubsub"
	nsEvent     = "http://jabber.org/protocol/pubsub#event"
	nsOwner     = "http://jabber.org/protocol/pubsub#owner"
	nsForm      = "jabber:x:data"
	nsPing      = "urn:xmpp:ping"

	// nsRegistration is ours: the node, and the element in it.
	nsRegistration = "https://sundog.dev/ns/registration/1"
)
