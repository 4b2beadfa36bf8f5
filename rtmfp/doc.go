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
// # Sessions
//
// An Endpoint is an identity on a packet conn. Dial opens a session with whoever an Endpoint Discriminator selects, by way
// of any number of candidate addresses, or returns the one that is open already: between two identities there is one,
// whoever opened it. Accept returns those that others have opened. An address may be that of an introducer, which tells
// where to look (Redirect) and has the one looked for answer through its own NAT (FIHello); Config.Introducer makes an
// endpoint one, Session.SetAcceptForwarded lets a far end introduce others to us, and Config.Redirect sends initiators
// elsewhere who have come to the right address.
//
// A session lasts until either end closes it (Close, or Abort, which does not wait), or the far end is silent for too long
// (SetTimeout) although something is due from it. When an end changes its address, or its NAT does, the session goes on:
// the new address is used once a Ping with a keyed message has been answered from there, which takes a round trip. An end
// that has itself moved without knowing notices when a stream of data stops, and makes itself heard.
//
// # Flows
//
// A flow is opened by its sender, in a priority that orders it against the session's others; PriorityVideo and above are
// time critical, which also makes other sessions yield. Its metadata say what it is for, and ReturnOf to which flow of the
// far end it answers. Each message may have its own deadlines, or be sent but once; a Receipt tells what became of it, and
// can abandon it. A receiving flow delivers messages in the order in which they were written, where ReadMessage tells of
// gaps, or, with SetOrder, as they become complete. Reading slowly slows the sender down; Reject ends the flow with a code,
// a *FlowException at the other end.
//
// # Departures from RFC 7016
//
// All are meant for a phone. Figures stand in params.go and params_congestion.go, with what the RFC has.
//
//   - §3.5.1.1.1: IHellos and IIKeyings are repeated sooner in the first seconds, so that sessions open in seconds on paths
//     that lose a third; and after several unanswered IIKeyings the next RHello is taken, in case the first was from somebody
//     who cannot go on.
//   - §3.5.1.1.2: a session that a far end opened counts only once the far end has sent a packet with the session's keys (so
//     that a copied certificate neither rings nor disturbs an older session), and answers a Dial only if it proves the
//     identity that was dialled.
//   - §3.5.1.3: glare is found by identity, not by address, since several identities may share an address; and also between
//     sessions that have both just opened.
//   - §3.5.2.2: the first retransmission time-out is 1 s, and none grows beyond the keep-alive period. Timestamps are in every packet: some running peers want that.
//   - §3.5.4.1: a stream that stops makes its receiver ping at once, more often than once per ERTO; and an unanswered Ping
//     does not lengthen the ERTO, since on a phone's path data is sent again the sooner the better when it is back.
//   - §3.5.4.2: a few Pings may check addresses at once, not one a second. What is in flight is sent again to the new address,
//     and congestion control starts anew.
//   - §3.5.4.1–2: a Ping from another address than the far end's is answered there, a few of them: when both ends have moved, or
//     one tries another way (Session.Probe), that is where the answer gets through.
//   - §3.5.5: Close requests are repeated sooner, and for a shorter time.
//   - §3.4: a packet that holds a fragment cut for a path that has since become narrower goes in Packet Fragments also in an
//     open session: its sequence numbers cannot be divided any more.
//   - §3.6.2.3: an abandoned fragment at the head of the queue is kept to tell of the gap, even if nothing else is to be sent.
//   - §3.6.2.5–6: what was overtaken is lost a round trip and a quarter after it was sent, if three negative acknowledgements
//     do not say so before; the last packet is sent again if nothing is acknowledged for two round trips (lossdetection.go).
//   - §3.6.2.5: time-critical fragments are sent again at the first negative acknowledgement; fragments that are acknowledged
//     after they were taken for lost are not sent again.
//   - §3.6.2.11: there is no F_COMPLETE_LINGER, as no flow identifier is used twice in a session.
//   - §3.6.3.4.1: what acknowledgements may cost is bounded by what comes; those beyond wait (ackallowance.go).
//   - §3.6.3.4.3: bitmaps go only to ends of our own kind and to those that send some, since others do not read them.
//   - Appendix A: losses in one flight shrink the window once. Where both ends report when packets arrive (an extension in a
//     chunk that others ignore, announced by an option that others ignore), the rate follows the delay instead.
//
// # Where each section of RFC 7016 is
//
// Section, subject, files, tests. Figures are the RFC's where it has some.
//
//	§2.1.1     elementary types               internal/wire/doc.go                        TestVLU
//	§2.1.2     VLU                            internal/wire/vlu.go                        TestVLU FuzzWire
//	§2.1.3     Option                         internal/wire/option.go                     TestOptions FuzzWire
//	§2.1.4     Option List                    internal/wire/option.go                     TestOptions TestFlowsThatAreRejected
//	§2.1.5     Address                        internal/wire/address.go                    TestAddress FuzzWire
//	§2.2.1     encapsulation                  packetconn.go runloop.go udpconn_linux.go   TestUDPConn TestECNConn
//	§2.2.2     multiplex                      multiplex.go                                TestSessionIDScramble
//	§2.2.3     encryption                     crypto.go startup.go                        TestFlashProfile TestDamagedPackets
//	§2.2.4     packet, padding, modes         packet.go session_receive.go                TestHeader TestWhatIsIgnored FuzzPacket
//	§2.3       chunks, unknown and malformed  packet.go session_receive.go                TestWhatIsIgnored FuzzPacket FuzzSession FuzzChunks
//	§2.3.1     Packet Fragment                chunk_fragment.go                           TestPacketPieces FuzzPacket
//	§2.3.2     IHello                         chunk_hello.go                              TestStartupChunksComeBack
//	§2.3.3     FIHello                        chunk_hello.go                              TestStartupChunksComeBack
//	§2.3.4     RHello                         chunk_hello.go                              TestStartupChunksComeBack
//	§2.3.5     Responder Redirect             chunk_hello.go                              TestStartupChunksComeBack TestRedirectIsBounded
//	§2.3.6     RHello Cookie Change           chunk_keying.go                             TestStartupChunksComeBack TestCookieChange
//	§2.3.7     IIKeying                       chunk_keying.go                             TestStartupChunksComeBack
//	§2.3.8     RIKeying                       chunk_keying.go                             TestStartupChunksComeBack
//	§2.3.9     Ping                           liveness.go session_send.go                 TestPingsThatAreNotAnswered
//	§2.3.10    Ping Reply                     liveness.go mobility.go                     TestPingsThatAreNotAnswered
//	§2.3.11    User Data                      chunk_data.go                               TestUserDataFigure TestUserDataThatIsMalformed
//	§2.3.11.1  its options                    chunk_data.go                               TestFlowsThatAreRejected
//	§2.3.12    Next User Data                 chunk_data.go                               TestUserDataFigure
//	§2.3.13    Bitmap Ack                     chunk_ack.go                                TestAcknowledgementFigures FuzzAck
//	§2.3.14    Range Ack                      chunk_ack.go                                TestAcknowledgementFigures FuzzAck
//	§2.3.15    Buffer Probe                   chunk_flow.go                               TestBufferProbes
//	§2.3.16    Flow Exception Report          chunk_flow.go                               TestRejectionPrecedesEveryAcknowledgement
//	§2.3.17    Close                          session_close.go                            TestOrderlyClose
//	§2.3.18    Close Ack                      session_close.go                            TestOrderlyClose TestAbort
//	§3.1       overview                       endpoint.go session.go                      TestMessagesTravelBothWays Example
//	§3.2       endpoint identity              crypto.go glare.go                          TestWrongIdentityIsNotAnswered TestFlashProfile
//	§3.3       packet multiplex               runloop.go multiplex.go                     TestSessionIDScramble TestIntroduction
//	§3.4       packet fragmentation           pieces.go startup.go session_receive.go     TestLargeCertificates TestPiecesAreForgotten TestPathThatBecomesNarrower
//	§3.5       session state                  session.go                                  TestClosingStates
//	§3.5.1.1.1 initiator                      dial.go initiator.go initiator_keying.go    TestIHelloSchedule TestHandshakeSurvivesLoss TestDuplicatedStartupPackets TestOpeningUnderHeavyLoss TestTwoDiscriminatorsOfOneIdentity TestOtherResponderAfterSilence
//	§3.5.1.1.2 responder                      responder.go cookie.go                      TestRepeatedIIKeying TestCookies TestCopiedCertificate TestNewSessionReplacesForgottenOne TestAmplificationOnTheWire
//	§3.5.1.2   cookie change                  initiator_keying.go responder.go            TestCookieChange
//	§3.5.1.3   glare                          glare.go                                    TestGlare TestGlareSurvivesLoss
//	§3.5.1.4   redirector                     introduce.go introduce_late.go config.go    TestIntroduction TestLateIntroduction TestRedirectOnward TestRedirectInCircles
//	§3.5.1.5   forwarder                      introduce.go                                TestIntroduction TestForwardIHello TestIntroductionsOfOneSession
//	§3.5.1.6   both, with NAT                 introduce.go                                TestIntroduction
//	§3.5.1.7   load distribution              dial.go initiator.go                        TestManyCandidates TestRedirectOnward
//	§3.5.2     congestion control             congestion.go delaycontrol.go pacing.go     TestBulkOverBadLinks TestCongestionWindow
//	§3.5.2.1   time-critical reverse          session_receive.go congestion.go            TestTimeCriticalReverse
//	§3.5.2.2   timestamps, RTT, ERTO          clock.go                                    TestClockMeasures TestTimestampEcho TestTimeoutsBackOff
//	§3.5.2.3   burst avoidance                congestion.go pacing.go sharedpacing.go     TestBulkOverBadLinks
//	§3.5.3     address mobility               mobility.go silence.go                      TestMovingInTheMiddleOfAStream TestNATRebindsInTheMiddleOfAStream
//	§3.5.4     Ping                           liveness.go                                 TestPingsThatAreNotAnswered
//	§3.5.4.1   keep-alive                     liveness.go silence.go                      TestSilenceEndsASession TestUnansweredPingIsRepeated TestSilencePingsAreFew
//	§3.5.4.2   proving an address             mobility.go                                 TestMobility TestReplayedPacketDoesNotMoveTheSession TestMobilityRepliesExpire TestMobilityPingsAreFew
//	§3.5.4.3   path MTU discovery             pathmtu.go                                  TestPathMTUIsFound TestPathThatBecomesNarrower TestSocketRefusesLongPackets TestLossIsNoBlackHole
//	§3.5.5     close                          session_close.go endpoint_close.go          TestOrderlyClose TestClosingStates TestBothClose TestAbort TestCloseIsGivenUp
//	§3.6.1.1   flow identity                  recvflow.go sendflow.go                     TestFlowsThatAreRejected TestReturnFlowsOfWhat
//	§3.6.1.2   messages and sequencing        reassembly.go sequenceset.go                FuzzReassembly TestSequenceSet TestGapsAreTold
//	§3.6.1.3   lifetime of flows              sendflow.go recvflow.go                     TestFinalSequenceNumber TestReject
//	§3.6.2     sender                         sendflow.go fragmentqueue.go                TestBulkOverBadLinks
//	§3.6.2.1   startup                        sendflow.go                                 TestReturnFlowsOfWhat TestFlowLimits
//	§3.6.2.2   queuing                        sendflow.go                                 TestSendQueueIsBounded TestPathThatBecomesNarrower
//	§3.6.2.3   sending, priorities            sendflow_data.go priority.go                TestPriority TestUserDataFigure
//	§3.6.2.4   acknowledgements               sendflow_data.go                            TestBothKindsOfAcknowledgement FuzzSession
//	§3.6.2.5   negative acknowledgement       transmission.go lossdetection.go            TestShortMessageRecovers TestTimeCriticalLatency
//	§3.6.2.6   time-out                       transmission.go                             TestBulkOverBadLinks TestTimeoutsBackOff
//	§3.6.2.7   abandoning, FSN updates        receipt.go sendflow_data.go                 TestDeadlines TestPartlySentMessageIsAbandoned TestAbandonedTailFreesWhatIsBehindIt
//	§3.6.2.8   examples                       sendflow_data.go                            TestAbandonedTailFreesWhatIsBehindIt
//	§3.6.2.9   flow control, Buffer Probes    sendflow_data.go                            TestFlowControl TestBufferProbes
//	§3.6.2.10  exception                      sendflow.go                                 TestReject
//	§3.6.2.11  close                          sendflow.go                                 TestFinalSequenceNumber
//	§3.6.3     receiver                       recvflow.go                                 TestFlowsThatAreRejected TestFinalSequenceNumber
//	§3.6.3.1   startup                        recvflow.go                                 TestFlowsThatAreRejected TestFlowLimits
//	§3.6.3.2   receiving                      recvflow.go sequenceset.go                  FuzzReassembly TestGreedySender
//	§3.6.3.3   delivering                     reassembly.go                               FuzzReassembly TestNetworkOrder TestGapsAreTold
//	§3.6.3.4   acknowledging                  ack.go ackallowance.go chunk_ack.go         TestTimingOfAcknowledgements TestBothKindsOfAcknowledgement TestRejectionPrecedesEveryAcknowledgement TestAcknowledgementsCostNoMoreThanWhatIsReceived
//	§3.6.3.5   flow control                   recvflow.go                                 TestFlowControl TestSmallSessionBuffer
//	§3.6.3.6   answering Buffer Probes        recvflow.go                                 TestFlowControl
//	§3.6.3.7   rejecting                      recvflow.go                                 TestReject TestRejectionPrecedesEveryAcknowledgement
//	§3.6.3.8   close                          recvflow.go                                 TestFinalSequenceNumber
//	§5         security: see limits_test.go   params.go limiter.go                        TestEveryLimitHasATest TestMutatedPackets TestFloodOfIIKeyings
//	§A         congestion window              congestion.go                               TestCongestionWindow TestWindowHasABound
package rtmfp
