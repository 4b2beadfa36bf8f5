package device

import (
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/gen2brain/malgo"
)

// Errors of opening.
var (
	ErrNone    = errors.New("device: this machine has no such sound device")
	ErrUnknown = errors.New("device: no sound device has this id")
	ErrID      = errors.New("device: this cannot be the id of a sound device")
)

// Info describes a device. ID stays the same as long as the device stays plugged in, and usually longer.
type Info struct {
	ID, Label string
	Default   bool
}

// List lists the microphones and the loudspeakers. Without a sound system both are empty, and that is no error.
func List() (mics, speakers []Info, err error) {
	sys, err := connect(backends())
	if err != nil {
		return nil, nil, nil // no sound system: no devices
	}
	defer sys.close()
	for _, l := range []struct {
		kind malgo.DeviceType
		to   *[]Info
	}{{malgo.Capture, &mics}, {malgo.Playback, &speakers}} {
		found, err := sys.ctx.Devices(l.kind)
		if err != nil {
			return nil, nil, fmt.Errorf("listing sound devices: %w", err)
		}
		for i := range found {
			if id := idText(found[i].ID); isReal(sys.backend, id) {
				*l.to = append(*l.to, Info{ID: id, Label: found[i].Name(), Default: found[i].IsDefault != 0})
			}
		}
	}
	return mics, speakers, nil
}

// CheckID says whether text could be the id of a device, on this machine or another.
func CheckID(id string) error {
	if id == "" || len(id) > maxIDBytes {
		return ErrID
	}
	for _, c := range []byte(id) {
		if c <= ' ' || c > '~' {
			return ErrID
		}
	}
	return nil
}

// idText is a device's id as text: the sound system's own name where it is one, else its bytes in hexadecimal.
func idText(id malgo.DeviceID) string {
	end := len(id)
	for end > 0 && id[end-1] == 0 {
		end--
	}
	if name := string(id[:end]); CheckID(name) == nil {
		return name
	}
	return "x" + hex.EncodeToString(id[:end])
}

// system is a connection to a sound system.
type system struct {
	ctx     *malgo.AllocatedContext
	backend malgo.Backend
}

// connect connects to the first sound system that answers.
func connect(backends []malgo.Backend) (*system, error) {
	var errs []error
	for _, backend := range backends {
		ctx, err := malgo.InitContext([]malgo.Backend{backend}, malgo.ContextConfig{}, nil)
		if err == nil {
			return &system{ctx: ctx, backend: backend}, nil
		}
		errs = append(errs, err)
	}
	return nil, fmt.Errorf("connecting to the sound system: %w", errors.Join(errs...))
}

// find looks up a device's id by its text.
func (s *system) find(kind malgo.DeviceType, id string) (malgo.DeviceID, error) {
	found, err := s.ctx.Devices(kind)
	if err != nil {
		return malgo.DeviceID{}, fmt.Errorf("listing sound devices: %w", err)
	}
	for i := range found {
		if idText(found[i].ID) == id {
			return found[i].ID, nil
		}
	}
	return malgo.DeviceID{}, ErrUnknown
}

func (s *system) close() {
	_ = s.ctx.Uninit() // nothing can be done about it
	s.ctx.Free()
}
