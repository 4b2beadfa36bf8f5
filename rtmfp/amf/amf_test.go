package amf

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAMF0WireFormat(t *testing.T) {
	tests := []struct {
		name  string
		value Value
		wire  string
	}{
		{"a number", 1.0, "00 3ff0000000000000"},
		{"true", true, "01 01"},
		{"false", false, "01 00"},
		{"a string", "hi", "02 0002 6869"},
		{"an empty string", "", "02 0000"},
		{"null", nil, "05"},
		{"undefined", Undefined{}, "06"},
		{"an object keeps the order of its members", Object{{"b", 1.0}, {"a", "x"}}, "03 0001 62 00 3ff0000000000000 0001 61 02 0001 78 0000 09"},
		{"an associative array", ECMAArray{{"k", nil}}, "08 00000001 0001 6b 05 0000 09"},
		{"a strict array", Array{nil, true}, "0a 00000002 05 0101"},
		{"a date", time.UnixMilli(1000).UTC(), "0b 408f400000000000 0000"},
		{"XML", XML("<a/>"), "0f 00000004 3c612f3e"},
		{"a typed object", TypedObject{"C", Object{{"k", nil}}}, "10 0001 43 0001 6b 05 0000 09"},
		{"bytes, behind the AMF3 marker", []byte{1, 2, 3}, "11 0c 07 010203"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := unhex(t, tt.wire)
			got, err := AppendAMF0(nil, tt.value)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("encoded as %x, %v; want %x", got, err, want)
			}
			values, err := DecodeAMF0(want)
			if err != nil || len(values) != 1 || !reflect.DeepEqual(values[0], tt.value) {
				t.Errorf("decoded as %#v, %v; want %#v", values, err, tt.value)
			}
		})
	}
}

func TestEveryGoNumberBecomesANumber(t *testing.T) {
	type myInt int8
	for _, v := range []Value{int(7), int8(7), int16(7), int32(7), int64(7), uint(7), uint8(7), uint16(7), uint32(7), uint64(7), float32(7), myInt(7)} {
		b, err := AppendAMF0(nil, v)
		if err != nil {
			t.Fatalf("%T: %v", v, err)
		}
		if got, err := DecodeAMF0(b); err != nil || got[0] != 7.0 {
			t.Errorf("%T came back as %v, %v", v, got, err)
		}
	}
}

func TestLongStringsTakeTheLongForm(t *testing.T) {
	long := strings.Repeat("x", maxShort+1)
	b, err := AppendAMF0(nil, long)
	if err != nil || b[0] != marker0LongString {
		t.Fatalf("marker %#x, %v", b[0], err)
	}
	if got, err := DecodeAMF0(b); err != nil || got[0] != long {
		t.Errorf("a long string did not survive: %v", err)
	}
}

func TestEncodingRefusesWhatAMFCannotHold(t *testing.T) {
	deep := Value(nil)
	for range maxDepth + 2 {
		deep = Array{deep}
	}
	head := []byte("head")
	for name, tt := range map[string]struct {
		v    Value
		want error
	}{
		"a channel":            {make(chan int), ErrUnsupported},
		"a struct":             {struct{}{}, ErrUnsupported},
		"too deep":             {deep, ErrTooComplex},
		"too long a name":      {Object{{strings.Repeat("n", maxShort+1), nil}}, ErrTooComplex},
		"an array of channels": {Array{make(chan int)}, ErrUnsupported},
	} {
		got, err := AppendAMF0(head, tt.v)
		if !errors.Is(err, tt.want) || !bytes.Equal(got, head) {
			t.Errorf("%s: %q, %v; want the input and %v", name, got, err, tt.want)
		}
	}
}

func TestAMF0References(t *testing.T) {
	// [ {a: 1}, reference to object 1 ]: the outer array is complex value 0.
	values, err := DecodeAMF0(unhex(t, "0a 00000002  03 0001 61 00 3ff0000000000000 000009  07 0001"))
	if err != nil {
		t.Fatal(err)
	}
	a := values[0].(Array)
	if !reflect.DeepEqual(a[0], a[1]) || a[1].(Object).Number("a") != 1 {
		t.Errorf("the reference stands for %v", a[1])
	}
}

