package wire

import "errors"

// ErrTruncated says that the input ends before the construct does.
var ErrTruncated = errors.New("rtmfp: input ends early")

// ErrOverflow says that a VLU does not fit 64 bits.
var ErrOverflow = errors.New("rtmfp: integer too large")

// maxVLULen is the longest VLU that can hold a 64-bit number: ten groups of seven bits.
const maxVLULen = 10

// AppendVLU appends v as a variable length unsigned integer: big-endian groups
// of seven bits, the high bit set on all but the last (RFC 7016 §2.1.2).
func AppendVLU(b []byte, v uint64) []byte {
	for shift := 7 * (VLULen(v) - 1); shift > 0; shift -= 7 {
		b = append(b, 0x80|byte(v>>shift))
	}
	return append(b, byte(v&0x7f))
}

// VLULen is the number of bytes that AppendVLU appends for v.
func VLULen(v uint64) int {
	n := 1
	for v >>= 7; v > 0; v >>= 7 {
		n++
	}
	return n
}

// VLU reads a variable length unsigned integer from the head of b and returns
// it with the bytes that follow it. A number beyond 64 bits is ErrOverflow.
func VLU(b []byte) (v uint64, rest []byte, err error) {
	for i, c := range b {
		if i == maxVLULen || v>>57 != 0 {
			return 0, nil, ErrOverflow
		}
		v = v<<7 | uint64(c&0x7f)
		if c&0x80 == 0 {
			return v, b[i+1:], nil
		}
	}
	return 0, nil, ErrTruncated
}

// Bytes reads a VLU length and that many bytes from the head of b. The field
// aliases b.
func Bytes(b []byte) (field, rest []byte, err error) {
	n, rest, err := VLU(b)
	if err != nil {
		return nil, nil, err
	}
	if n > uint64(len(rest)) {
		return nil, nil, ErrTruncated
	}
	return rest[:n], rest[n:], nil
}

// AppendBytes appends the VLU length of field and field itself.
func AppendBytes(b, field []byte) []byte {
	return append(AppendVLU(b, uint64(len(field))), field...)
}
