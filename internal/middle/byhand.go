package middle

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"

	"sundog.dev/sundog/mesh/trust"
)

// The messages of the comparison as docs/trust.md has them, made by hand: trust.Exchange keeps to the rules, and he need not.

const (
	typeCommitment = 2
	typeReveal     = 3
	messageVersion = 1

	valueAt     = 70 // where in a message the commitment or r is
	signatureAt = 102
	attemptAt   = 34

	commitmentContext       = "sundog short string commitment 1\x00"
	shortStringContext      = "sundog short string 1\x00"
	signedCommitmentContext = "sundog signed commitment 1\x00"
	signedRevealContext     = "sundog signed reveal 1\x00"
)

// byHand is his side of one attempt with one phone.
type byHand struct {
	leg     *leg
	call    string
	attempt uint32
	epoch   [32]byte
	r       [32]byte
	theirs  *[32]byte // the phone's r
}

// newAttempt draws an r for an attempt. The phone must have proved its identity.
func newAttempt(l *leg, call string, attempt uint32) *byHand {
	h := &byHand{leg: l, call: call, attempt: attempt}
	_, _ = rand.Read(h.r[:]) // never fails
	members := []trust.Member{{Identity: l.identity(), PeerID: l.face.nc.NearID()}, {Identity: l.proved, PeerID: l.far}}
	slices.SortFunc(members, func(a, b trust.Member) int { return bytes.Compare(a.Identity[:], b.Identity[:]) })
	id := callID(call)
	b := id[:]
	for _, m := range members {
		b = append(append(b, m.Identity[:]...), m.PeerID[:]...)
	}
	h.epoch = sha256.Sum256(binary.BigEndian.AppendUint32(b, attempt))
	return h
}

// callID is a call's ID as signals have it, in bytes.
func callID(text string) (id trust.CallID) {
	b, _ := hex.DecodeString(text) // what is no ID is no call that a phone takes
	copy(id[:], b)
	return id
}

// commitment is the one to his r.
func (h *byHand) commitment() Signal { return h.sign(typeCommitment, h.commitmentTo(h.r)) }

func (h *byHand) commitmentTo(r [32]byte) [32]byte {
	id := h.leg.identity()
	return sha256.Sum256(slices.Concat([]byte(commitmentContext), h.epoch[:], id[:], r[:]))
}

// reveal is that of his r.
func (h *byHand) reveal() Signal { return h.sign(typeReveal, h.r) }

// sign makes a message of his with whatever value.
func (h *byHand) sign(typ byte, value [32]byte) Signal {
	context := signedCommitmentContext
	if typ == typeReveal {
		context = signedRevealContext
	}
	id := h.leg.identity()
	body := slices.Concat(h.epoch[:], binary.BigEndian.AppendUint32(nil, h.attempt), id[:], value[:])
	signature, _ := h.leg.key.Sign(nil, append([]byte(context), body...), crypto.Hash(0)) // an Ed25519 key always can
	return newSignal(kindCompare, h.call, slices.Concat([]byte{typ, messageVersion}, body, signature))
}

// shortString is what the phone shows once it has his r.
func (h *byHand) shortString() trust.ShortString {
	mine, own := h.leg.identity(), h.leg.proved
	parts := [][]byte{slices.Concat(mine[:], h.r[:]), slices.Concat(own[:], h.theirs[:])}
	slices.SortFunc(parts, bytes.Compare)
	return sha256.Sum256(slices.Concat([]byte(shortStringContext), h.epoch[:], parts[0], parts[1]))
}

// valueOf and attemptOf read a message of the comparison; false for another length.
func valueOf(s Signal) (v [32]byte, ok bool) {
	if len(s.Data) != trust.SignedSize {
		return v, false
	}
	return [32]byte(s.Data[valueAt:signatureAt]), true
}

func attemptOf(s Signal) uint32 {
	if len(s.Data) != trust.SignedSize {
		return 0
	}
	return binary.BigEndian.Uint32(s.Data[attemptAt:])
}
