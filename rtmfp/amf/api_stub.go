// Package amf encodes and decodes AMF0 (and AMF3 values inside AMF0, marker 0x11).
package amf


// Value is an AMF value: nil, bool, float64, string, Object, Array, ECMAArray, Undefined, time.Time …
type Value = any

// Property is one member of an Object, in its order.
type Property struct {
	Name  string
	Value Value
}

// Object is an anonymous object; the order of members is kept.
type Object []Property

// Get returns the member of that name, or nil.
func (o Object) Get(name string) Value { panic("stub") }

// AppendAMF0 appends the AMF0 form of each value. Numbers of any Go kind become AMF numbers.
func AppendAMF0(b []byte, values ...Value) ([]byte, error) { panic("stub") }

// DecodeAMF0 decodes all values in b. Depth, counts and sizes are bounded.
func DecodeAMF0(b []byte) ([]Value, error) { panic("stub") }
