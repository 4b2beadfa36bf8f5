package wav

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// file builds a WAV file: chunks before the sound, a format and samples.
type file struct {
	code, channels, rate, bits int
	extensible                 bool
	before                     []byte // chunks between format and sound
	sound                      []byte
	size                       uint32 // of the data chunk, if not 0
	noFormat                   bool
}

func (f file) bytes() []byte {
	le := binary.LittleEndian
	b := []byte("RIFF\x00\x00\x00\x00WAVE")
	if !f.noFormat {
		code, size := f.code, 16
		if f.extensible {
			code, size = codeExtensible, 40
		}
		b = append(b, "fmt "...)
		b = le.AppendUint32(b, uint32(size))
		b = le.AppendUint16(b, uint16(code))
		b = le.AppendUint16(b, uint16(f.channels))
		b = le.AppendUint32(b, uint32(f.rate))
		b = le.AppendUint32(b, uint32(f.rate*f.channels*f.bits/8))
		b = le.AppendUint16(b, uint16(f.channels*f.bits/8))
		b = le.AppendUint16(b, uint16(f.bits))
		if f.extensible {
			b = le.AppendUint16(b, 22)
			b = append(b, make([]byte, 6)...)
			b = le.AppendUint16(b, uint16(f.code))
			b = append(b, make([]byte, 14)...)
		}
	}
	b = append(b, f.before...)
	b = append(b, "data"...)
	if f.size == 0 {
		f.size = uint32(len(f.sound))
	}
	b = le.AppendUint32(b, f.size)
	return append(b, f.sound...)
}

func pcm16(samples ...int16) (b []byte) {
	for _, v := range samples {
		b = binary.LittleEndian.AppendUint16(b, uint16(v))
	}
	return b
}

func floats(samples ...float32) (b []byte) {
	for _, v := range samples {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

func TestFilesAreRead(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		name string
		file file
		want []int16
	}{
		{"16 bit mono", file{code: 1, channels: 1, rate: 48000, bits: 16, sound: pcm16(1, -2, 32767, -32768)}, []int16{1, -2, 32767, -32768}},
		{"16 bit stereo", file{code: 1, channels: 2, rate: 48000, bits: 16, sound: pcm16(10, 20, -32768, -32768)}, []int16{15, -32768}},
		{"float mono", file{code: 3, channels: 1, rate: 48000, bits: 32, sound: floats(0.5, -1, 7, nan)}, []int16{16384, -32768, 32767, 0}},
		{"float stereo", file{code: 3, channels: 2, rate: 48000, bits: 32, sound: floats(0.5, -0.5, 0.25, 0.25)}, []int16{0, 8192}},
		{"extensible", file{code: 1, channels: 1, rate: 48000, bits: 16, extensible: true, sound: pcm16(5)}, []int16{5}},
		{"a list of odd length before", file{code: 1, channels: 1, rate: 48000, bits: 16, before: []byte("LIST\x03\x00\x00\x00abc\x00"), sound: pcm16(5)}, []int16{5}},
		{"written to a pipe", file{code: 1, channels: 1, rate: 48000, bits: 16, size: math.MaxUint32, sound: pcm16(5, 6)}, []int16{5, 6}},
		{"cut off", file{code: 1, channels: 1, rate: 48000, bits: 16, size: 1000, sound: append(pcm16(5, 6), 1)}, []int16{5, 6}},
		{"a chunk after", file{code: 1, channels: 1, rate: 48000, bits: 16, size: 2, sound: append(pcm16(5), "LIST"...)}, []int16{5}},
	} {
		got, err := Read(bytes.NewReader(c.file.bytes()))
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v, want %v", c.name, got, err, c.want)
		}
	}
}