func TestAMF3Values(t *testing.T) {
	tests := []struct {
		name string
		wire string // behind marker 0x11
		want Value
	}{
		{"undefined", "00", Undefined{}},
		{"null", "01", nil},
		{"false", "02", false},
		{"true", "03", true},
		{"a small integer", "04 7f", 127.0},
		{"a two-byte integer", "04 8100", 128.0},
		{"the largest integer", "04 bfffffff", float64(1<<28 - 1)},
		{"minus one", "04 ffffffff", -1.0},
		{"the smallest integer", "04 c0808000", float64(-1 << 28)},
		{"a double", "05 3ff8000000000000", 1.5},
		{"a string", "06 05 6869", "hi"},
		{"an XML document", "07 03 78", XML("x")},
		{"a date", "08 01 408f400000000000", time.UnixMilli(1000).UTC()},
		{"an invalid date", "08 01 7ff8000000000000", time.Time{}},
		{"a dense array", "09 05 01 0401 03", Array{1.0, true}},
		{"an associative array", "09 03 03 6b 02 01 03", ECMAArray{{"k", false}, {"0", true}}},
		{"XML", "0b 03 78", XML("x")},
		{"a byte array", "0c 07 010203", []byte{1, 2, 3}},
		{"a dynamic object", "0a 0b 01 03 61 0401 01", Object{{"a", 1.0}}},
		{"an object of a class", "0a 13 03 43 03 61 0401", TypedObject{"C", Object{{"a", 1.0}}}},
		{"a vector of int", "0d 05 00 ffffffff 00000002", Array{-1.0, 2.0}},
		{"a vector of uint", "0e 03 00 ffffffff", Array{float64(math.MaxUint32)}},
		{"a vector of double", "0f 03 00 3ff8000000000000", Array{1.5}},
		{"a vector of objects", "10 03 00 01 03", Array{true}},
		{"a string reference", "09 05 01 06 05 6869 06 00", Array{"hi", "hi"}},
		{"an object reference", "09 05 01 0a 0b 01 01 0a 02", Array{Object(nil), Object(nil)}},
		{"a traits reference", "09 05 01 0a 13 03 43 03 61 0401  0a 01 0402", Array{TypedObject{"C", Object{{"a", 1.0}}}, TypedObject{"C", Object{{"a", 2.0}}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			values, err := DecodeAMF0(append([]byte{marker0AMF3}, unhex(t, tt.wire)...))
			if err != nil || len(values) != 1 || !reflect.DeepEqual(values[0], tt.want) {
				t.Errorf("decoded as %#v, %v; want %#v", values, err, tt.want)
			}
		})
	}
}

func TestAMF3TablesLastForTheWholeInput(t *testing.T) {
	values, err := DecodeAMF0(unhex(t, "11 06 05 6869  02 0001 78  11 06 00"))
	if err != nil || !reflect.DeepEqual(values, []Value{"hi", "x", "hi"}) {
		t.Errorf("got %v, %v", values, err)
	}
}

func TestHostileInputIsRefused(t *testing.T) {
	nest0 := strings.Repeat("0a00000001", maxDepth+2) + "05"
	nest3 := "11" + strings.Repeat("090301", maxDepth+2) + "01"
	// Each array holds the one before it twice: 2^40 values by reference.
	var bomb0 strings.Builder
	bomb0.WriteString("0a00000001 05")
	for i := range 30 {
		bomb0.WriteString("0a00000002 07" + hex.EncodeToString([]byte{0, byte(i)}) + "07" + hex.EncodeToString([]byte{0, byte(i)}))
	}
	// A string of 16,000 bytes, referred to a thousand times.
	bomb3 := "09 a55b 01 06 81fa01" + strings.Repeat("61", 16000) + strings.Repeat("0600", 4000)
	for name, tt := range map[string]struct {
		wire string
		want error
	}{
		"a number cut short":               {"00 3ff0", ErrTruncated},
		"a string cut short":               {"02 0005 61", ErrTruncated},
		"an object without an end":         {"03 0001 61 05", ErrTruncated},
		"an array larger than the input":   {"0a ffffffff", ErrTruncated},
		"a long string larger than input":  {"0c ffffffff", ErrTruncated},
		"a date without a zone":            {"0b 408f400000000000", ErrTruncated},
		"a movie clip":                     {"04", ErrUnsupported},
		"a record set":                     {"0e", ErrUnsupported},
		"an unknown marker":                {"7f", ErrUnsupported},
		"a bare object end":                {"09", ErrUnsupported},
		"a reference to nothing":           {"07 0000", ErrMalformed},
		"a cycle":                          {"0a 00000001 07 0000", ErrUnsupported},
		"an AMF3 cycle":                    {"11 09 03 01 09 00", ErrUnsupported},
		"an AMF3 reference to nothing":     {"11 0a 0a", ErrMalformed},
		"a string reference to nothing":    {"11 06 00", ErrMalformed},
		"a traits reference to nothing":    {"11 0a 05", ErrMalformed},
		"an externalizable object":         {"11 0a 07 03 43", ErrUnsupported},
		"a dictionary larger than input":   {"11 11 ffffffff 00", ErrTruncated},
		"a dictionary of itself":           {"11 11 03 00 01 11 00", ErrUnsupported},
		"an unknown AMF3 marker":           {"11 12 01 00", ErrUnsupported},
		"more traits than input":           {"11 0a fffffffb 01", ErrTruncated},
		"an AMF3 integer cut short":        {"11 04 80", ErrTruncated},
		"an AMF3 string cut short":         {"11 06 05 68", ErrTruncated},
		"AMF0 nested too deep":             {nest0, ErrTooComplex},
		"AMF3 nested too deep":             {nest3, ErrTooComplex},
		"references that double each time": {bomb0.String(), ErrTooComplex},
		"a string repeated by reference":   {"11" + bomb3, ErrTooComplex},
		"too many values":                  {strings.Repeat("05", maxValues+1), ErrTooComplex},
	} {
		if values, err := DecodeAMF0(unhex(t, tt.wire)); !errors.Is(err, tt.want) || values != nil {
			t.Errorf("%s: %v, %v; want %v", name, values, err, tt.want)
		}
	}
}

func TestMembersOfTheThreeFormsOfObjects(t *testing.T) {
	o := Object{{"level", "status"}, {"n", 3.0}, {"level", "error"}}
	for _, v := range []Value{o, ECMAArray(o), TypedObject{"C", o}} {
		m, ok := Members(v)
		if !ok || m.String("level") != "error" || m.Number("n") != 3 || m.Get("none") != nil || m.String("n") != "" || m.Number("level") != 0 {
			t.Errorf("%T: members %v, %v", v, m, ok)
		}
	}
	if _, ok := Members("text"); ok {
		t.Error("a string has members")
	}
}
