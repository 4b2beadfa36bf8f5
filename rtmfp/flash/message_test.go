package flash

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"sundog.dev/sundog/rtmfp/amf"
)

func TestMessageWireFormat(t *testing.T) {
	wire := AppendMessage(nil, MessageVideo, 0x01020304, []byte{9, 8})
	if want := []byte{9, 1, 2, 3, 4, 9, 8}; !bytes.Equal(wire, want) {
		t.Fatalf("%x, want %x", wire, want)
	}
	m, err := ParseMessage(wire)
	if err != nil || m.Type != MessageVideo || m.Timestamp != 0x01020304 || !bytes.Equal(m.Payload, []byte{9, 8}) {
		t.Errorf("parsed as %+v, %v", m, err)
	}
	if _, err := ParseMessage(wire[:4]); !errors.Is(err, ErrMalformedMessage) {
		t.Errorf("four bytes: %v", err)
	}
	if m, err := ParseMessage(wire[:5]); err != nil || len(m.Payload) != 0 {
		t.Errorf("a message without payload: %+v, %v", m, err)
	}
}

func TestDataOfBothTypes(t *testing.T) {
	payload, err := AppendData(nil, "onIm", "Ann", "hello")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []Message{
		{Type: MessageData, Payload: payload},
		{Type: MessageDataExtended, Payload: append([]byte{0}, payload...)},
	} {
		handler, args, err := m.Data()
		if err != nil || handler != "onIm" || !reflect.DeepEqual(args, []amf.Value{"Ann", "hello"}) {
			t.Errorf("type %d: %q %v %v", m.Type, handler, args, err)
		}
	}
}

func TestDataRefusesWhatIsNone(t *testing.T) {
	for name, tt := range map[string]struct {
		m    Message
		want error
	}{
		"audio":               {Message{Type: MessageAudio, Payload: []byte{2, 0, 0}}, ErrMessageType},
		"nothing":             {Message{Type: MessageData}, ErrMalformedMessage},
		"a number for a name": {Message{Type: MessageData, Payload: []byte{0, 0, 0, 0, 0, 0, 0, 0, 0}}, ErrMalformedMessage},
		"an unknown format":   {Message{Type: MessageDataExtended, Payload: []byte{1, 2, 0, 0}}, ErrMalformedMessage},
		"no format":           {Message{Type: MessageDataExtended}, ErrMalformedMessage},
		"broken AMF":          {Message{Type: MessageData, Payload: []byte{2, 0}}, amf.ErrTruncated},
	} {
		if _, _, err := tt.m.Data(); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	if b, err := AppendData([]byte("x"), "h", make(chan int)); !errors.Is(err, amf.ErrUnsupported) || string(b) != "x" {
		t.Errorf("a channel as an argument: %q, %v", b, err)
	}
}
