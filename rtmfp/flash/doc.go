// Package flash speaks RTMP messages over RTMFP as Flash did (RFC 7425 §5): NetConnection to a service, NetStreams at a
// service and directly between peers. Its names are Flash's, in Go's spelling.
//
//	nc := flash.NewNetConnection(flash.Config{Endpoint: endpoint, NearID: profile.Fingerprint()})
//	defer nc.Close()
//	err := nc.Connect(ctx, "rtmfp://sundog.example/app")
//
//	stream, err := nc.CreateStream(ctx)                     // at the service
//	err = stream.Publish(ctx, "show", flash.PublishLive)    // or stream.Play(ctx, "show"), and stream.Read
//	receipt, err := stream.Write(ctx, message, rtmfp.MessageOptions{})
//
//	peer, err := nc.OpenPeer(ctx, id)                       // directly
//	play, err := peer.Play("media-callee")                  // its counterpart is nc.Publish
//	message, err := play.Read(ctx)
//
// A service of one's own takes the messages of this package off its control flows, and leaves streams to ServerStreams
// with a Broker; package rendezvous is one, package live a Broker.
//
// The package knows nothing of calls, codecs or devices.
//
// # RFC 7425 §5
//
// Where each section is, and what holds it:
//
//	section  of                           files                                      test
//	5.1      types, stream ID, ignored    message.go                                 TestPingsOfTheServiceAreAnswered
//	5.1.1    flow metadata                metadata.go                                TestMetadataWireFormat
//	5.1.1    order of delivery            flowreader.go peerstream.go streamflows.go TestPeerStreamsOnTheWire
//	5.1.2    message mapping              message.go                                 TestMessageWireFormat
//	5.2      flow synchronization, to us  flowsync.go flowreader.go                  TestBarriersKeepTheOrderOfAServicesFlows
//	5.2      flow synchronization, ours   streamflows.go                             TestPublishToAService
//	5.2      and between peers            peerstream.go                              TestTextBehindABarrierWaitsForPictures
//	5.3.1    connecting                   connect.go uri.go                          TestConnectTellsTheServiceWhatItNeeds
//	5.3.2    return control flow          service.go                                 TestReturnFlowsOfTheService
//	5.3.3    setPeerInfo                  command.go localaddr.go                    TestPeerInfoWithAndWithoutTheNull
//	5.3.3    types 20 and 17, AMF3        objectencoding.go                          TestCommandsOfBothEncodingsOnTheWire
//	5.3.4    set keepalive timers         servicemessages.go params.go               TestKeepaliveAdviceHasBounds
//	5.3.5    flows for streams            netstream.go streamflows.go                TestPublishToAService
//	5.3.5.1  to the server                serverstreams.go                           TestFlowsThatBelongToNoStreamAreRejected
//	5.3.5.2  from the server              service.go serverstream.go                 TestPlayFromAService
//	5.3.5.3  closing stream flows         flowreader.go netstream.go serverstream.go TestAServiceMayRejectAStream
//	5.3.6    closing the connection       service.go                                 TestTheServiceMayBeLostAndComeBack
//	5.3.7    the example's exchange       netstream.go serverstream_command.go       TestPlayFromAService
//	5.4.1    peers: connecting            openpeer.go playstream.go                  TestPublishAndPlayInBothOrders
//	5.4.2    peers: return flows          peerstream.go peer.go                      TestPeerStreamsOnTheWire
//	5.4.3    peers: closing               playstream.go peerstream.go                TestUnsubscribing
//
// What RFC 7425 leaves to RTMP:
//
//	user control events                   usercontrol.go                             TestUserControlWireFormat
//	calls, both ways                      call.go servicemessages.go                 TestTheServiceMayCallUs
//	aggregate messages                    aggregate.go                               TestAggregates
//	audio, FLV and Enhanced RTMP          audiotag.go ertmp.go audio.go              TestAudioTags
//	video, FLV and Enhanced RTMP          videotag.go ertmp.go video.go              TestVideoTags
//
// # Departures
//
//   - Peers and their streams outlive the service (§5.3 lets them end with it), so that calls do. Streams at the service end
//     with it.
//   - The identity is kept when Connect is called again (§5.3: a peer ID must not be used twice), for the same reason.
//   - Advice on keep-alive (§5.3.4) has a ceiling, too, and is followed for peers without streams only: in a call its owner
//     decides.
//   - A flow that is held at a barrier is let go after a while (§5.2 knows no end), since others can be held for ever by a
//     far end that fails.
//   - Shared objects (types 16 and 19) are ignored, as are groups (flows with other metadata are Peer.AcceptFlow's).
package flash
