package wav

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
)

// Errors of reading.
var (
	ErrNotWAV    = errors.New("wav: this is not a WAV file")
	ErrMalformed = errors.New("wav: the file is damaged")
	ErrFormat    = errors.New("wav: only 16 bit and 32 bit float sound, mono or stereo, at a common rate can be read")
	ErrTooLong   = errors.New("wav: the file is longer than 30 minutes")
	ErrNoSound   = errors.New("wav: the file holds no sound")
)

// Codes of the format chunk (RIFF WAVE, mmreg.h).
const (
	codePCM        = 1
	codeFloat      = 3
	codeExtensible = 0xFFFE
)

// format is what the "fmt " chunk says.
type format struct {
	code     int // codePCM or codeFloat
	channels int // 1 or 2
	rate     int // samples a second
}

// bytes is the size of one sample of all channels.
func (f format) bytes() int {
	if f.code == codeFloat {
		return 4 * f.channels
	}
	return 2 * f.channels
}

// ReadFile reads a whole file as 48 kHz mono. A file that is cut off gives what it has.
func ReadFile(name string) ([]int16, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	pcm, err := Read(bufio.NewReaderSize(f, 1<<16))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return pcm, nil
}

// Read reads a file's content as 48 kHz mono.
func Read(r io.Reader) ([]int16, error) {
	var riff [12]byte
	if _, err := io.ReadFull(r, riff[:]); err != nil || string(riff[:4]) != "RIFF" || string(riff[8:]) != "WAVE" {
		return nil, ErrNotWAV
	}
	var f format
	for range maxChunks {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return nil, fmt.Errorf("%w: no sound was found in it", ErrMalformed)
		}
		size := int64(binary.LittleEndian.Uint32(head[4:]))
		switch string(head[:4]) {
		case "fmt ":
			if size < 16 || size > maxFormat {
				return nil, fmt.Errorf("%w: a format chunk of %d bytes", ErrMalformed, size)
			}
			chunk := make([]byte, size+size&1)
			if _, err := io.ReadFull(r, chunk); err != nil {
				return nil, fmt.Errorf("%w: it ends in the format chunk", ErrMalformed)
			}
			var err error
			if f, err = parseFormat(chunk[:size]); err != nil {
				return nil, err
			}
		case "data":
			if f.rate == 0 {
				return nil, fmt.Errorf("%w: sound comes before its format", ErrMalformed)
			}
			// Programs that write to a pipe leave 0xFFFFFFFF or 0 there: then the sound goes on to the end.
			if size == 0 || size == math.MaxUint32 {
				size = math.MaxInt64
			}
			return readSound(io.LimitReader(r, size), f)
		default:
			if _, err := io.CopyN(io.Discard, r, size+size&1); err != nil {
				return nil, fmt.Errorf("%w: it ends in a chunk", ErrMalformed)
			}
		}
	}
	return nil, fmt.Errorf("%w: it has too many chunks", ErrMalformed)
}

func parseFormat(b []byte) (format, error) {
	le := binary.LittleEndian
	f := format{code: int(le.Uint16(b)), channels: int(le.Uint16(b[2:])), rate: int(le.Uint32(b[4:]))}
	bits := int(le.Uint16(b[14:]))
	if f.code == codeExtensible {
		if len(b) < 40 {
			return format{}, fmt.Errorf("%w: a short extensible format", ErrMalformed)
		}
		f.code = int(le.Uint16(b[24:])) // the first bytes of the sub-format's GUID
	}
	if f.channels != 1 && f.channels != 2 || !slices.Contains(rates[:], f.rate) ||
		(f.code != codePCM || bits != 16) && (f.code != codeFloat || bits != 32) {
		return format{}, fmt.Errorf("%w; this one has format %d, %d channels, %d bits, %d Hz",
			ErrFormat, f.code, f.channels, bits, f.rate)
	}
	if int(le.Uint16(b[12:])) != f.bytes() {
		return format{}, fmt.Errorf("%w: its block size does not fit its format", ErrMalformed)
	}
	return f, nil
}

// readSound reads samples to the end, mixes them to mono and brings them to 48 kHz.
func readSound(r io.Reader, f format) ([]int16, error) {
	limit := int(MaxDuration.Seconds()) * f.rate
	var mono []int16
	buf := make([]byte, 4096*f.bytes())
	for {
		n, err := io.ReadFull(r, buf)
		for b := buf[:n-n%f.bytes()]; len(b) > 0; b = b[f.bytes():] {
			mono = append(mono, f.sample(b))
		}
		if len(mono) > limit {
			return nil, ErrTooLong
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("reading sound: %w", err)
		}
	}
	if len(mono) == 0 {
		return nil, ErrNoSound
	}
	return resample(mono, f.rate, SampleRate), nil
}

// sample is the first sample of b, its channels averaged.
func (f format) sample(b []byte) int16 {
	le := binary.LittleEndian
	if f.code == codePCM {
		v := int(int16(le.Uint16(b)))
		if f.channels == 2 {
			v = (v + int(int16(le.Uint16(b[2:])))) / 2
		}
		return int16(v)
	}
	v := float64(math.Float32frombits(le.Uint32(b)))
	if f.channels == 2 {
		v = (v + float64(math.Float32frombits(le.Uint32(b[4:])))) / 2
	}
	return round(v * 32768)
}

// round clips to 16 bits; what is not a number is silence.
func round(v float64) int16 {
	switch {
	case math.IsNaN(v):
		return 0
	case v >= math.MaxInt16:
		return math.MaxInt16
	case v <= math.MinInt16:
		return math.MinInt16
	}
	return int16(math.RoundToEven(v))
}
