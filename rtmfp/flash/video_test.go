package flash

import (
	"bytes"
	"errors"
	"testing"
)

const (
	testSPS = "\x67\x42\xc0\x1e\xab"
	testPPS = "\x68\xce\x38"
	testIDR = "\x65\x88\x84\x21"
)

func TestAVCBody(t *testing.T) {
	annexB := "\x00\x00\x00\x01" + testSPS + "\x00\x00\x01" + testPPS + "\x00\x00\x00\x01" + testIDR
	body, err := AppendVideoAVC([]byte("head"), []byte(annexB), true)
	want := "head\x17\x01\x00\x00\x00" + "\x00\x00\x00\x05" + testSPS + "\x00\x00\x00\x03" + testPPS + "\x00\x00\x00\x04" + testIDR
	if err != nil || string(body) != want {
		t.Fatalf("%q, %v; want %q", body, err, want)
	}
	v, err := ParseVideo(body[4:])
	if err != nil || !v.Key || v.Header {
		t.Fatalf("%+v, %v", v, err)
	}
	if want := "\x00\x00\x00\x01" + testSPS + "\x00\x00\x00\x01" + testPPS + "\x00\x00\x00\x01" + testIDR; string(v.AnnexB) != want {
		t.Errorf("%q, want %q", v.AnnexB, want)
	}
	inter, err := AppendVideoAVC(nil, []byte("\x00\x00\x01\x41\x9a"), false)
	if err != nil || inter[0] != 0x27 {
		t.Errorf("an inter frame: %x, %v", inter, err)
	}
	if v, err := ParseVideo(inter); err != nil || v.Key {
		t.Errorf("an inter frame: %+v, %v", v, err)
	}
}

func TestAVCHeader(t *testing.T) {
	annexB := "\x00\x00\x00\x01" + testSPS + "\x00\x00\x00\x01" + testPPS + "\x00\x00\x00\x01" + testIDR
	body, ok := AppendVideoAVCHeader(nil, []byte(annexB))
	want := "\x17\x00\x00\x00\x00" + "\x01\x42\xc0\x1e\xff" + "\xe1\x00\x05" + testSPS + "\x01\x00\x03" + testPPS
	if !ok || string(body) != want {
		t.Fatalf("%q, %v; want %q", body, ok, want)
	}
	v, err := ParseVideo(body)
	if want := "\x00\x00\x00\x01" + testSPS + "\x00\x00\x00\x01" + testPPS; err != nil || !v.Header || !v.Key || string(v.AnnexB) != want {
		t.Errorf("%+v, %v; want %q", v, err, want)
	}

	high, ok := AppendVideoAVCHeader(nil, []byte("\x00\x00\x01\x67\x64\x00\x1e\x00\x00\x01"+testPPS))
	if !ok || !bytes.HasSuffix(high, []byte(testPPS+"\xfd\xf8\xf8\x00")) {
		t.Errorf("High profile without its extension: %x, %v", high, ok)
	}
	if _, err := ParseVideo(high); err != nil {
		t.Errorf("High profile: %v", err)
	}
}

func TestNoAVCHeaderWithoutParameterSets(t *testing.T) {
	for name, annexB := range map[string]string{
		"nothing":             "",
		"no SPS":              "\x00\x00\x01" + testPPS,
		"no PPS":              "\x00\x00\x01" + testSPS,
		"an SPS cut short":    "\x00\x00\x01\x67\x42\x00\x00\x01" + testPPS,
		"a profile above":     "\x00\x00\x01\x67\x6e\x00\x1e\x00\x00\x01" + testPPS,
		"only a picture":      "\x00\x00\x01" + testIDR,
		"more SPS than allow": string(bytes.Repeat([]byte("\x00\x00\x01"+testSPS), 32)) + "\x00\x00\x01" + testPPS,
	} {
		if b, ok := AppendVideoAVCHeader([]byte("x"), []byte(annexB)); ok || string(b) != "x" {
			t.Errorf("%s: %q, %v", name, b, ok)
		}
	}
}

func TestAVCInputWithoutNALUnits(t *testing.T) {
	for _, annexB := range []string{"", "\x00\x00\x01", "\x00\x00\x00\x01\x00\x00\x01", "no start code"} {
		if b, err := AppendVideoAVC([]byte("x"), []byte(annexB), true); !errors.Is(err, ErrMalformedMedia) || string(b) != "x" {
			t.Errorf("%q: %q, %v", annexB, b, err)
		}
	}
}

func TestParseVideoRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		body string
		want error
	}{
		"nothing":                 {"", ErrMalformedMedia},
		"Sorenson H.263":          {"\x22abc", ErrUnsupportedMedia},
		"another FourCC":          {"\x91hvc1\x00\x00\x00abc", ErrUnsupportedMedia},
		"E-RTMP cut short":        {"\x91avc1", ErrMalformedMedia},
		"a command frame":         {"\x57\x00", ErrUnsupportedMedia},
		"a head cut short":        {"\x17\x01\x00", ErrMalformedMedia},
		"the end of a sequence":   {"\x17\x02\x00\x00\x00", ErrUnsupportedMedia},
		"no NAL unit":             {"\x17\x01\x00\x00\x00", ErrMalformedMedia},
		"empty NAL units":         {"\x17\x01\x00\x00\x00\x00\x00\x00\x00", ErrMalformedMedia},
		"a length cut short":      {"\x17\x01\x00\x00\x00\x00\x00\x01", ErrMalformedMedia},
		"a length beyond the end": {"\x17\x01\x00\x00\x00\x00\x00\x00\x05ab", ErrMalformedMedia},
		"a huge length":           {"\x17\x01\x00\x00\x00\xff\xff\xff\xffab", ErrMalformedMedia},
		"a record cut short":      {"\x17\x00\x00\x00\x00\x01\x42", ErrMalformedMedia},
		"another version":         {"\x17\x00\x00\x00\x00\x02\x42\xc0\x1e\xff\xe0\x00", ErrMalformedMedia},
		"two-byte lengths":        {"\x17\x00\x00\x00\x00\x01\x42\xc0\x1e\xfd\xe0\x00", ErrUnsupportedMedia},
		"no parameter sets":       {"\x17\x00\x00\x00\x00\x01\x42\xc0\x1e\xff\xe0\x00", ErrMalformedMedia},
		"no count of PPS":         {"\x17\x00\x00\x00\x00\x01\x42\xc0\x1e\xff\xe1\x00\x01\x67", ErrMalformedMedia},
		"an SPS beyond the end":   {"\x17\x00\x00\x00\x00\x01\x42\xc0\x1e\xff\xe1\x00\x09\x67", ErrMalformedMedia},
		"a PPS that is not there": {"\x17\x00\x00\x00\x00\x01\x42\xc0\x1e\xff\xe0\x01", ErrMalformedMedia},
	} {
		if v, err := ParseVideo([]byte(tt.body)); !errors.Is(err, tt.want) || v.AnnexB != nil {
			t.Errorf("%s: %+v, %v; want %v", name, v, err, tt.want)
		}
	}
}

func TestConvertingVideoAllocatesOnlyTheResult(t *testing.T) {
	annexB := append([]byte("\x00\x00\x00\x01\x65"), bytes.Repeat([]byte{0x5a}, 20000)...)
	buf := make([]byte, 0, len(annexB)+64)
	if n := testing.AllocsPerRun(20, func() {
		if _, err := AppendVideoAVC(buf, annexB, true); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations to make a body", n)
	}
	body, _ := AppendVideoAVC(nil, annexB, true)
	if n := testing.AllocsPerRun(20, func() {
		if _, err := ParseVideo(body); err != nil {
			t.Fatal(err)
		}
	}); n != 1 {
		t.Errorf("%v allocations to read a body, want only the result", n)
	}
}

func FuzzParseVideo(f *testing.F) {
	annexB := []byte("\x00\x00\x00\x01" + testSPS + "\x00\x00\x01" + testPPS + "\x00\x00\x00\x01" + testIDR)
	body, _ := AppendVideoAVC(nil, annexB, true)
	header, _ := AppendVideoAVCHeader(nil, annexB)
	f.Add(body)
	f.Add(header)
	f.Fuzz(func(t *testing.T, body []byte) {
		v, err := ParseVideo(body)
		if err != nil {
			if v.AnnexB != nil {
				t.Fatal("a picture beside an error")
			}
			return
		}
		if len(v.AnnexB) == 0 {
			t.Fatal("neither picture nor error")
		}
		AppendVideoAVCHeader(nil, v.AnnexB)
	})
}

func FuzzAppendVideoAVC(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x01"+testSPS+"\x00\x00\x01"+testPPS+"\x00\x00\x00\x01"+testIDR), true)
	f.Fuzz(func(t *testing.T, annexB []byte, key bool) {
		body, err := AppendVideoAVC(nil, annexB, key)
		if err != nil {
			return
		}
		v, err := ParseVideo(body)
		if err != nil || v.Key != key {
			t.Fatalf("%+v, %v", v, err)
		}
		again, err := AppendVideoAVC(nil, v.AnnexB, key)
		if err != nil || !bytes.Equal(body, again) {
			t.Fatalf("not stable: %x, then %x, %v", body, again, err)
		}
		if header, ok := AppendVideoAVCHeader(nil, annexB); ok {
			if v, err := ParseVideo(header); err != nil || !v.Header {
				t.Fatalf("our own header is refused: %x, %v", header, err)
			}
		}
	})
}
