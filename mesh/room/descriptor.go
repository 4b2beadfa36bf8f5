package room

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"sundog.dev/sundog/mesh/internal/octets"
	"sundog.dev/sundog/mesh/trust"
)

// ID names a room. It is made of the room's Descriptor: nobody can claim to have opened somebody else's room, or change its capacity.
// It also serves as the call of the members' short string.
type ID = trust.CallID

// Descriptor is what never changes about a room.
type Descriptor struct {
	Opener   Identity
	Capacity int      // members at most, 2 to MaxMembers: maxPeerConnections + 1 of the opener
	Salt     [16]byte // random
}

const descriptorSize = identitySize + 1 + 16

// newDescriptor draws the salt.
func newDescriptor(opener Identity, capacity int, random io.Reader) (Descriptor, error) {
	if capacity < 2 || capacity > MaxMembers {
		return Descriptor{}, ErrCapacity
	}
	d := Descriptor{Opener: opener, Capacity: capacity}
	if _, err := io.ReadFull(random, d.Salt[:]); err != nil {
		return Descriptor{}, fmt.Errorf("room: random numbers: %w", err)
	}
	return d, nil
}

// ID is the first 16 bytes of SHA-256(context ‖ opener ‖ capacity ‖ salt).
func (d Descriptor) ID() ID {
	h := sha256.Sum256(d.append([]byte(roomContext)))
	return ID(h[:len(ID{})])
}

// String is the ID in hex digits.
func (d Descriptor) String() string {
	id := d.ID()
	return hex.EncodeToString(id[:])
}

func (d Descriptor) append(b []byte) []byte {
	b = append(b, d.Opener[:]...)
	b = append(b, byte(d.Capacity))
	return append(b, d.Salt[:]...)
}

func readDescriptor(r *octets.Reader) (d Descriptor) {
	d.Opener = readIdentity(r)
	d.Capacity = r.Count(MaxMembers)
	r.Copy(d.Salt[:])
	if d.Capacity < 2 {
		r.Fail()
	}
	return d
}
