package measure

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"
)

// wavFile is a WAV file of interleaved 16-bit samples, with a chunk before the data that readers must pass over.
func wavFile(channels, rate int, samples ...int16) []byte {
	var body bytes.Buffer
	body.WriteString("WAVEfmt ")
	for _, v := range []any{
		uint32(16), uint16(1), uint16(channels), uint32(rate), uint32(rate * channels * 2),
		uint16(channels * 2), uint16(16),
	} {
		_ = binary.Write(&body, binary.LittleEndian, v)
	}
	body.WriteString("LIST\x03\x00\x00\x00abc\x00data")
	_ = binary.Write(&body, binary.LittleEndian, uint32(2*len(samples)))
	_ = binary.Write(&body, binary.LittleEndian, samples)
	head := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(body.Len()))
	return append(head, body.Bytes()...)
}

func TestReadWAV(t *testing.T) {
	for _, c := range []struct {
		name string
		data []byte
		want []float64
	}{
		{"mono", wavFile(1, 48000, 0, 16384, -32768), []float64{0, 0.5, -1}},
		{"stereo is mixed", wavFile(2, 48000, 16384, 0, -16384, -16384), []float64{0.25, -0.5}},
		{"empty", wavFile(1, 48000), []float64{}},
	} {
		s, err := ReadWAV(bytes.NewReader(c.data))
		if err != nil || s.Rate != 48000 || len(s.Samples) != len(c.want) {
			t.Errorf("%s: %+v, %v", c.name, s, err)
			continue
		}
		for i := range c.want {
			if math.Abs(s.Samples[i]-c.want[i]) > 1e-9 {
				t.Errorf("%s: sample %d is %v, want %v", c.name, i, s.Samples[i], c.want[i])
			}
		}
	}
}

func TestAWAVFileThatWasNotCompletedIsAnError(t *testing.T) {
	whole := wavFile(1, 48000, 1, 2, 3, 4)
	grown := append(append([]byte(nil), whole...), 5, 0, 6, 0)
	floats := append([]byte(nil), whole...)
	floats[20] = 3
	noRate := append([]byte(nil), whole...)
	copy(noRate[24:28], []byte{0, 0, 0, 0})
	for name, data := range map[string][]byte{
		"empty":                       nil,
		"not WAV":                     []byte("YUV4MPEG2 W2 H2\n"),
		"cut off":                     whole[:len(whole)-2],
		"longer than its header says": grown,
		"floating point":              floats,
		"no rate":                     noRate,
		"header only":                 wavFile(1, 48000)[:12],
	} {
		if s, err := ReadWAV(bytes.NewReader(data)); err == nil {
			t.Errorf("%s: %d samples and no error", name, len(s.Samples))
		}
	}
}

func FuzzReadWAV(f *testing.F) {
	f.Add(wavFile(1, 48000, 1, 2, 3))
	f.Add(wavFile(2, 8000, 1, 2, 3, 4))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ReadWAV(bytes.NewReader(data))
		if err == nil && (s.Rate < 1 || len(s.Samples) > len(data)) {
			t.Errorf("%d samples at %d Hz of %d bytes", len(s.Samples), s.Rate, len(data))
		}
	})
}
