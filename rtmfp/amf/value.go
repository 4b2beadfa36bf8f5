package amf

// Value is an AMF value. Decoding makes
//
//	nil          null
//	Undefined    undefined, unsupported
//	bool         boolean
//	float64      number; also an AMF3 integer
//	string       string, long string
//	time.Time    date, in UTC; the zero time for an invalid one
//	XML          XML document
//	[]byte       AMF3 byte array
//	Array        strict array, AMF3 dense array or vector
//	ECMAArray    associative array
//	Object       anonymous object
//	TypedObject  object of a named class
//	Dictionary   AMF3 dictionary
//
// Encoding takes all of these, every Go number, []string and []any, and []int32, []uint32 and []float64 (in AMF3 vectors).
type Value = any

// Undefined is ActionScript's undefined.
type Undefined struct{}

// XML is the text of an XML document.
type XML string

// Property is one member of an Object or ECMAArray, in its order.
type Property struct {
	Name  string
	Value Value
}

// Object is an anonymous object; the order of members is kept.
type Object []Property

// Get returns the member of that name, or nil. Of several the last counts, as in ActionScript.
func (o Object) Get(name string) Value {
	for i := len(o) - 1; i >= 0; i-- {
		if o[i].Name == name {
			return o[i].Value
		}
	}
	return nil
}

// String returns the member of that name if it is a string, else "".
func (o Object) String(name string) string {
	s, _ := o.Get(name).(string)
	return s
}

// Number returns the member of that name if it is a number, else 0.
func (o Object) Number(name string) float64 {
	n, _ := o.Get(name).(float64)
	return n
}

// ECMAArray is an associative array; the order of members is kept.
type ECMAArray []Property

// TypedObject is an object of a named class.
type TypedObject struct {
	Class   string
	Members Object
}

// Array is a dense array.
type Array []Value

// Dictionary is a table whose keys are values of any type, in its order (AMF3 §3.16).
type Dictionary []Entry

// Entry is one member of a Dictionary.
type Entry struct{ Key, Value Value }

// Members returns the members of an Object, ECMAArray or TypedObject: the three forms
// in which other programs write what is meant as an object.
func Members(v Value) (Object, bool) {
	switch v := v.(type) {
	case Object:
		return v, true
	case ECMAArray:
		return Object(v), true
	case TypedObject:
		return v.Members, true
	}
	return nil, false
}
