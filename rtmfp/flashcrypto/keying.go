package flashcrypto

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"

	"sundog.dev/sundog/rtmfp"
)

// Initiate implements rtmfp.CryptoProfile: it chooses the first of our groups that the far end speaks (ErrNoGroup).
func (p *Profile) Initiate(far rtmfp.Certificate) (rtmfp.InitiatorKeying, error) {
	cert, err := p.farCertificate(far)
	if err != nil {
		return nil, err
	}
	for _, g := range p.groups {
		if !cert.speaks(g) {
			continue
		}
		k := &initiatorKeying{profile: p, far: cert, group: g}
		near := component{group: g, hasGroup: true, randomness: randomness()}
		if k.private, near.ephemeral, err = p.keyFor(g); err != nil {
			return nil, err
		}
		p.setOffers(&near, nil)
		k.near = near
		k.encoded = near.append(nil, true)
		return k, nil
	}
	return nil, noGroup(cert)
}

// noGroup is the error for a far end that has no group in common with us.
func noGroup(far *certificate) error {
	if far.speaks(Group2) || far.speaks(Group5) {
		return fmt.Errorf("%w: %w", ErrOldClient, ErrNoGroup)
	}
	return ErrNoGroup
}

// initiatorKeying is a key agreement that we have begun.
type initiatorKeying struct {
	profile *Profile
	far     *certificate
	group   Group
	private privateKey
	near    component
	encoded []byte
}

// Component implements rtmfp.InitiatorKeying.
func (k *initiatorKeying) Component() []byte { return k.encoded }

// Complete implements rtmfp.InitiatorKeying. It may be called again, should an answer prove forged.
func (k *initiatorKeying) Complete(skrc []byte) (rtmfp.SessionKeys, error) {
	far, err := parseComponent(skrc)
	if err != nil {
		return rtmfp.SessionKeys{}, err
	}
	if far.ephemeral != nil && far.group != k.group {
		err := fmt.Errorf("%w: answer in another group", ErrComponent)
		if far.group.weak() { // some old services announce groups that they do not have
			err = fmt.Errorf("%w: %w", ErrOldClient, err)
		}
		return rtmfp.SessionKeys{}, err
	}
	public, err := publicKey(k.far, far, k.group)
	if err != nil {
		return rtmfp.SessionKeys{}, err
	}
	return k.profile.agree(k.private, public, true, k.near, far, k.encoded, skrc)
}

// Respond implements rtmfp.CryptoProfile.
func (p *Profile) Respond(far rtmfp.Certificate, skic []byte) ([]byte, rtmfp.SessionKeys, error) {
	cert, err := p.farCertificate(far)
	if err != nil {
		return nil, rtmfp.SessionKeys{}, err
	}
	theirs, err := parseComponent(skic)
	if err != nil {
		return nil, rtmfp.SessionKeys{}, err
	}
	if !theirs.hasGroup {
		return nil, rtmfp.SessionKeys{}, fmt.Errorf("%w: no group", ErrComponent)
	}
	if !p.own.speaks(theirs.group) || !cert.speaks(theirs.group) {
		return nil, rtmfp.SessionKeys{}, fmt.Errorf("%w: %d", noGroup(cert), theirs.group)
	}
	public, err := publicKey(cert, theirs, theirs.group)
	if err != nil {
		return nil, rtmfp.SessionKeys{}, err
	}
	near := component{}
	private, ephemeral, err := p.keyFor(theirs.group)
	if err != nil {
		return nil, rtmfp.SessionKeys{}, err
	}
	if ephemeral != nil {
		near.group, near.ephemeral = theirs.group, ephemeral
	} else {
		near.randomness = randomness()
	}
	p.setOffers(&near, &theirs)
	skrc := near.append(nil, false)
	keys, err := p.agree(private, public, ephemeral == nil, near, theirs, skrc, skic)
	if err != nil {
		return nil, rtmfp.SessionKeys{}, err
	}
	return skrc, keys, nil
}

// farCertificate refuses a far certificate that holds one of our public keys. (Other encodings of ours, and ephemeral
// ones, are found when the secret is computed.)
func (p *Profile) farCertificate(far rtmfp.Certificate) (*certificate, error) {
	cert, ok := far.(*certificate)
	if !ok {
		return nil, fmt.Errorf("%w: not of this profile", ErrCertificate)
	}
	for g, key := range p.static {
		if theirs := cert.staticKey(g); theirs != nil && bytes.Equal(minimal(theirs), minimal(key.public())) {
			return nil, ErrReflection
		}
	}
	if cert.fingerprint == p.own.fingerprint {
		return nil, ErrReflection
	}
	return cert, nil
}

// keyFor is our static key in the group, or a fresh one with its public key.
func (p *Profile) keyFor(g Group) (private privateKey, ephemeral []byte, err error) {
	if key := p.static[g]; key != nil {
		return key, nil, nil
	}
	key, err := algorithms[g].generate()
	if err != nil {
		return nil, nil, err
	}
	return key, key.public(), nil
}

