// Package flashcrypto is the cryptography profile of Flash communication (RFC 7425 §4) for rtmfp: certificates and
// their fingerprints (peer IDs), endpoint discriminators, Diffie-Hellman key agreement, packet protection and nonces.
//
//	profile, err := flashcrypto.NewProfile(flashcrypto.Options{})
//	if err != nil {
//		return err
//	}
//	endpoint, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: profile})
//	fmt.Println("my peer ID is", profile.Fingerprint())
//
// Departures from RFC 7425: group 31 (Curve25519 under its number in the IKEv2 registry) is spoken first, and the weak
// groups 5 and 2 only with Options.OldClients; HMAC and session sequence numbers are required of far ends otherwise
// (ErrOldClient); a certificate that lists a group twice, or that holds one of our own public keys, is refused.
//
// # Old clients
//
// Flash Player and the programs of its age speak group 2, need neither HMAC nor sequence numbers, and many of them take
// for granted what the RFC leaves open. Options.OldClients makes an identity that they understand: a peer's certificate
// has the one option 81 02 1d 02 and a key of 128 bytes, a server's 77 bytes; keying components, cookies, tags and
// signatures have the lengths and the order that they know. Such an identity wants an endpoint of its own: it
// protects its sessions no better than 1024 bits and a checksum do. An ordinary one refuses old clients.
//
// # What is where
//
//	RFC 7425                         file                     test
//	4.1  default session key         cipher.go, params.go     TestGolden, TestRecordedSessions
//	4.2  groups                      modp.go, fixedbase.go,   TestPrimesAreThoseOfTheirRFCs, TestPublicKeysAgreeWithBigInt,
//	                                 group31.go               TestHandshakes
//	4.3.1–4.3.4  certificates        certificate.go           TestFingerprintCoversTheCanonicalPartOnly, TestRefusedCertificates,
//	                                                          TestOnlyStaticKeysProveAnIdentity
//	4.3.5  signatures                signature.go             TestPasswordSignatures
//	4.3.6, 4.3.7  glare, override    package rtmfp: glare.go  TestGlare, TestGlareWithThoseWhoGoByPeerIDs
//	4.4  endpoint discriminators     epd.go, fingerprint.go   TestEPDSelection, TestGolden
//	4.5  keying components           component.go             TestRefusedComponents, TestNegotiation, TestHMACLengths
//	4.6.1  public key selection      keying.go                TestHandshakes, TestResponderMayNotChangeTheGroup
//	4.6.2  shared secret             modp.go                  TestPublicKeyBounds, TestSharedSecretsAgreeWithBigInt
//	4.6.3–4.6.6  keys, nonces        keying.go                TestGolden, TestWhoSends, TestRecordedSessions
//	4.7.1, 4.7.2  packets            cipher.go                TestGolden, TestSealAndOpen
//	4.7.3.1  checksum                checksum.go              TestChecksum
//	4.7.3.2  HMAC                    packetmac.go             TestPacketMACIsHMAC, TestDamagedPacketsAreRefused
//	4.7.3.3  sequence numbers        replay.go                TestReplayedPacketsAreRefused, TestAntiReplayAgainstAMap
//
// The package knows nothing of sessions, flows or sockets.
package flashcrypto
