package amf

import (
	"encoding/binary"
	"math"
	"time"
)

// decoder reads one input. Reference tables live as long as it does: a command
// is one input, and AMF3 values in it share their tables.
type decoder struct {
	b      []byte
	values int // decoded so far, references counted in full
	weight int // bytes as AMF0, references counted in full

	complex0 []referable // AMF0 objects and arrays
	complex3 []referable // AMF3 objects, arrays, dates, byte arrays
	strings3 []string
	traits3  []traits
}

// referable is an entry of a table of references: what was decoded and what it cost.
type referable struct {
	value          Value
	values, weight int
	complete       bool
}

// spend accounts for one more value of the given AMF0 size.
func (d *decoder) spend(values, weight int) error {
	d.values += values
	d.weight += weight
	if d.values > maxValues || d.weight > maxWeight {
		return ErrTooComplex
	}
	return nil
}

// begin reserves the next reference for a value that is accounted for and whose parts follow.
func (d *decoder) begin(table *[]referable) int {
	*table = append(*table, referable{values: d.values - 1, weight: d.weight - weightValue})
	return len(*table) - 1
}

// end makes the reserved reference usable.
func (d *decoder) end(table []referable, i int, v Value) Value {
	r := &table[i]
	r.value, r.complete = v, true
	r.values, r.weight = d.values-r.values, d.weight-r.weight
	return v
}

// refer returns what reference i stands for. A reference to a value that is
// still open would make a cycle.
func (d *decoder) refer(table []referable, i uint32) (Value, error) {
	if uint64(i) >= uint64(len(table)) {
		return nil, ErrMalformed
	}
	r := table[i]
	if !r.complete {
		return nil, ErrUnsupported
	}
	if err := d.spend(r.values, r.weight); err != nil {
		return nil, err
	}
	return r.value, nil
}

func (d *decoder) byte() (byte, error) {
	if len(d.b) == 0 {
		return 0, ErrTruncated
	}
	c := d.b[0]
	d.b = d.b[1:]
	return c, nil
}

// take returns the next n bytes, which alias the input.
func (d *decoder) take(n int) ([]byte, error) {
	if n > len(d.b) {
		return nil, ErrTruncated
	}
	p := d.b[:n]
	d.b = d.b[n:]
	return p, nil
}

func (d *decoder) uint16() (uint16, error) {
	p, err := d.take(2)
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint16(p), nil
}

func (d *decoder) uint32() (uint32, error) {
	p, err := d.take(4)
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint32(p), nil
}

func (d *decoder) double() (float64, error) {
	p, err := d.take(8)
	if err != nil {
		return 0, err
	}
	return math.Float64frombits(binary.BigEndian.Uint64(p)), nil
}

// text returns a string of n bytes and accounts for it.
func (d *decoder) text(n uint32) (string, error) {
	if uint64(n) > uint64(len(d.b)) {
		return "", ErrTruncated
	}
	if err := d.spend(0, int(n)); err != nil {
		return "", err
	}
	p, err := d.take(int(n))
	return string(p), err
}

// date reads ms since 1970.
func (d *decoder) date() (time.Time, error) {
	ms, err := d.double()
	if err != nil {
		return time.Time{}, err
	}
	if math.IsNaN(ms) || math.Abs(ms) > maxDate {
		return time.Time{}, nil
	}
	return time.UnixMilli(int64(ms)).UTC(), nil
}
