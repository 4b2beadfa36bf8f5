package amf

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"time"
)

// Bounds of AMF3's integers: 29 bits with a sign (AMF3 §3.6). Numbers beyond are doubles.
const (
	maxInt29 = 1<<28 - 1
	minInt29 = -1 << 28
)

// Lengths and counts share a U29 with one bit that tells them from references (AMF3 §1.3.1).
const maxLength3 = 1<<28 - 1

// AppendAMF3 appends the AMF3 form of each value. All of one call share their tables of strings and traits, as DecodeAMF3
// expects. A whole number that fits 29 bits becomes an integer, every other number a double; []int32, []uint32 and
// []float64 become vectors. Of arrays and objects no references are written: Go's slices have no identity to tell by.
// On an error (ErrUnsupported, ErrTooComplex) the result is b as it was.
func AppendAMF3(b []byte, values ...Value) ([]byte, error) {
	e := encoder3{b: b, strings: make(map[string]uint32), traits: make(map[string]uint32)}
	for _, v := range values {
		if err := e.value(v, 0); err != nil {
			return b, err
		}
	}
	return e.b, nil
}

// AppendSwitched appends each value in AMF3 behind the marker by which AMF0 switches to it (avmplus-object, 0x11): the
// values of a command of type 17, or of data of type 15 (RFC 7425 §5.3.3). No references are written, since far
// ends do not agree whether the tables last for one value or for the whole message. Errors are AppendAMF3's.
func AppendSwitched(b []byte, values ...Value) ([]byte, error) {
	out := b
	var err error
	for _, v := range values {
		if out, err = appendSwitched(out, v, 0); err != nil {
			return b, err
		}
	}
	return out, nil
}

func appendSwitched(b []byte, v Value, depth int) ([]byte, error) {
	e := encoder3{b: append(b, marker0AMF3)}
	if err := e.value(v, depth); err != nil {
		return b, err
	}
	return e.b, nil
}

// encoder3 writes AMF3. Its tables tell where a text or a list of traits stands in the reader's; nil: no references.
type encoder3 struct {
	b       []byte
	strings map[string]uint32
	traits  map[string]uint32 // by class, flags and names
}

func (e *encoder3) value(v Value, depth int) error {
	if depth > maxDepth {
		return ErrTooComplex
	}
	switch v := v.(type) {
	case nil:
		e.b = append(e.b, marker3Null)
	case Undefined:
		e.b = append(e.b, marker3Undefined)
	case bool:
		marker := byte(marker3False)
		if v {
			marker = marker3True
		}
		e.b = append(e.b, marker)
	case float64:
		e.number(v)
	case string:
		e.b = append(e.b, marker3String)
		return e.text(v)
	case XML:
		return e.bytes(marker3XML, string(v))
	case time.Time:
		e.b = append(e.b, marker3Date, 1) // inline
		e.double(float64(v.UnixMilli()))
	case []byte:
		return e.bytes(marker3ByteArray, string(v))
	default:
		return e.complex(v, depth)
	}
	return nil
}

// complex writes the values that have parts.
func (e *encoder3) complex(v Value, depth int) error {
	switch v := v.(type) {
	case Array:
		return e.array(v, depth)
	case []any:
		return e.array(v, depth)
	case []string:
		return e.array(toValues(v), depth)
	case ECMAArray:
		e.b = append(e.b, marker3Array, 1) // no dense part
		return e.dynamic(v, depth)
	case Object:
		return e.object("", v, depth)
	case TypedObject:
		return e.object(v.Class, v.Members, depth)
	case Dictionary:
		return e.dictionary(v, depth)
	case []int32:
		return vector(e, marker3VectorInt, v, func(i int32) { e.b = binary.BigEndian.AppendUint32(e.b, uint32(i)) })
	case []uint32:
		return vector(e, marker3VectorUint, v, func(u uint32) { e.b = binary.BigEndian.AppendUint32(e.b, u) })
	case []float64:
		return vector(e, marker3VectorDouble, v, e.double)
	}
	return e.otherKind(v)
}

// otherKind writes Go's other kinds of numbers, and named types of numbers and strings.
func (e *encoder3) otherKind(v Value) error {
	r := reflect.ValueOf(v)
	switch {
	case r.CanInt():
		e.number(float64(r.Int()))
	case r.CanUint():
		e.number(float64(r.Uint()))
	case r.CanFloat():
		e.number(r.Float())
	case r.Kind() == reflect.String:
		e.b = append(e.b, marker3String)
		return e.text(r.String())
	default:
		return fmt.Errorf("%w: %T", ErrUnsupported, v)
	}
	return nil
}

func (e *encoder3) number(v float64) {
	if v == math.Trunc(v) && v >= minInt29 && v <= maxInt29 && (v != 0 || !math.Signbit(v)) {
		e.b = appendU29(append(e.b, marker3Integer), uint32(int32(v))&(1<<29-1))
		return
	}
	e.b = append(e.b, marker3Double)
	e.double(v)
}

