package amf

// DecodeAMF0 decodes all values in b, which it does not keep. Depth, counts and sizes
// are bounded (ErrTooComplex). Errors are of this package: ErrTruncated,
// ErrMalformed, ErrUnsupported, ErrTooComplex; with an error there are no values.
func DecodeAMF0(b []byte) ([]Value, error) {
	d := decoder{b: b}
	var values []Value
	for len(d.b) > 0 {
		v, err := d.value0(0)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

func (d *decoder) value0(depth int) (Value, error) {
	if depth > maxDepth {
		return nil, ErrTooComplex
	}
	marker, err := d.byte()
	if err != nil {
		return nil, err
	}
	if marker == marker0AMF3 {
		return d.value3(depth)
	}
	if err := d.spend(1, weightValue); err != nil {
		return nil, err
	}
	switch marker {
	case marker0Number:
		return orNil(d.double())
	case marker0Boolean:
		c, err := d.byte()
		if err != nil {
			return nil, err
		}
		return c != 0, nil
	case marker0String:
		return orNil(d.short())
	case marker0LongString:
		return orNil(d.long())
	case marker0XML:
		s, err := d.long()
		if err != nil {
			return nil, err
		}
		return XML(s), nil
	case marker0Null:
		return nil, nil
	case marker0Undefined, marker0Unsupported:
		return Undefined{}, nil
	case marker0Date:
		t, err := d.date()
		if err != nil {
			return nil, err
		}
		if _, err := d.uint16(); err != nil { // time zone: reserved (AMF0 §2.13)
			return nil, err
		}
		return t, nil
	case marker0Reference:
		i, err := d.uint16()
		if err != nil {
			return nil, err
		}
		return d.refer(d.complex0, uint32(i))
	}
	return d.complexValue0(marker, depth)
}

// complexValue0 reads the values that can be referred to (AMF0 §2.2).
func (d *decoder) complexValue0(marker byte, depth int) (Value, error) {
	i := d.begin(&d.complex0)
	var v Value
	switch marker {
	case marker0Object:
		members, err := d.members0(depth)
		if err != nil {
			return nil, err
		}
		v = Object(members)
	case marker0ECMAArray:
		if _, err := d.uint32(); err != nil { // a hint that writers get wrong; the end marker counts
			return nil, err
		}
		members, err := d.members0(depth)
		if err != nil {
			return nil, err
		}
		v = ECMAArray(members)
	case marker0TypedObject:
		class, err := d.short()
		if err != nil {
			return nil, err
		}
		members, err := d.members0(depth)
		if err != nil {
			return nil, err
		}
		v = TypedObject{Class: class, Members: members}
	case marker0StrictArray:
		n, err := d.uint32()
		if err != nil {
			return nil, err
		}
		a, err := d.elements(n, func() (Value, error) { return d.value0(depth + 1) })
		if err != nil {
			return nil, err
		}
		v = a
	default:
		return nil, ErrUnsupported
	}
	return d.end(d.complex0, i, v), nil
}

// members0 reads named values up to the object end marker (AMF0 §2.5).
func (d *decoder) members0(depth int) ([]Property, error) {
	var members []Property
	for {
		name, err := d.short()
		if err != nil {
			return nil, err
		}
		if name == "" && len(d.b) > 0 && d.b[0] == marker0ObjectEnd {
			d.b = d.b[1:]
			return members, nil
		}
		v, err := d.value0(depth + 1)
		if err != nil {
			return nil, err
		}
		members = append(members, Property{name, v})
	}
}

// elements reads n values of at least one byte each.
func (d *decoder) elements(n uint32, next func() (Value, error)) (Array, error) {
	if uint64(n) > uint64(len(d.b)) {
		return nil, ErrTruncated
	}
	if n > maxValues {
		return nil, ErrTooComplex
	}
	a := make(Array, 0, min(n, 64)) // n is a claim: let it grow as the elements come
	for range n {
		v, err := next()
		if err != nil {
			return nil, err
		}
		a = append(a, v)
	}
	return a, nil
}

func (d *decoder) short() (string, error) {
	n, err := d.uint16()
	if err != nil {
		return "", err
	}
	return d.text(uint32(n))
}

func (d *decoder) long() (string, error) {
	n, err := d.uint32()
	if err != nil {
		return "", err
	}
	return d.text(n)
}

// orNil keeps a zero value from standing beside an error.
func orNil[T any](v T, err error) (Value, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}
