package measure

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Sound is one channel of samples, -1 to 1.
type Sound struct {
	Rate    int // samples a second
	Samples []float64
}

// Seconds is the sound's length.
func (s Sound) Seconds() float64 { return float64(len(s.Samples)) / float64(s.Rate) }

// ReadWAV reads a whole WAV file of 16-bit PCM. Several channels are mixed to one. A file whose header promises
// more than there is, or less, is an error: such a file was not completed.
func ReadWAV(r io.Reader) (Sound, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return Sound{}, err
	}
	if len(data) < 12 || string(data[:4]) != "RIFF" || string(data[8:12]) != "WAVE" {
		return Sound{}, errors.New("not a WAV file")
	}
	if said := int(binary.LittleEndian.Uint32(data[4:])) + 8; said != len(data) {
		return Sound{}, fmt.Errorf("the WAV header says %d bytes, and the file has %d", said, len(data))
	}
	var s Sound
	channels := 0
	for rest := data[12:]; len(rest) >= 8; {
		id, size := string(rest[:4]), int(binary.LittleEndian.Uint32(rest[4:]))
		rest = rest[8:]
		if size > len(rest) {
			return Sound{}, fmt.Errorf("WAV chunk %q is cut off", id)
		}
		body := rest[:size]
		rest = rest[min(size+size%2, len(rest)):]
		switch id {
		case "fmt ":
			if channels, s.Rate, err = parseFormat(body); err != nil {
				return Sound{}, err
			}
		case "data":
			if channels == 0 {
				return Sound{}, errors.New("WAV data comes before its format")
			}
			s.Samples = mixDown(body, channels)
			return s, nil
		}
	}
	return Sound{}, errors.New("the WAV file holds no sound")
}

func parseFormat(body []byte) (channels, rate int, err error) {
	const pcm, extensible = 1, 0xfffe
	if len(body) < 16 {
		return 0, 0, errors.New("WAV format is cut off")
	}
	tag := binary.LittleEndian.Uint16(body)
	channels = int(binary.LittleEndian.Uint16(body[2:]))
	rate = int(binary.LittleEndian.Uint32(body[4:]))
	bits := binary.LittleEndian.Uint16(body[14:])
	if (tag != pcm && tag != extensible) || bits != 16 || channels < 1 || rate < 1 {
		return 0, 0, fmt.Errorf("WAV kind %d, %d bits, %d channels, %d Hz is not read here", tag, bits, channels, rate)
	}
	return channels, rate, nil
}

func mixDown(body []byte, channels int) []float64 {
	out := make([]float64, len(body)/(2*channels))
	for i := range out {
		for c := range channels {
			out[i] += float64(int16(binary.LittleEndian.Uint16(body[2*(i*channels+c):])))
		}
		out[i] /= 32768 * float64(channels)
	}
	return out
}
