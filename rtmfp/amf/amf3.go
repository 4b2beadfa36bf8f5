package amf

import "strconv"

// traits describe the members of a class (AMF3 §3.12).
type traits struct {
	class   string
	names   []string
	dynamic bool
}

// DecodeAMF3 decodes all AMF3 values in b, which it does not keep; they share their tables of references. Bounds and errors
// are those of DecodeAMF0. Objects that only their class knows to read (externalizable) are ErrUnsupported.
func DecodeAMF3(b []byte) ([]Value, error) {
	d := decoder{b: b}
	var values []Value
	for len(d.b) > 0 {
		v, err := d.value3(0)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

func (d *decoder) value3(depth int) (Value, error) {
	if depth > maxDepth {
		return nil, ErrTooComplex
	}
	if err := d.spend(1, weightValue); err != nil {
		return nil, err
	}
	marker, err := d.byte()
	if err != nil {
		return nil, err
	}
	switch marker {
	case marker3Undefined:
		return Undefined{}, nil
	case marker3Null:
		return nil, nil
	case marker3False:
		return false, nil
	case marker3True:
		return true, nil
	case marker3Integer:
		u, err := d.u29()
		if err != nil {
			return nil, err
		}
		return float64(int32(u<<3) >> 3), nil // 29 bits, signed
	case marker3Double:
		return orNil(d.double())
	case marker3String:
		return orNil(d.string3())
	}
	return d.complexValue3(marker, depth)
}

// complexValue3 reads the values that begin with a U29 whose low bit tells a
// reference (0) from an inline value (1).
func (d *decoder) complexValue3(marker byte, depth int) (Value, error) {
	if marker < marker3XMLDocument || marker > marker3Dictionary {
		return nil, ErrUnsupported
	}
	u, err := d.u29()
	if err != nil {
		return nil, err
	}
	if u&1 == 0 {
		return d.refer(d.complex3, u>>1)
	}
	i, n := d.begin(&d.complex3), u>>1
	var v Value
	switch marker {
	case marker3XMLDocument, marker3XML:
		var s string
		s, err = d.text(n)
		v = XML(s)
	case marker3Date:
		v, err = orNil(d.date())
	case marker3ByteArray:
		var s string
		s, err = d.text(n)
		v = []byte(s)
	case marker3Array:
		v, err = d.array3(n, depth)
	case marker3Object:
		v, err = d.object3(n, depth)
	case marker3Dictionary:
		v, err = orNil(d.dictionary3(n, depth))
	default:
		v, err = d.vector3(marker, n, depth)
	}
	if err != nil {
		return nil, err
	}
	return d.end(d.complex3, i, v), nil
}

// array3 reads an array: an associative part up to an empty name, then n dense elements (AMF3 §3.11).
func (d *decoder) array3(n uint32, depth int) (Value, error) {
	members, err := d.dynamic3(nil, depth)
	if err != nil {
		return nil, err
	}
	dense, err := d.elements(n, func() (Value, error) { return d.value3(depth + 1) })
	if err != nil {
		return nil, err
	}
	if len(members) == 0 {
		return dense, nil
	}
	for i, v := range dense {
		members = append(members, Property{strconv.Itoa(i), v})
	}
	return ECMAArray(members), nil
}

// object3 reads an object, given what stands above the inline bit (AMF3 §3.12).
func (d *decoder) object3(head uint32, depth int) (Value, error) {
	t, err := d.traits(head)
	if err != nil {
		return nil, err
	}
	var members []Property
	for _, name := range t.names {
		// The name is not on the wire again, but will be when the object is written out.
		if err := d.spend(0, len(name)); err != nil {
			return nil, err
		}
		v, err := d.value3(depth + 1)
		if err != nil {
			return nil, err
		}
		members = append(members, Property{name, v})
	}
	if t.dynamic {
		if members, err = d.dynamic3(members, depth); err != nil {
			return nil, err
		}
	}
	if t.class == "" {
		return Object(members), nil
	}
	return TypedObject{Class: t.class, Members: members}, nil
}

// traits reads the traits of an object or finds them by reference.
func (d *decoder) traits(head uint32) (traits, error) {
	if head&1 == 0 { // a reference
		i := head >> 1
		if uint64(i) >= uint64(len(d.traits3)) {
			return traits{}, ErrMalformed
		}
		t := d.traits3[i]
		return t, d.spend(0, len(t.class))
	}
	if head&2 != 0 { // externalizable: only its class knows the format
		return traits{}, ErrUnsupported
	}
	class, err := d.string3()
	if err != nil {
		return traits{}, err
	}
	t := traits{class: class, dynamic: head&4 != 0}
	n := head >> 3
	if uint64(n) > uint64(len(d.b)) {
		return traits{}, ErrTruncated
	}
	// Names are accounted for like values, since an object that lists many and
	// holds none of them costs memory all the same.
	if err := d.spend(int(min(n, maxValues+1)), 0); err != nil {
		return traits{}, err
	}
	for range n {
		name, err := d.string3()
		if err != nil {
			return traits{}, err
		}
		t.names = append(t.names, name)
	}
	d.traits3 = append(d.traits3, t)
	return t, nil
}

// dynamic3 appends named values up to an empty name.
func (d *decoder) dynamic3(members []Property, depth int) ([]Property, error) {
	for {
		name, err := d.string3()
		if err != nil {
			return nil, err
		}
		if name == "" {
			return members, nil
		}
		v, err := d.value3(depth + 1)
		if err != nil {
			return nil, err
		}
		members = append(members, Property{name, v})
	}
}

// dictionary3 reads n pairs of key and value (AMF3 §3.16).
func (d *decoder) dictionary3(n uint32, depth int) (Dictionary, error) {
	if _, err := d.byte(); err != nil { // weak keys or not: of no interest
		return nil, err
	}
	if 2*uint64(n) > uint64(len(d.b)) {
		return nil, ErrTruncated
	}
	entries := make(Dictionary, 0, min(n, 64)) // n is a claim: let it grow as the entries come
	for range n {
		key, err := d.value3(depth + 1)
		if err != nil {
			return nil, err
		}
		value, err := d.value3(depth + 1)
		if err != nil {
			return nil, err
		}
		entries = append(entries, Entry{key, value})
	}
	return entries, nil
}

// vector3 reads a typed vector of n elements (AMF3 §3.15).
func (d *decoder) vector3(marker byte, n uint32, depth int) (Value, error) {
	if _, err := d.byte(); err != nil { // fixed length or not: of no interest
		return nil, err
	}
	next := func() (Value, error) { return d.value3(depth + 1) }
	switch marker {
	case marker3VectorInt:
		next = func() (Value, error) {
			u, err := d.uint32()
			if err != nil {
				return nil, err
			}
			return float64(int32(u)), d.spend(1, weightValue)
		}
	case marker3VectorUint:
		next = func() (Value, error) {
			u, err := d.uint32()
			if err != nil {
				return nil, err
			}
			return float64(u), d.spend(1, weightValue)
		}
	case marker3VectorDouble:
		next = func() (Value, error) {
			f, err := d.double()
			if err != nil {
				return nil, err
			}
			return f, d.spend(1, weightValue)
		}
	case marker3VectorObject:
		if _, err := d.string3(); err != nil { // the class of the elements
			return nil, err
		}
	}
	return orNil(d.elements(n, next))
}

// string3 reads a string or finds it by reference. The empty string never
// enters the table (AMF3 §1.3.2).
func (d *decoder) string3() (string, error) {
	u, err := d.u29()
	if err != nil {
		return "", err
	}
	if u&1 == 0 {
		i := u >> 1
		if uint64(i) >= uint64(len(d.strings3)) {
			return "", ErrMalformed
		}
		s := d.strings3[i]
		return s, d.spend(0, len(s))
	}
	s, err := d.text(u >> 1)
	if err != nil || s == "" {
		return s, err
	}
	// A member's name costs no value of its own; without this a table could
	// take many times the memory of the input.
	if len(d.strings3) >= maxValues {
		return "", ErrTooComplex
	}
	d.strings3 = append(d.strings3, s)
	return s, nil
}

// u29 reads a variable length 29-bit integer (AMF3 §1.3.1).
func (d *decoder) u29() (uint32, error) {
	var v uint32
	for i := range 4 {
		c, err := d.byte()
		if err != nil {
			return 0, err
		}
		if i == 3 {
			return v<<8 | uint32(c), nil
		}
		v = v<<7 | uint32(c&0x7f)
		if c&0x80 == 0 {
			break
		}
	}
	return v, nil
}
