// Package mesh is calls: the call state machine, its signals, and the policies about who may ring.
//
// It speaks RTMFP through rtmfp/flash and knows no widget, no codec and no socket. Sound and picture
// reach it as encoded frames through the small interfaces Media, MediaOut and MediaSession, so a whole
// call runs in a test without a device.
//
//	agent := mesh.NewAgent(mesh.Config{Name: func() string { return "ada" }, Media: media})
//	defer agent.Close()
//	agent.Attach(nc, nil) // calls come in over this NetConnection
//	call, err := agent.Dial("bob", func(ctx context.Context) (mesh.Target, error) {
//		return mesh.Target{Conn: nc, PeerID: bob}, nil
//	})
//	for {
//		ev, err := call.Next(ctx) // StateChanged, ChatLine, FarSending; io.EOF after Ended
//		…
//	}
//
// How a call is controlled. The service's relay wakes the callee (invite, accept, reject, cancel, bye, ok, as
// the Video Phone had them) and is all that old clients know. Between our own peers the signals travel
// inside the peer session, on a flow of their own each way (see signal.go and link.go), and once that flow is
// there nothing that comes by relay counts any more: a service could have forged it.
//
// What may happen when is decided by one pure function over a table (transition.go). Everything else carries
// out what the table says. Before both sides have accepted, no sound or picture is captured, sent or decoded.
package mesh
