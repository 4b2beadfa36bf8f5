package opus

import "errors"

// Errors of packets.
var (
	ErrEmpty     = errors.New("opus: the packet is empty")
	ErrTooLong   = errors.New("opus: the packet is longer than 20 ms of sound can be")
	ErrDuration  = errors.New("opus: the packet does not hold 20 ms")
	ErrMalformed = errors.New("opus: the packet is malformed")
)

// PacketSamples is the number of samples at 48 kHz that a packet announces in its first bytes (RFC 6716 §3.1, §3.2).
func PacketSamples(packet []byte) (int, error) {
	if len(packet) == 0 {
		return 0, ErrEmpty
	}
	frames := 1
	switch packet[0] & 3 { // code: how many frames
	case 1, 2:
		frames = 2
	case 3:
		if len(packet) < 2 {
			return 0, ErrMalformed
		}
		frames = int(packet[1] & 0x3f)
		if frames == 0 {
			return 0, ErrMalformed
		}
	}
	return frames * frameSamples(packet[0]>>3), nil
}

// frameSamples is the length of each frame by configuration number (RFC 6716 §3.1, table 2), samples at 48 kHz.
func frameSamples(config byte) int {
	switch {
	case config < 12: // SILK: 10, 20, 40, 60 ms
		return [4]int{480, 960, 1920, 2880}[config&3]
	case config < 16: // hybrid: 10, 20 ms
		return 480 << (config & 1)
	default: // CELT: 2.5, 5, 10, 20 ms
		return 120 << (config & 3)
	}
}

// Check reports why a packet cannot be one frame of this phone, or nil. It is cheap and looks at the header only.
func Check(packet []byte) error {
	if len(packet) > MaxPacketBytes {
		return ErrTooLong
	}
	n, err := PacketSamples(packet)
	if err != nil {
		return err
	}
	if n != FrameSamples {
		return ErrDuration
	}
	return nil
}
