package flashcrypto

import (
	"errors"
	"testing"
)

// offering is the keying component of a static initiator with these offers.
func offering(g Group, hmac offer, hmacLength int, sequence offer) []byte {
	return component{group: g, hasGroup: true, randomness: randomness(), hmac: hmac, hmacLength: hmacLength, sequence: sequence}.append(nil, true)
}

// RFC 7425 §4.6.4 and §4.6.6: who sends, for every pair of flags.
func TestWhoSends(t *testing.T) {
	const never, request, onRequest, always = 0, 1, 2, 4
	for _, c := range []struct {
		sender    offer
		asked     bool // when the far end requests it
		unrequest bool // when it does not
	}{
		{never, false, false},
		{request, false, false},
		{onRequest, true, false},
		{onRequest | request, true, false},
		{always, true, true},
		{always | request, true, true},
		{always | onRequest, true, true},
		{always | onRequest | request, true, true},
	} {
		for far := range offer(8) {
			want := c.unrequest
			if far&request != 0 {
				want = c.asked
			}
			if got := c.sender.sends(far); got != want {
				t.Errorf("flags %03b to flags %03b: sends %v, want %v", c.sender, far, got, want)
			}
		}
	}
	if offer(0xf8|onRequest).sends(0xf8) || !offer(0xf8|always).sends(0) {
		t.Error("the reserved bits mean nothing")
	}
}

// What becomes of a session between one of our profiles and a far end with any flags.
func TestNegotiation(t *testing.T) {
	for hmac := range offer(8) {
		for sequence := range offer(8) {
			length := 0
			if hmac&(offerAlways|offerOnRequest) != 0 {
				length = 12
			}
			strict, old := newTestProfile(t, Options{Groups: []Group{31}}), newTestProfile(t, Options{OldClients: true})
			for _, p := range []*Profile{strict, old} {
				group := p.groups[0]
				far := newTestProfile(t, Options{Groups: []Group{31}})
				if p == old {
					far = newTestProfile(t, Options{OldClients: true})
				}
				skrc, keys, err := p.Respond(far.own, offering(group, hmac, length, sequence))
				mustHave := hmac&(offerAlways|offerOnRequest) != 0 && sequence&(offerAlways|offerOnRequest) != 0
				if p == strict && !mustHave {
					if !errors.Is(err, ErrUnprotected) || !errors.Is(err, ErrOldClient) {
						t.Errorf("HMAC flags %03b, sequence flags %03b: %v", hmac, sequence, err)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				ours, err := parseComponent(skrc)
				if err != nil {
					t.Fatal(err)
				}
				for _, dir := range []struct {
					name             string
					c                *packetCipher
					from, to         component
					wantMAC, wantSeq bool
				}{
					{
						"we send", keys.Seal.(*packetCipher), ours,
						component{hmac: hmac, sequence: sequence},
						p == strict || hmac&offerRequest != 0, p == strict || sequence&offerRequest != 0,
					},
					{
						"they send", keys.Open.(*packetCipher),
						component{hmac: hmac, sequence: sequence},
						ours,
						// A profile for old clients asks only whoever asks it.
						hmac&offerAlways != 0 || hmac&offerOnRequest != 0 && (p == strict || hmac&offerRequest != 0),
						sequence&offerAlways != 0 || sequence&offerOnRequest != 0 && (p == strict || sequence&offerRequest != 0),
					},
				} {
					mac, seq := dir.c.macLength() != 0, dir.c.sequence
					if mac != dir.wantMAC || seq != dir.wantSeq {
						t.Errorf("old clients %v, HMAC flags %03b, sequence flags %03b, %s: HMAC %v, sequence numbers %v; want %v, %v",
							p == old, hmac, sequence, dir.name, mac, seq, dir.wantMAC, dir.wantSeq)
					}
					if mac != dir.from.hmac.sends(dir.to.hmac) || seq != dir.from.sequence.sends(dir.to.sequence) {
						t.Errorf("HMAC flags %03b, sequence flags %03b, %s: against what was agreed", hmac, sequence, dir.name)
					}
				}
				if n := keys.Open.(*packetCipher).macLength(); n != 0 && n != length {
					t.Errorf("their HMACs are read with %d bytes, announced were %d", n, length)
				}
			}
		}
	}
}

// The length of far HMACs is the far end's to choose, but short ones protect nothing.
func TestHMACLengths(t *testing.T) {
	p, far := newTestProfile(t, Options{Groups: []Group{31}}), newTestProfile(t, Options{Groups: []Group{31}})
	for length := range 40 {
		skic := offering(Group31, 7, length, 7)
		_, keys, err := p.Respond(far.own, skic)
		switch {
		case length < 4 || length > 32:
			if !errors.Is(err, ErrComponent) {
				t.Errorf("length %d: %v", length, err)
			}
		case length < minRequiredHMACLength:
			if !errors.Is(err, ErrUnprotected) {
				t.Errorf("length %d: %v", length, err)
			}
		case err != nil || keys.Open.(*packetCipher).macLength() != length || keys.Seal.(*packetCipher).macLength() != sendHMACLength:
			t.Errorf("length %d: %v", length, err)
		}
	}
}
