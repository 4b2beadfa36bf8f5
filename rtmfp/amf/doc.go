// Package amf encodes and decodes AMF0 and AMF3, the value formats of RTMP commands: AMF0, AMF0 with
// AMF3 values inside (marker 0x11), and AMF3 alone.
//
// It knows nothing of messages or connections: bytes on one side, Go values on the other.
//
//	b, err := amf.AppendAMF0(nil, "connect", 1, amf.Object{{Name: "app", Value: "phone"}})
//	…
//	values, err := amf.DecodeAMF0(b)
//	name, ok := values[0].(string)
//
// DecodeAMF0 reads the mixed form too; AppendSwitched writes it, AppendAMF3 and DecodeAMF3 have AMF3 alone.
//
// What it decodes comes from strangers: depth, number of values and the size
// that they would take when written out again are bounded (see params.go), and a
// reference to something that is not complete yet is refused, so that every
// decoded value is a finite tree.
//
// Sources: "Action Message Format -- AMF 0" (2007) and "-- AMF 3" (2013), Adobe.
package amf
