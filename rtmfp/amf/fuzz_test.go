package amf

import (
	"bytes"
	"errors"
	"testing"
)

// checkStable asserts what holds for every input: what was decoded can be
// encoded within the bounds, and decodes to the same again.
func checkStable(t *testing.T, b []byte) {
	values, err := DecodeAMF0(b)
	if err != nil {
		if values != nil {
			t.Fatal("values beside an error")
		}
		return
	}
	first, err := AppendAMF0(nil, values...)
	if err != nil {
		t.Fatalf("decoded values cannot be encoded: %v", err)
	}
	if limit := maxWeight + 8*maxValues; len(first) > limit {
		t.Fatalf("%d bytes became %d, more than %d", len(b), len(first), limit)
	}
	again, err := DecodeAMF0(first)
	if err != nil {
		return // the names of AMF3 traits may cost a value more when written out
	}
	second, err := AppendAMF0(nil, again...)
	if err != nil || !bytes.Equal(first, second) {
		t.Fatalf("not stable: %x, then %x, %v", first, second, err)
	}
}

func FuzzDecodeAMF0(f *testing.F) {
	for _, v := range [][]Value{
		{"connect", 1, Object{{"app", "x"}, {"objectEncoding", 3}}},
		{Array{nil, true, ECMAArray{{"k", Undefined{}}}}, []byte{1, 2}, XML("<a/>")},
		{TypedObject{"C", Object{{"k", Array{}}}}},
	} {
		b, err := AppendAMF0(nil, v...)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(unhex(f, "0a 00000002  03 0001 61 00 3ff0000000000000 000009  07 0001"))
	f.Fuzz(checkStable)
}

func FuzzDecodeAMF3(f *testing.F) {
	for _, s := range []string{
		"04 8100", "06 05 6869", "09 05 01 06 05 6869 06 00", "09 03 03 6b 02 01 03",
		"09 05 01 0a 13 03 43 03 61 0401  0a 01 0402", "0c 07 010203", "11 05 00 0401 06 03 78 01 03", "0d 05 00 ffffffff 00000002", "10 03 00 01 03",
	} {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		checkStable(t, append([]byte{marker0AMF3}, b...))
		checkStable3(t, b)
	})
}

// checkStable3 asserts the same of AMF3 alone, and of the mixed form: what can be written reads back as it was.
func checkStable3(t *testing.T, b []byte) {
	values, err := DecodeAMF3(b)
	if err != nil {
		if values != nil {
			t.Fatal("values beside an error")
		}
		return
	}
	for form, f := range map[string]struct {
		encode func([]byte, ...Value) ([]byte, error)
		decode func([]byte) ([]Value, error)
	}{"AMF3": {AppendAMF3, DecodeAMF3}, "switched": {AppendSwitched, DecodeAMF0}} {
		first, err := f.encode(nil, values...)
		if err != nil {
			continue // a member of an associative array without a name
		}
		if limit := maxWeight + 8*maxValues; len(first) > limit {
			t.Fatalf("%s: %d bytes became %d, more than %d", form, len(b), len(first), limit)
		}
		again, err := f.decode(first)
		if err != nil {
			if errors.Is(err, ErrTooComplex) {
				continue // names of traits may cost a value more when written out
			}
			t.Fatalf("%s: %x cannot be read: %v", form, first, err)
		}
		second, err := f.encode(nil, again...)
		if err != nil || !bytes.Equal(first, second) {
			t.Fatalf("%s: not stable: %x, then %x, %v", form, first, second, err)
		}
	}
}
