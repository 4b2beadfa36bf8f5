package flash

import (
	"bytes"
	"errors"
	"testing"
)

func TestOpusBody(t *testing.T) {
	body := AppendAudioOpus(nil, []byte{1, 2, 3})
	if want := []byte("\x91Opus\x01\x02\x03"); !bytes.Equal(body, want) {
		t.Errorf("%q, want %q", body, want)
	}
	a, err := ParseAudio(body)
	if err != nil || a.FourCC != "Opus" || !bytes.Equal(a.Data, []byte{1, 2, 3}) {
		t.Errorf("parsed as %+v, %v", a, err)
	}
	header := AppendAudioOpusHeader(nil, 1)
	if want := []byte("\x90OpusOpusHead\x01\x01\x38\x01\x80\xbb\x00\x00\x00\x00\x00"); !bytes.Equal(header, want) {
		t.Errorf("header %q, want %q", header, want)
	}
	if a, err := ParseAudio(header); err != nil || a.FourCC != "Opus" || len(a.Data) != 0 {
		t.Errorf("header parsed as %+v, %v", a, err)
	}
}

func TestAudioBodiesOfOthers(t *testing.T) {
	for name, tt := range map[string]struct {
		body   string
		fourCC string
		codec  uint8
		data   string
		err    error
	}{
		"Speex":                       {"\xb2abc", "", 11, "abc", nil},
		"Nellymoser 8 kHz":            {"\x52abc", "", 5, "abc", nil},
		"legacy silence":              {"\xb2", "", 11, "", nil},
		"another FourCC":              {"\x91fLaCabc", "fLaC", 0, "abc", nil},
		"the end of a sequence":       {"\x92Opus", "Opus", 0, "", nil},
		"a modifier before the frame": {"\x97\x02abc\x01Opusxy", "Opus", 0, "xy", nil},
		"a long modifier":             {"\x97\xff\x01\x00" + string(make([]byte, 257)) + "\x01Opusxy", "Opus", 0, "xy", nil},
		"nothing":                     {"", "", 0, "", ErrMalformedMedia},
		"no FourCC":                   {"\x91Opu", "", 0, "", ErrMalformedMedia},
		"no packet":                   {"\x91Opus", "", 0, "", ErrMalformedMedia},
		"multitrack":                  {"\x95\x01Opus\x00abc", "", 0, "", ErrUnsupportedMedia},
		"a modifier cut short":        {"\x97\x05ab", "", 0, "", ErrMalformedMedia},
		"a modifier without a size":   {"\x97", "", 0, "", ErrMalformedMedia},
		"a long modifier cut short":   {"\x97\xff\x01", "", 0, "", ErrMalformedMedia},
	} {
		a, err := ParseAudio([]byte(tt.body))
		if !errors.Is(err, tt.err) || a.FourCC != tt.fourCC || a.Codec != tt.codec || string(a.Data) != tt.data {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
	}
}

func FuzzParseAudio(f *testing.F) {
	f.Add(AppendAudioOpus(nil, []byte{1, 2, 3}))
	f.Add(AppendAudioOpusHeader(nil, 2))
	f.Add([]byte("\x97\x02abc\x01Opusxy"))
	f.Add([]byte("\xb2abc"))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := ParseAudio(body)
		if err != nil {
			if len(a.Data) != 0 || a.FourCC != "" {
				t.Fatalf("%+v beside %v", a, err)
			}
			return
		}
		if len(a.Data) > len(body) {
			t.Fatal("more data than body")
		}
		if a.FourCC == FourCCOpus && len(a.Data) > 0 {
			if b, err := ParseAudio(AppendAudioOpus(nil, a.Data)); err != nil || !bytes.Equal(a.Data, b.Data) {
				t.Fatalf("%q became %q, %v", a.Data, b.Data, err)
			}
		}
	})
}
