package h264

import (
	"bytes"
	"testing"
)

func TestOnlyPicturesThatNoOtherNeedsAreLeftUnfiltered(t *testing.T) {
	units, pictures := layered(t, 41)
	lean, whole := openDecoder(t), openDecoder(t)
	whole.(*decoder).unfiltered = -1
	others, rough := 0, 0
	for n, u := range units {
		a, err := lean.Decode(u.Data)
		if err != nil {
			t.Fatal(err)
		}
		b, err := whole.Decode(u.Data)
		if err != nil {
			t.Fatal(err)
		}
		same := bytes.Equal(a.Y, b.Y) && bytes.Equal(a.Cb, b.Cb) && bytes.Equal(a.Cr, b.Cr)
		if u.Layer < MaxLayers-1 {
			if !same {
				t.Errorf("picture %d of layer %d, which others need, differs", n, u.Layer)
			}
			continue
		}
		others++
		if !same {
			rough++
		}
		if lean, whole := psnr(pictures[n], a), psnr(pictures[n], b); lean < whole-0.3 {
			t.Errorf("picture %d has %.2f dB unfiltered, %.2f filtered", n, lean, whole)
		}
	}
	if rough < others/2 {
		t.Errorf("%d of %d pictures that nobody needs were left unfiltered", rough, others)
	}
}

func TestASliceIsLeftUnfilteredInPlace(t *testing.T) {
	for name, c := range map[string]struct {
		nal      []byte
		at       int // the fields, in bits behind the first byte
		fine     bool
		want     bool
		becoming []byte
	}{
		"within a byte":                     {[]byte{1, 0x1c, 0xff, 0xff}, 3, true, true, []byte{1, 0x08, 0xff, 0xff}},
		"over two bytes":                    {[]byte{1, 0x81, 0xc1, 0xff}, 7, true, true, []byte{1, 0x80, 0x81, 0xff}},
		"too coarse":                        {[]byte{1, 0x1c, 0xff, 0xff}, 3, false, false, nil},
		"not read":                          {[]byte{1, 0x1c, 0xff, 0xff}, 0, true, false, nil},
		"already off":                       {[]byte{1, 0x08, 0xff, 0xff}, 3, true, false, nil},
		"another strength":                  {[]byte{1, 0x18, 0xff, 0xff}, 3, true, false, nil},
		"cut off":                           {[]byte{1, 0x1c}, 3, true, false, nil},
		"it would look like a start code":   {[]byte{1, 0, 0, 0x07, 0xff}, 21, true, false, nil},
		"an escaped byte becomes another":   {[]byte{1, 0x40, 0, 0x0f, 0xff}, 20, true, true, []byte{1, 0x40, 0, 0x05, 0xff}},
		"a zero byte, and then a large one": {[]byte{1, 0x40, 0x01, 0xc0, 0xff}, 15, true, true, []byte{1, 0x40, 0x00, 0x80, 0xff}},
	} {
		s := sliceHeader{filterAt: c.at, quantizer: 36}
		if c.fine {
			s.quantizer = 20
		}
		nal := bytes.Clone(c.nal)
		got := leaveUnfiltered(nal, &s, unfilteredMost)
		if c.becoming == nil {
			c.becoming = c.nal
		}
		if got != c.want || !bytes.Equal(nal, c.becoming) {
			t.Errorf("%s: %x became %x, %v; wanted %x, %v", name, c.nal, nal, got, c.becoming, c.want)
		}
	}
}
