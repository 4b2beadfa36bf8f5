// Package rendezvous is the introduction service, what Adobe's Cirrus was: it
// introduces peers to each other and carries short messages between them until they have
// a session of their own. It sees no sound and no picture, unless Config.Streams has it pass on what clients publish.
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
// arguments. Config.Key decides about developer keys, which come in the path or beside the connect object.
//
// A client that goes on asking for a peer, since the first answers were no use, has that peer answer
// to one after another of its own addresses. Strangers learn nothing: who asks for a peer that is not here is met with silence.
//
// The service keeps nothing: a client that loses its session connects again. What one client, one source address and all
// together may make it hold or do is bounded; params.go has the figures, and Stats counts who met them.
//
// # Connectivity checks
//
// Where Config.Check gives the service packet conns at further addresses, whoever connects to its application "conncheck"
// (rtmfp://host/conncheck) is told, as a status event NetConnection.ConnectivityCheck.Results, what NATs and firewalls are
// on the way, and the connection ends. CheckConnectivity is the client's side; it understands other makes' services, too.
//
//	check := &rendezvous.Check{OtherPort: conn2, OtherAddress: conn3, Introduction: conn4}
//	service, err := rendezvous.New(conn, rendezvous.Config{Check: check})
//	…
//	result, err := rendezvous.CheckConnectivity(ctx, nc, "rtmfp://192.0.2.1/conncheck")
//	if result.SendAfterIntroductionPreservesSourcePort == rendezvous.AnswerNo { … } // a symmetric NAT
//
// # Several instances
//
// Clients of all instances that share a Config.Cluster can be introduced to each other, and relay to each other, whichever instance
// each is connected to. An IHello for a peer that is not here is put to the other instances, as far as limits for its source and for
// all allow; the one that has the peer forwards it there and answers with the peer's addresses, of which the initiator learns by a
// Redirect from the instance that it asked. A client that connects to another instance is no longer at the former one. When the
// way between the instances is closed, those who are at one instance still find each other.
//
//	shared, err := cluster.Open(ctx, cluster.Config{URL: "nats://192.0.2.7:4222"}) // package internal/cluster
//	…
//	service, err := rendezvous.New(conn, rendezvous.Config{Cluster: shared.Instances(), Instances: live})
//
// Clients keep to the instance that they have chosen, and hear from Config.Instances where else they may go. Config.Redirect sends
// some of those who come on to others, by whatever rule; Service.Drain sends all, so that an instance can be replaced once
// its clients have left.
package rendezvous