// publicKey is the far end's public key in the group, from its certificate or its component (RFC 7425 §4.6.1).
func publicKey(cert *certificate, c component, g Group) ([]byte, error) {
	static := cert.staticKey(g)
	switch {
	case cert.ProvesIdentity() && c.ephemeral != nil:
		return nil, fmt.Errorf("%w: ephemeral key beside static ones", ErrComponent)
	case static != nil && len(c.randomness) < minFarRandomness:
		return nil, fmt.Errorf("%w: too little randomness", ErrComponent)
	case static != nil:
		return static, nil
	case c.ephemeral != nil:
		return c.ephemeral, nil
	}
	return nil, fmt.Errorf("%w: no public key", ErrComponent)
}

// setOffers fills in what we say about HMAC and sequence numbers; far is nil in an initiator. We require them and send
// them always, but for old clients. To those we offer both on request, and in an answer to one that does not ask, nothing:
// some say that they would send them and do not, and some take an answer for malformed that is not just so.
func (p *Profile) setOffers(near, far *component) {
	// Old programs want components of a fixed length, so toward them there is feedback only if they announce it.
	near.feedback = !p.opt.OldClients || far != nil && far.feedback
	switch {
	case !p.opt.OldClients:
		near.hmac, near.hmacLength = offerAlways|offerRequest|offerOnRequest, sendHMACLength
		near.sequence = offerAlways | offerRequest | offerOnRequest
	case far == nil:
		near.hmac, near.hmacLength, near.sequence = offerOnRequest, oldHMACLength, offerOnRequest
	default:
		if far.hmac&offerRequest != 0 { // who asks has it
			near.hmac, near.hmacLength = offerOnRequest|offerRequest, sendHMACLength
		}
		if far.sequence&offerRequest != 0 {
			near.sequence = offerOnRequest | offerRequest
		}
	}
}

// agree computes the session's keys from our private key, the far end's public key and both components, parsed and as
// they went over the wire. seen: see privateKey.shared.
func (p *Profile) agree(private privateKey, public []byte, seen bool, near, far component, nearRaw, farRaw []byte) (rtmfp.SessionKeys, error) {
	if bytes.Equal(nearRaw, farRaw) || near.ephemeral != nil && bytes.Equal(near.ephemeral, minimal(far.ephemeral)) {
		return rtmfp.SessionKeys{}, ErrReflection
	}
	if !p.opt.OldClients {
		if !far.hmac.sends(near.hmac) || far.hmacLength < minRequiredHMACLength || !far.sequence.sends(near.sequence) {
			return rtmfp.SessionKeys{}, fmt.Errorf("%w: %w", ErrOldClient, ErrUnprotected)
		}
	}
	secret, err := private.shared(public, seen)
	if err != nil {
		return rtmfp.SessionKeys{}, err
	}
	defer clear(secret)
	return sessionKeys(secret, near, far, nearRaw, farRaw), nil
}

// sessionKeys derives ciphers and nonces (RFC 7425 §4.6.3–4.6.6).
func sessionKeys(secret []byte, near, far component, nearRaw, farRaw []byte) rtmfp.SessionKeys {
	h := hmac.New(sha256.New, secret)
	withSecret := func(message []byte) []byte {
		h.Reset()
		h.Write(message)
		return h.Sum(nil)
	}
	encrypt, decrypt := withSecret(mac(farRaw, nearRaw)), withSecret(mac(nearRaw, farRaw))
	return rtmfp.SessionKeys{
		Seal:       directionCipher(encrypt, withSecret(encrypt), near, far),
		Open:       directionCipher(decrypt, withSecret(decrypt), far, near),
		NearNonce:  withSecret(nearRaw),
		FarNonce:   withSecret(farRaw),
		Protection: describe(near, far),
		Feedback: near.feedback && far.feedback &&
			near.sequence.sends(far.sequence) && far.sequence.sends(near.sequence),
	}
}

// describe tells the event log what has been agreed.
func describe(near, far component) *rtmfp.Protection {
	p := &rtmfp.Protection{
		Group:        int(max(near.group, far.group)), // a responder with static keys names none
		SSEQSent:     near.sequence.sends(far.sequence),
		SSEQReceived: far.sequence.sends(near.sequence),
	}
	if near.hmac.sends(far.hmac) {
		p.HMACSent = near.hmacLength
	}
	if far.hmac.sends(near.hmac) {
		p.HMACReceived = far.hmacLength
	}
	return p
}

// directionCipher is the cipher of the packets from sender to receiver, of ENCRYPT_KEY or DECRYPT_KEY and the HMAC key that
// belongs to it.
func directionCipher(key, hmacKey []byte, sender, receiver component) rtmfp.PacketCipher {
	p := protection{key: key[:aesKeySize], sequence: sender.sequence.sends(receiver.sequence)}
	if sender.hmac.sends(receiver.hmac) {
		p.hmacKey, p.hmacLength = hmacKey, sender.hmacLength
	}
	return newCipher(p)
}

// mac is HMAC-SHA256(key, message).
func mac(key, message []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(message)
	return h.Sum(nil)
}
