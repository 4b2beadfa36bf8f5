// Package flash speaks RTMP messages over RTMFP as Flash did (RFC 7425 §5): NetConnection to a service and NetStreams
// between peers.
//
//	nc := flash.NewNetConnection(flash.Config{Endpoint: endpoint, NearID: profile.Fingerprint()})
//	defer nc.Close()
//	err := nc.Connect(ctx, "rtmfp://sundog.example/app")
//	peer, err := nc.OpenPeer(ctx, id)
//	stream, err := peer.Play("media-callee")
//	for {
//		m, err := stream.Read(ctx)
//		…
//	}
//
// Departures from RFC 7425: peers and their streams outlive the service (§5.3 lets them end with it), and the identity
// is kept when Connect is called again. Keep-alive advice of the service (§5.3.4) is followed for idle peers only: in a
// call its owner decides.
//
// The package knows nothing of calls, codecs or devices.
package flash
