package amf

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"time"
)

// AppendAMF0 appends the AMF0 form of each value. Numbers of any Go kind become
// AMF numbers; a []byte or a Dictionary, which AMF0 cannot express, goes in AMF3 behind marker
// 0x11. On an error (ErrUnsupported, ErrTooComplex) the result is b as it was.
func AppendAMF0(b []byte, values ...Value) ([]byte, error) {
	out := b
	var err error
	for _, v := range values {
		if out, err = append0(out, v, 0); err != nil {
			return b, err
		}
	}
	return out, nil
}

func append0(b []byte, v Value, depth int) ([]byte, error) {
	if depth > maxDepth {
		return b, ErrTooComplex
	}
	switch v := v.(type) {
	case nil:
		return append(b, marker0Null), nil
	case Undefined:
		return append(b, marker0Undefined), nil
	case bool:
		if v {
			return append(b, marker0Boolean, 1), nil
		}
		return append(b, marker0Boolean, 0), nil
	case float64:
		return appendNumber(b, v), nil
	case string:
		return appendString(b, marker0String, v)
	case XML:
		return appendLong(b, marker0XML, string(v))
	case time.Time:
		b = append(b, marker0Date)
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(float64(v.UnixMilli())))
		return append(b, 0, 0), nil // time zone: reserved, 0 (AMF0 §2.13)
	case []byte, Dictionary:
		return appendSwitched(b, v, depth)
	case Array:
		return appendArray(b, v, depth)
	case []any:
		return appendArray(b, v, depth)
	case []string:
		return appendArray(b, toValues(v), depth)
	case []int32:
		return appendArray(b, toValues(v), depth)
	case []uint32:
		return appendArray(b, toValues(v), depth)
	case []float64:
		return appendArray(b, toValues(v), depth)
	case Object:
		return appendMembers(append(b, marker0Object), v, depth)
	case ECMAArray:
		b = append(b, marker0ECMAArray)
		b = binary.BigEndian.AppendUint32(b, uint32(len(v)))
		return appendMembers(b, v, depth)
	case TypedObject:
		b, err := appendShort(append(b, marker0TypedObject), v.Class)
		if err != nil {
			return b, err
		}
		return appendMembers(b, v.Members, depth)
	}
	return appendOtherKind(b, v)
}

// appendOtherKind writes Go's other kinds of numbers, and named types of numbers and strings.
func appendOtherKind(b []byte, v Value) ([]byte, error) {
	r := reflect.ValueOf(v)
	switch {
	case r.CanInt():
		return appendNumber(b, float64(r.Int())), nil
	case r.CanUint():
		return appendNumber(b, float64(r.Uint())), nil
	case r.CanFloat():
		return appendNumber(b, r.Float()), nil
	case r.Kind() == reflect.String:
		return appendString(b, marker0String, r.String())
	}
	return b, fmt.Errorf("%w: %T", ErrUnsupported, v)
}

func appendNumber(b []byte, v float64) []byte {
	return binary.BigEndian.AppendUint64(append(b, marker0Number), math.Float64bits(v))
}

func appendArray(b []byte, values []Value, depth int) ([]byte, error) {
	b = append(b, marker0StrictArray)
	b = binary.BigEndian.AppendUint32(b, uint32(len(values)))
	var err error
	for _, v := range values {
		if b, err = append0(b, v, depth+1); err != nil {
			return b, err
		}
	}
	return b, nil
}

func appendMembers(b []byte, members []Property, depth int) ([]byte, error) {
	var err error
	for _, p := range members {
		if b, err = appendShort(b, p.Name); err != nil {
			return b, err
		}
		if b, err = append0(b, p.Value, depth+1); err != nil {
			return b, err
		}
	}
	return append(b, 0, 0, marker0ObjectEnd), nil
}

func appendString(b []byte, marker byte, s string) ([]byte, error) {
	if len(s) > maxShort {
		return appendLong(b, marker0LongString, s)
	}
	return appendShort(append(b, marker), s)
}

func appendShort(b []byte, s string) ([]byte, error) {
	if len(s) > maxShort {
		return b, ErrTooComplex
	}
	b = binary.BigEndian.AppendUint16(b, uint16(len(s)))
	return append(b, s...), nil
}

func appendLong(b []byte, marker byte, s string) ([]byte, error) {
	if len(s) > maxWeight {
		return b, ErrTooComplex
	}
	b = binary.BigEndian.AppendUint32(append(b, marker), uint32(len(s)))
	return append(b, s...), nil
}

// appendU29 appends a variable length 29-bit integer (AMF3 §1.3.1).
func appendU29(b []byte, v uint32) []byte {
	switch {
	case v < 1<<7:
		return append(b, byte(v))
	case v < 1<<14:
		return append(b, byte(v>>7)|0x80, byte(v&0x7f))
	case v < 1<<21:
		return append(b, byte(v>>14)|0x80, byte(v>>7)|0x80, byte(v&0x7f))
	}
	return append(b, byte(v>>22)|0x80, byte(v>>15)|0x80, byte(v>>8)|0x80, byte(v))
}
