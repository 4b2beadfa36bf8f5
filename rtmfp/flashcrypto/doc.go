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
// Departures from RFC 7425: group 31 (Curve25519 under its number in the IKEv2 registry) is spoken first and group 2 not
// at all; HMAC and session sequence numbers are required of far ends unless Options.Relaxed says otherwise; a
// certificate that lists a group twice, or that holds one of our own public keys, is refused.
//
// The package knows nothing of sessions, flows or sockets.
package flashcrypto
