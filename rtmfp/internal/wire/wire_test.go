package wire

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math"
	"net/netip"
	"testing"
)

func TestVLU(t *testing.T) {
	for _, c := range []struct {
		v    uint64
		want string
	}{
		{0, "00"},
		{1, "01"},
		{127, "7f"},
		{128, "8100"},
		{16383, "ff7f"},
		{16384, "818000"},
		{math.MaxUint64, "81ffffffffffffffff7f"},
	} {
		b := AppendVLU(nil, c.v)
		if hex.EncodeToString(b) != c.want || VLULen(c.v) != len(b) {
			t.Errorf("%d is written as %x, of length %d; want %s", c.v, b, VLULen(c.v), c.want)
		}
		v, rest, err := VLU(append(b, 'x'))
		if v != c.v || string(rest) != "x" || err != nil {
			t.Errorf("%x is read as %d, %q, %v", b, v, rest, err)
		}
		if _, _, err := VLU(b[:len(b)-1]); !errors.Is(err, ErrTruncated) {
			t.Errorf("%x cut off: %v", b, err)
		}
	}
	for _, s := range []string{"82ffffffffffffffff7f", "8181818181818181818101", "ffffffffffffffffffff"} {
		b, _ := hex.DecodeString(s)
		if v, _, err := VLU(b); !errors.Is(err, ErrOverflow) {
			t.Errorf("%s is read as %d, %v", s, v, err)
		}
	}
}

func TestOptions(t *testing.T) {
	b := AppendOption(nil, 0x0a, []byte("value"))
	b = AppendOption(b, 300, nil)
	b = AppendMarker(b)
	if hex.EncodeToString(b) != "060a76616c756502822c00" {
		t.Errorf("written as %x", b)
	}
	var got []Option
	for len(b) > 0 {
		var o Option
		var err error
		if o, b, err = NextOption(b); err != nil {
			t.Fatal(err)
		}
		got = append(got, o)
	}
	if len(got) != 3 || got[0].Type != 0x0a || string(got[0].Value) != "value" || got[1].Type != 300 ||
		len(got[1].Value) != 0 || got[1].Marker || !got[2].Marker {
		t.Errorf("read as %+v", got)
	}
}

func TestAddress(t *testing.T) {
	for _, c := range []struct {
		addr   string
		origin Origin
		want   string
	}{
		{"192.0.2.1:1935", OriginObserved, "02c0000201078f"},
		{"[::ffff:192.0.2.1]:1", OriginReported, "01c00002010001"},
		{"[2001:db8::1]:65535", OriginRelay, "8320010db8000000000000000000000001ffff"},
	} {
		a := netip.MustParseAddrPort(c.addr)
		b := AppendAddress(nil, a, c.origin)
		if hex.EncodeToString(b) != c.want {
			t.Errorf("%v is written as %x, want %s", a, b, c.want)
		}
		got, o, rest, err := Address(append(b, 'x'))
		if got != netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) || o != c.origin || string(rest) != "x" || err != nil {
			t.Errorf("%x is read as %v, %d, %q, %v", b, got, o, rest, err)
		}
		for i := range b {
			if _, _, _, err := Address(b[:i]); !errors.Is(err, ErrTruncated) {
				t.Errorf("%x cut off at %d: %v", b, i, err)
			}
		}
	}
}

// FuzzWire: what is read is written again as something that reads the same.
func FuzzWire(f *testing.F) {
	f.Add([]byte{0x06, 0x0a, 'v', 'a', 'l', 'u', 'e', 0})
	f.Add([]byte{0x02, 192, 0, 2, 1, 7, 0x8f})
	f.Add([]byte{0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, b []byte) {
		if v, rest, err := VLU(b); err == nil {
			if again, r, err := VLU(AppendVLU(nil, v)); again != v || len(r) != 0 || err != nil || len(rest) >= len(b) {
				t.Fatalf("%x: %d came back as %d, %v", b, v, again, err)
			}
		}
		if field, rest, err := Bytes(b); err == nil {
			if again, _, err := Bytes(AppendBytes(nil, field)); !bytes.Equal(again, field) || err != nil || len(field)+len(rest) >= len(b) {
				t.Fatalf("%x: %x came back as %x, %v", b, field, again, err)
			}
		}
		if o, _, err := NextOption(b); err == nil && !o.Marker {
			again, _, err := NextOption(AppendOption(nil, o.Type, o.Value))
			if again.Type != o.Type || !bytes.Equal(again.Value, o.Value) || err != nil {
				t.Fatalf("%x: %+v came back as %+v, %v", b, o, again, err)
			}
		}
		if a, o, _, err := Address(b); err == nil {
			if again, p, _, err := Address(AppendAddress(nil, a, o)); again != a || p != o || err != nil {
				t.Fatalf("%x: %v came back as %v, %v", b, a, again, err)
			}
		}
	})
}
