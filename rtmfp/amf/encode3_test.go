package amf

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestAMF3WireFormat(t *testing.T) {
	for _, tt := range []struct {
		name  string
		value Value
		wire  string
	}{
		{"undefined", Undefined{}, "00"},
		{"null", nil, "01"},
		{"false", false, "02"},
		{"true", true, "03"},
		{"zero", 0.0, "04 00"},
		{"one byte", 127.0, "04 7f"},
		{"two bytes", 212.0, "04 8154"},
		{"the most of two bytes", 16383.0, "04 ff7f"},
		{"three bytes", 107839.0, "04 86ca3f"},
		{"four bytes", float64(1 << 21), "04 80c08000"},
		{"the largest integer", float64(1<<28 - 1), "04 bfffffff"},
		{"minus one", -1.0, "04 ffffffff"},
		{"minus forty-two", -42.0, "04 ffffffd6"},
		{"the smallest integer", float64(-1 << 28), "04 c0808000"},
		{"beyond the integers", float64(1 << 28), "05 41b0000000000000"},
		{"below the integers", float64(-1<<28 - 1), "05 c1b0000001000000"},
		{"a fraction", 0.1, "05 3fb999999999999a"},
		{"minus zero", math.Copysign(0, -1), "05 8000000000000000"},
		{"an empty string", "", "06 01"},
		{"a string", "hello", "06 0b 68656c6c6f"},
		{"a date", time.Date(2005, 3, 18, 1, 58, 31, 0, time.UTC), "08 01 42702b3621158000"},
		{"a dense array", Array{0.0, 1.0, 2.0, 3.0}, "09 09 01 0400 0401 0402 0403"},
		{"an associative array", ECMAArray{{"k", false}}, "09 01 03 6b 02 01"},
		{"an anonymous object", Object{{"a", "spam"}, {"b", 5.0}}, "0a 0b 01 03 61 06 09 7370616d 03 62 0405 01"},
		{"an object of a class", TypedObject{"C", Object{{"a", 1.0}}}, "0a 13 03 43 03 61 0401"},
		{"a member without a name", Object{{"", 1.0}}, "0a 13 01 01 0401"},
		{"XML", XML("x"), "0b 03 78"},
		{"a byte array", []byte{1, 2, 3}, "0c 07 010203"},
		{"a dictionary", Dictionary{{1.0, "x"}, {nil, true}}, "11 05 00 0401 06 03 78 01 03"},
		{"a string again", Array{"hi", "hi"}, "09 05 01 06 05 6869 06 00"},
		{"a name again", Array{"k", Object{{"k", nil}}}, "09 05 01 06 03 6b 0a 0b 01 00 01 01"},
		{"anonymous objects share their traits", Array{Object{{"a", 1.0}}, Object{{"b", 1.0}}}, "09 05 01 0a 0b 01 03 61 0401 01  0a 01 03 62 0401 01"},
		{
			"objects of a class share their traits",
			Array{TypedObject{"C", Object{{"a", 1.0}}}, TypedObject{"C", Object{{"a", 2.0}}}},
			"09 05 01 0a 13 03 43 03 61 0401  0a 01 0402",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := unhex(t, tt.wire)
			got, err := AppendAMF3(nil, tt.value)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("encoded as %x, %v; want %x", got, err, want)
			}
			values, err := DecodeAMF3(want)
			if err != nil || len(values) != 1 || !reflect.DeepEqual(values[0], tt.value) {
				t.Errorf("decoded as %#v, %v; want %#v", values, err, tt.value)
			}
		})
	}
}

func TestWhatAMF3TakesBesides(t *testing.T) {
	type name string
	for _, tt := range []struct {
		value Value
		wire  string
	}{
		{int8(-1), "04 ffffffff"},
		{uint64(1 << 40), "05 4270000000000000"},
		{float32(0.5), "05 3fe0000000000000"},
		{name("hi"), "06 05 6869"},
		{[]string{"a"}, "09 03 01 06 03 61"},
		{[]any{nil}, "09 03 01 01"},
		{[]int32{-1, 2}, "0d 05 00 ffffffff 00000002"},
		{[]uint32{math.MaxUint32}, "0e 03 00 ffffffff"},
		{[]float64{1.5}, "0f 03 00 3ff8000000000000"},
	} {
		if got, err := AppendAMF3(nil, tt.value); err != nil || !bytes.Equal(got, unhex(t, tt.wire)) {
			t.Errorf("%T is %x, %v; want %s", tt.value, got, err, tt.wire)
		}
	}
}

