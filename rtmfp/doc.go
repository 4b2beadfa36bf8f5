// Package rtmfp is Adobe's Secure Real-Time Media Flow Protocol (RFC 7016): sessions
// between endpoints over UDP, opened directly or by introduction, that survive a
// change of address; and in them flows, which carry messages in one direction with
// the reliability and priority that each asks for.
//
// What RFC 7016 leaves to a Cryptography Profile is a CryptoProfile here; package
// flashcrypto has the one of RFC 7425. This package knows nothing of what the
// messages mean.
//
//	conn, err := net.ListenUDP("udp", nil)
//	profile, err := flashcrypto.NewProfile(flashcrypto.Options{})
//	end, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: profile})
//	defer end.Close()
//
//	session, err := end.Dial(ctx, peerID.EPD(), addr)
//	flow, err := session.OpenFlow([]byte("greetings"), rtmfp.FlowOptions{})
//	receipt, err := flow.Write(ctx, []byte("hello"), rtmfp.MessageOptions{})
//	<-receipt.Done() // receipt.Delivered() tells whether it arrived
//
// The far end calls Endpoint.Accept, Session.AcceptFlow and RecvFlow.Read.
//
// Whole programs are in examples: echo, filetransfer and chat, whose people find each other through a service of package
// rendezvous. Config.Events makes an endpoint write down what happens to its sessions, in lines of type Event.
//
// Departures from RFC 7016, all meant for a phone, stand in params.go; more:
// a session that a far end opened counts only once the far end has sent a packet
// with the session's keys (so that a copied certificate neither rings nor disturbs
// an older session) and answers a Dial only if it proves the identity that was dialled,
// and losses in one flight shrink the congestion window once.
package rtmfp
