// Package mesh is calls: the call state machine, its signals, and the policies about who may ring.
//
// It speaks RTMFP through rtmfp/flash and knows no widget, no codec and no socket. Sound and picture
// reach it as encoded frames through the small interfaces Media, MediaOut and MediaSession, so a whole
// call runs in a test without a device.
//
//	agent := mesh.NewAgent(mesh.Config{Name: func() string { return "ada" }, Identity: key, Compare: true, Policy: policy, Media: media})
//	defer agent.Close()
//	agent.Attach(nc, nil) // calls come in over this NetConnection
//	call, err := agent.Dial("bob", func(ctx context.Context) (mesh.Target, error) {
//		return mesh.Target{Conn: nc, PeerID: bob}, nil
//	})
//	for {
//		ev, err := call.Next(ctx) // StateChanged, MemberProved, ComparisonChanged, ChatLine, MemberStateChanged; io.EOF after Ended
//		…
//	}
//
// How a call is controlled. The service's relay wakes the callee (invite, accept, reject, cancel, bye, ok, as
// the Video Phone had them) and is all that old clients know. Between our own peers the signals travel
// inside the peer session, on a flow of their own each way (see signal.go and linksignals.go), and once that flow is
// there nothing that comes by relay counts any more: a service could have forged it.
//
// Who is there. On each peer session both ends prove their identity (package trust; proof.go and examine.go here), the caller first,
// the callee once the policy has admitted the caller. Nothing of a far end that speaks our signals counts before. When a call is
// established, its members compare a short string (comparison.go). docs/trust.md has the order and what ends a call.
//
// How a call grows. A call of two is a conference of two: a room (package room) with a leg to each other member (conference.go, leg.go).
// Either adds others, who learn of each other from the room's roster and make legs among themselves; nobody is asked twice and
// nobody is the host. docs/rooms.md has the rules, docs/call-protocol.md the messages.
//
// What may happen when is decided by one pure function over a table (transition.go). Everything else carries
// out what the table says. Before both sides have accepted, no sound or picture is captured; before that, and before the far end
// is proved or an admitted old client, none is sent or decoded.
package mesh
