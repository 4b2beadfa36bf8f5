package flash

import (
	"fmt"
	"reflect"

	"sundog.dev/sundog/rtmfp/amf"
)

// ObjectEncoding is Flash's NetConnection.objectEncoding: the form of AMF in commands and data, agreed upon by connect and
// its _result. connect itself is always AMF0.
type ObjectEncoding uint8

// The object encodings.
const (
	// AMF0 goes in messages of types 20 (command) and 18 (data).
	AMF0 ObjectEncoding = 0
	// AMF3 goes in messages of types 17 and 15: a zero byte, then AMF0 in which objects switch to AMF3 (RFC 7425 §5.3.3).
	AMF3 ObjectEncoding = 3
)

// RequestedEncoding is the object encoding that a connect command asks for, and that its _result should name: AMF3 if the
// client said 3. 3 is never said to a client that said 0 or nothing: it could not read AMF3.
func (c Command) RequestedEncoding() ObjectEncoding {
	if object, ok := amf.Members(c.Object); ok && object.Number("objectEncoding") == float64(AMF3) {
		return AMF3
	}
	return AMF0
}

// answeredEncoding is what the info object of connect's _result agrees to.
func answeredEncoding(asked ObjectEncoding, info amf.Object) ObjectEncoding {
	if asked == AMF3 && info.Number("objectEncoding") == float64(AMF3) {
		return AMF3
	}
	return AMF0
}

// AppendCommandMessage appends a whole command message, of type 20 or 17 as the encoding wants.
func AppendCommandMessage(b []byte, e ObjectEncoding, c Command) ([]byte, error) {
	if e != AMF3 {
		payload, err := AppendCommand(nil, c)
		if err != nil {
			return b, err
		}
		return AppendMessage(b, MessageCommand, 0, payload), nil
	}
	payload, err := amf.AppendAMF0([]byte{0}, c.Name, c.Transaction)
	if err == nil {
		payload, err = appendMixed(payload, append([]amf.Value{c.Object}, c.Args...))
	}
	if err != nil {
		return b, fmt.Errorf("flash: command %s: %w", c.Name, err)
	}
	return AppendMessage(b, MessageCommandExtended, 0, payload), nil
}

// AppendDataMessage appends a whole data message, of type 18 or 15 as the encoding wants: the handler's name and its
// arguments. The timestamp is in ms on the stream's clock.
func AppendDataMessage(b []byte, e ObjectEncoding, timestamp uint32, handler string, args ...amf.Value) ([]byte, error) {
	if e != AMF3 {
		payload, err := AppendData(nil, handler, args...)
		if err != nil {
			return b, err
		}
		return AppendMessage(b, MessageData, timestamp, payload), nil
	}
	payload, err := amf.AppendAMF0([]byte{0}, handler)
	if err == nil {
		payload, err = appendMixed(payload, args)
	}
	if err != nil {
		return b, fmt.Errorf("flash: data for %s: %w", handler, err)
	}
	return AppendMessage(b, MessageDataExtended, timestamp, payload), nil
}

// appendMixed appends what both forms have in AMF0, which some programs alone can read, and the rest in AMF3.
func appendMixed(b []byte, values []amf.Value) ([]byte, error) {
	var err error
	for _, v := range values {
		if simple(v) {
			b, err = amf.AppendAMF0(b, v)
		} else {
			b, err = amf.AppendSwitched(b, v)
		}
		if err != nil {
			return nil, err
		}
	}
	return b, nil
}

// simple reports whether a value has no parts.
func simple(v amf.Value) bool {
	switch v.(type) {
	case nil, amf.Undefined, bool, string:
		return true
	case amf.XML:
		return false
	}
	r := reflect.ValueOf(v)
	return r.CanInt() || r.CanUint() || r.CanFloat() || r.Kind() == reflect.String
}
