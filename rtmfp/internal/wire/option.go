package wire

// Option is one element of an option list (RFC 7016 §2.1.3): a type code and a
// value. A marker is an option of length zero; it has no type.
type Option struct {
	Type   uint64
	Value  []byte // aliases the input
	Marker bool
}

// AppendOption appends an option with a type and a value.
func AppendOption(b []byte, typ uint64, value []byte) []byte {
	b = AppendVLU(b, uint64(VLULen(typ)+len(value)))
	b = AppendVLU(b, typ)
	return append(b, value...)
}

// AppendMarker appends a marker, which ends a list or a part of one (RFC 7016 §2.1.4).
func AppendMarker(b []byte) []byte { return append(b, 0) }

// NextOption reads the option at the head of b and returns it with the bytes
// that follow it.
func NextOption(b []byte) (opt Option, rest []byte, err error) {
	field, rest, err := Bytes(b)
	if err != nil {
		return Option{}, nil, err
	}
	if len(field) == 0 {
		return Option{Marker: true}, rest, nil
	}
	opt.Type, opt.Value, err = VLU(field)
	if err != nil {
		return Option{}, nil, err
	}
	return opt, rest, nil
}