func TestSwitchedValuesHoldNoReferences(t *testing.T) {
	got, err := AppendSwitched(nil, "hi", Object{{"hi", "hi"}}, Object{})
	want := unhex(t, "11 06 05 6869  11 0a 0b 01 05 6869 06 05 6869 01  11 0a 0b 01 01")
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%x, %v; want %x", got, err, want)
	}
}

func TestAMF3EncodingRefusesWhatItCannotHold(t *testing.T) {
	deep := Value(nil)
	for range maxDepth + 2 {
		deep = Array{deep}
	}
	head := []byte("head")
	for name, tt := range map[string]struct {
		v    Value
		want error
	}{
		"a channel":                     {make(chan int), ErrUnsupported},
		"a channel as a key":            {Dictionary{{make(chan int), nil}}, ErrUnsupported},
		"too deep":                      {deep, ErrTooComplex},
		"a dictionary that is too deep": {Dictionary{{"k", deep}}, ErrTooComplex},
		"too long a string":             {strings.Repeat("x", maxWeight+1), ErrTooComplex},
		"too long a byte array":         {make([]byte, maxWeight+1), ErrTooComplex},
		"an array with a nameless one":  {ECMAArray{{"", nil}}, ErrUnsupported},
	} {
		for form, f := range map[string]func([]byte, ...Value) ([]byte, error){"AMF3": AppendAMF3, "switched": AppendSwitched} {
			if got, err := f(head, tt.v); !errors.Is(err, tt.want) || !bytes.Equal(got, head) {
				t.Errorf("%s, %s: %q, %v; want the input and %v", name, form, got, err, tt.want)
			}
		}
	}
}

// randomValue draws a value that survives every encoding unchanged.
func randomValue(r *rand.Rand, depth int) Value {
	texts := []string{"a", "b", "code", "längeres", strings.Repeat("x", 200)}
	text := func() string { return texts[r.IntN(len(texts))] }
	members := func() Object {
		out := Object{{text(), randomValue(r, depth-1)}}
		for range r.IntN(4) {
			out = append(out, Property{text(), randomValue(r, depth-1)})
		}
		return out
	}
	kinds := 14
	if depth == 0 {
		kinds = 9
	}
	switch r.IntN(kinds) {
	case 0:
		return nil
	case 1:
		return Undefined{}
	case 2:
		return r.IntN(2) == 0
	case 3:
		return float64(r.Int64N(1<<30) - 1<<29)
	case 4:
		return r.NormFloat64()
	case 5:
		return text()
	case 6:
		return XML(text())
	case 7:
		return time.UnixMilli(r.Int64N(4e12) - 2e12).UTC()
	case 8:
		return []byte(text())
	case 9:
		out := Array{}
		for range r.IntN(5) {
			out = append(out, randomValue(r, depth-1))
		}
		return out
	case 10:
		return ECMAArray(members())
	case 11:
		return TypedObject{text(), members()}
	case 12:
		return Dictionary{{randomValue(r, depth-1), randomValue(r, depth-1)}}
	}
	return members()
}

func TestEveryValueSurvivesEveryForm(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		want := []Value{randomValue(r, 4), randomValue(r, 2)}
		for form, f := range map[string]struct {
			encode func([]byte, ...Value) ([]byte, error)
			decode func([]byte) ([]Value, error)
		}{"AMF0": {AppendAMF0, DecodeAMF0}, "AMF3": {AppendAMF3, DecodeAMF3}, "switched": {AppendSwitched, DecodeAMF0}} {
			b, err := f.encode(nil, want...)
			if err != nil {
				t.Fatalf("%s: %v", form, err)
			}
			got, err := f.decode(b)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Fatalf("%s: %#v came back as %#v, %v", form, want, got, err)
			}
			for n := range b { // what is cut short is refused, or ends between two values
				if short, err := f.decode(b[:n]); err == nil && len(short) > 1 {
					t.Fatalf("%s: %d of %d bytes were taken for the whole", form, n, len(b))
				}
				if n > 200 {
					break
				}
			}
		}
	}
}
