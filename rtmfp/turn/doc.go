// Package turn carries RTMFP over a TURN relay (RFC 8656), for those whose network lets nothing else through: a client, which
// is a packet conn below an rtmfp.Endpoint, and a server.
//
//	relay, err := turn.Dial(ctx, "turn:user:password@relay.example.org:3478")
//	…
//	endpoint, err := rtmfp.NewEndpoint(relay, rtmfp.Config{Crypto: identity}) // LocalAddr is the relayed address
//
//	server, err := turn.NewServer(udp, tcp, turn.ServerConfig{Relay: public, Realm: "example.org", Secret: secret})
//	…
//	user, password := turn.Issue(secret, "ann", time.Now().Add(time.Hour)) // for a client
//
// The relay sees who is in touch with whom, when and how much; the packets themselves are encrypted from end to end.
//
// Departures: there are no TLS (the packets are encrypted already), no relayed TCP, and no address but IPv4 at the relayed side.
package turn