func (e *encoder3) double(v float64) {
	e.b = binary.BigEndian.AppendUint64(e.b, math.Float64bits(v))
}

// head writes an inline length or count.
func (e *encoder3) head(n int) error {
	if n > maxLength3 || n > maxWeight {
		return ErrTooComplex
	}
	e.b = appendU29(e.b, uint32(n)<<1|1)
	return nil
}

// text writes a string, by reference if the reader has it already. The empty string is never in the table (AMF3 §1.3.2).
func (e *encoder3) text(s string) error {
	if i, ok := e.strings[s]; ok {
		e.b = appendU29(e.b, i<<1)
		return nil
	}
	if err := e.head(len(s)); err != nil {
		return err
	}
	if s != "" && e.strings != nil && len(e.strings) < maxValues {
		e.strings[s] = uint32(len(e.strings))
	}
	e.b = append(e.b, s...)
	return nil
}

// bytes writes what has a length and no table of its own.
func (e *encoder3) bytes(marker byte, s string) error {
	e.b = append(e.b, marker)
	if err := e.head(len(s)); err != nil {
		return err
	}
	e.b = append(e.b, s...)
	return nil
}

func (e *encoder3) array(values []Value, depth int) error {
	e.b = append(e.b, marker3Array)
	if err := e.head(len(values)); err != nil {
		return err
	}
	e.b = append(e.b, emptyText3) // no associative part
	for _, v := range values {
		if err := e.value(v, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// emptyText3 is the empty string, which ends associative parts.
const emptyText3 = 1

// dynamic writes named values up to the empty name, which no member can have here.
func (e *encoder3) dynamic(members []Property, depth int) error {
	for _, p := range members {
		if p.Name == "" {
			return fmt.Errorf("%w: a member without a name", ErrUnsupported)
		}
		if err := e.text(p.Name); err != nil {
			return err
		}
		if err := e.value(p.Value, depth+1); err != nil {
			return err
		}
	}
	e.b = append(e.b, emptyText3)
	return nil
}

// Bits of an object's head, above which stands a reference or the number of sealed members (AMF3 §3.12).
const (
	traitsInline  = 0x03 // not a reference to an object, nor to traits
	traitsDynamic = 0x08
	traitsRef     = 0x01
	countShift    = 4
	traitsShift   = 2
)

// object writes an anonymous object with dynamic members, as Flash does, and one of a class with sealed ones. Sealed
// members may also have an empty name.
func (e *encoder3) object(class string, members []Property, depth int) error {
	sealed := class != ""
	for _, p := range members {
		sealed = sealed || p.Name == ""
	}
	e.b = append(e.b, marker3Object)
	if !sealed {
		if !e.knownTraits("d") {
			e.b = append(e.b, traitsInline|traitsDynamic, emptyText3)
		}
		return e.dynamic(members, depth)
	}
	if err := e.sealedTraits(class, members); err != nil {
		return err
	}
	for _, p := range members {
		if err := e.value(p.Value, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// sealedTraits writes the class and the names of its members.
func (e *encoder3) sealedTraits(class string, members []Property) error {
	key := []byte("s")
	for _, s := range append([]Property{{Name: class}}, members...) {
		key = append(binary.AppendUvarint(key, uint64(len(s.Name))), s.Name...)
	}
	if e.knownTraits(string(key)) {
		return nil
	}
	if len(members) > maxValues {
		return ErrTooComplex
	}
	e.b = appendU29(e.b, uint32(len(members))<<countShift|traitsInline)
	if err := e.text(class); err != nil {
		return err
	}
	for _, p := range members {
		if err := e.text(p.Name); err != nil {
			return err
		}
	}
	return nil
}

// knownTraits writes a reference, if the reader has the traits; if not, they are about to be written, and it will.
func (e *encoder3) knownTraits(key string) bool {
	i, ok := e.traits[key]
	switch {
	case ok:
		e.b = appendU29(e.b, i<<traitsShift|traitsRef)
	case e.traits != nil && len(e.traits) < maxValues:
		e.traits[key] = uint32(len(e.traits))
	}
	return ok
}

func (e *encoder3) dictionary(entries Dictionary, depth int) error {
	e.b = append(e.b, marker3Dictionary)
	if err := e.head(len(entries)); err != nil {
		return err
	}
	e.b = append(e.b, 0) // keys are held, not weak
	for _, p := range entries {
		if err := e.value(p.Key, depth+1); err != nil {
			return err
		}
		if err := e.value(p.Value, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// vector writes a vector of numbers (AMF3 §3.15).
func vector[T any](e *encoder3, marker byte, elements []T, write func(T)) error {
	e.b = append(e.b, marker)
	if err := e.head(len(elements)); err != nil {
		return err
	}
	e.b = append(e.b, 0) // its length may change
	for _, v := range elements {
		write(v)
	}
	return nil
}

func toValues[T any](elements []T) []Value {
	out := make([]Value, len(elements))
	for i, v := range elements {
		out[i] = v
	}
	return out
}