func TestWhatCannotBeReadIsRefused(t *testing.T) {
	good := file{code: 1, channels: 1, rate: 48000, bits: 16, sound: pcm16(5)}
	with := func(change func(*file)) []byte {
		f := good
		change(&f)
		return f.bytes()
	}
	badBlock := good.bytes()
	badBlock[32] = 9
	for _, c := range []struct {
		name string
		data []byte
		want error
	}{
		{"nothing", nil, ErrNotWAV},
		{"text", []byte("hello, this is text"), ErrNotWAV},
		{"only a header", []byte("RIFF\x00\x00\x00\x00WAVE"), ErrMalformed},
		{"no format", with(func(f *file) { f.noFormat = true }), ErrMalformed},
		{"a huge format chunk", []byte("RIFF\x00\x00\x00\x00WAVEfmt \xff\xff\xff\x7f"), ErrMalformed},
		{"a chunk longer than the file", []byte("RIFF\x00\x00\x00\x00WAVELIST\xff\xff\xff\xff"), ErrMalformed},
		{"chunks without end", append([]byte("RIFF\x00\x00\x00\x00WAVE"), bytes.Repeat([]byte("LIST\x00\x00\x00\x00"), 1000)...), ErrMalformed},
		{"a wrong block size", badBlock, ErrMalformed},
		{"8 bit", with(func(f *file) { f.bits = 8 }), ErrFormat},
		{"six channels", with(func(f *file) { f.channels = 6 }), ErrFormat},
		{"MP3", with(func(f *file) { f.code = 0x55 }), ErrFormat},
		{"no channel", with(func(f *file) { f.channels = 0 }), ErrFormat},
		{"a rate of 0", with(func(f *file) { f.rate = 0 }), ErrFormat},
		{"a rate of 47999", with(func(f *file) { f.rate = 47999 }), ErrFormat},
		{"no sample", with(func(f *file) { f.sound = nil }), ErrNoSound},
	} {
		if _, err := Read(bytes.NewReader(c.data)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// zeros is sound without end.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

func TestAFileWithoutEndIsRefused(t *testing.T) {
	if _, err := readSound(zeros{}, format{code: codePCM, channels: 1, rate: 8000}); !errors.Is(err, ErrTooLong) {
		t.Error(err)
	}
}

func TestResamplingKeepsTonesAndRemovesWhatDoesNotFit(t *testing.T) {
	// power is that of a tone after resampling, in decibels against the tone before, without the ends.
	power := func(rate int, hertz float64) float64 {
		in := make([]int16, rate/2)
		for i := range in {
			in[i] = int16(math.Round(16000 * math.Sin(2*math.Pi*hertz*float64(i)/float64(rate))))
		}
		out := resample(in, rate, SampleRate)
		if want := (len(in)*SampleRate + rate - 1) / rate; len(out) != want {
			t.Errorf("%d samples at rate %d become %d, want %d", len(in), rate, len(out), want)
		}
		sum := 0.0
		mid := out[4800 : len(out)-4800]
		for _, v := range mid {
			sum += float64(v) * float64(v)
		}
		return 10 * math.Log10(sum/float64(len(mid))/(16000*16000/2)+1e-12)
	}
	for _, rate := range rates {
		for _, hertz := range []float64{100, 1000, 3000} {
			if db := power(rate, hertz); math.Abs(db) > 0.05 {
				t.Errorf("%v Hz at rate %d: %.2f dB", hertz, rate, db)
			}
		}
	}
	for rate, hertz := range map[int]float64{64000: 27000, 96000: 30000, 192000: 90000} {
		if db := power(rate, hertz); db > -70 {
			t.Errorf("%v Hz at rate %d folds back with %.0f dB", hertz, rate, db)
		}
	}
}

func TestResampledTonesArePure(t *testing.T) {
	const rate, hertz = 22050, 1000.0
	in := make([]int16, rate/2)
	for i := range in {
		in[i] = int16(math.Round(16000 * math.Sin(2*math.Pi*hertz*float64(i)/rate)))
	}
	var noise, signal float64
	out := resample(in, rate, SampleRate)
	for i, v := range out[4800 : len(out)-4800] {
		want := 16000 * math.Sin(2*math.Pi*hertz*float64(i+4800)/SampleRate)
		noise += (float64(v) - want) * (float64(v) - want)
		signal += want * want
	}
	if db := 10 * math.Log10(signal/noise); db < 80 {
		t.Errorf("signal to noise %.0f dB, want 80: the tone is displaced or distorted", db)
	}
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out.wav")
	w, err := Create(name)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]int16, 100_000)
	for i := range want {
		want[i] = int16(i * 7)
	}
	for at := 0; at < len(want); at += 1000 {
		if err := w.Write(want[at : at+1000]); err != nil {
			t.Fatal(err)
		}
	}
	if w.Samples() != int64(len(want)) {
		t.Errorf("%d samples", w.Samples())
	}
	for range 2 {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Write(want[:1]); !errors.Is(err, ErrClosed) {
		t.Errorf("writing after Close: %v", err)
	}
	got, err := ReadFile(name)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%d samples read, %v", len(got), err)
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if size := binary.LittleEndian.Uint32(raw[4:]); int(size) != len(raw)-8 {
		t.Errorf("the header tells %d bytes of %d", size, len(raw)-8)
	}
}

func TestAnEmptyFileHasAWholeHeader(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out.wav")
	w, err := Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(name); !errors.Is(err, ErrNoSound) {
		t.Errorf("%v, want ErrNoSound", err)
	}
}

func TestTheFormatsLimitIsKept(t *testing.T) {
	w, err := Create(filepath.Join(t.TempDir(), "out.wav"))
	if err != nil {
		t.Fatal(err)
	}
	w.bytes = maxDataBytes - 2
	if err := w.Write(make([]int16, 2)); !errors.Is(err, ErrFull) {
		t.Error(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(file{code: 1, channels: 2, rate: 44100, bits: 16, sound: pcm16(1, 2, 3, 4)}.bytes())
	f.Add(file{code: 3, channels: 1, rate: 8000, bits: 32, extensible: true, sound: floats(1, 2, 3)}.bytes())
	f.Add(file{code: 1, channels: 1, rate: 48000, bits: 16, before: []byte("LIST\x00\x00\x00\x00"), sound: pcm16(5)}.bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		pcm, err := Read(bytes.NewReader(data))
		if err == nil && (len(pcm) == 0 || len(pcm) > 6*len(data)+1) {
			t.Errorf("%d samples from %d bytes", len(pcm), len(data))
		}
	})
}

func BenchmarkResample44100(b *testing.B) {
	in := make([]int16, 44100)
	for b.Loop() {
		resample(in, 44100, SampleRate)
	}
}
