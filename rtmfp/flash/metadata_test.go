package flash

import (
	"bytes"
	"errors"
	"testing"
)

func TestMetadataWireFormat(t *testing.T) {
	for _, tt := range []struct {
		stream  uint32
		network bool
		wire    []byte
	}{
		{0, false, []byte{'T', 'C', 4, 0}},
		{5, true, []byte{'T', 'C', 5, 5}},
		{2000001, false, []byte{'T', 'C', 4, 0xfa, 0x89, 0x01}}, // what Flash sends between peers
		{1<<32 - 1, true, []byte{'T', 'C', 5, 0x8f, 0xff, 0xff, 0xff, 0x7f}},
	} {
		if got := AppendMetadata(nil, tt.stream, tt.network); !bytes.Equal(got, tt.wire) {
			t.Errorf("stream %d: %x, want %x", tt.stream, got, tt.wire)
		}
		stream, network, err := ParseMetadata(tt.wire)
		if err != nil || stream != tt.stream || network != tt.network {
			t.Errorf("%x: %d, %v, %v", tt.wire, stream, network, err)
		}
	}
}

func TestMetadataOfOtherKindsIsTold(t *testing.T) {
	for name, tt := range map[string]struct {
		wire []byte
		want error
	}{
		"nothing":               {nil, ErrNotTC},
		"another signature":     {[]byte{'G', 'R', 4, 0}, ErrNotTC},
		"half a signature":      {[]byte{'T'}, ErrNotTC},
		"no flags":              {[]byte{'T', 'C'}, ErrNoStreamID},
		"no stream ID":          {[]byte{'T', 'C', 0, 5}, ErrNoStreamID},
		"a stream ID cut short": {[]byte{'T', 'C', 4, 0x80}, ErrNoStreamID},
		"a stream ID too large": {[]byte{'T', 'C', 4, 0x90, 0x80, 0x80, 0x80, 0}, ErrNoStreamID},
	} {
		if _, _, err := ParseMetadata(tt.wire); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

func FuzzParseMetadata(f *testing.F) {
	f.Add([]byte{'T', 'C', 4, 0xfa, 0x89, 0x01})
	f.Fuzz(func(t *testing.T, b []byte) {
		stream, network, err := ParseMetadata(b)
		if err != nil {
			return
		}
		s2, n2, err := ParseMetadata(AppendMetadata(nil, stream, network))
		if s2 != stream || n2 != network || err != nil {
			t.Fatalf("%x: %d %v, then %d %v %v", b, stream, network, s2, n2, err)
		}
	})
}
