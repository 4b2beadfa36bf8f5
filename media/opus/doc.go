// Package opus is the sound codec: libopus encodes, and pion/opus, which is memory-safe Go, decodes
// what comes from the network. Everything is 48 kHz mono in frames of 20 ms.
//
// libopus is the static archive inside github.com/pion/mediadevices; this package declares the few
// functions that it calls, and links them by importing that module's package.
//
//	enc, err := opus.NewEncoder(opus.EncoderConfig{Bitrate: 32_000})
//	defer enc.Close()
//	packet, err := enc.Encode(&pcm) // valid until the next Encode
//
//	dec, err := opus.NewDecoder()
//	err = dec.Decode(packet, &pcm)
package opus
