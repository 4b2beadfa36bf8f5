// Package rendezvous is the introduction service, what Adobe's Cirrus was: it
// introduces peers to each other and carries short messages between them until they have
// a session of their own. It sees no sound and no picture.
//
//	conn, err := net.ListenUDP("udp", addr)
//	…
//	service, err := rendezvous.New(conn, rendezvous.Config{})
//	…
//	defer service.Close()
//
// A client opens a session by the service's URI (RFC 7425 §5.3), sends
// "connect" and, once that has succeeded, "setPeerInfo" with its own addresses. From then on
// an IHello that asks the service for this client's peer ID is answered by a
// Responder Redirect with the client's addresses and forwarded to the client (RFC 7016
// §3.5.1.4). "relay" makes the service invoke "onRelay" at another client, in Cirrus' order of
// arguments. A developer key, in the path or beside the connect object, is taken and not
// looked at.
//
// The service keeps nothing: a client that loses its session connects again.
package rendezvous
