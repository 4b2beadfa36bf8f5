package flash

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"sundog.dev/sundog/rtmfp/amf"
)

func encodeCommand(t testing.TB, c Command) []byte {
	t.Helper()
	b, err := AppendCommand(nil, c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCommandRoundTrip(t *testing.T) {
	want := Command{
		Name: "connect", Transaction: 1,
		Object: amf.Object{{Name: "app", Value: "phone"}, {Name: "objectEncoding", Value: 3.0}},
		Args:   []amf.Value{"key", true, nil},
	}
	payload := encodeCommand(t, want)
	for typ, b := range map[MessageType][]byte{
		MessageCommand:         payload,
		MessageCommandExtended: append([]byte{0}, payload...),
	} {
		got, err := ParseCommand(typ, b)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("type %d: %+v, %v", typ, got, err)
		}
	}
}

func TestRelayWireFormat(t *testing.T) {
	got := encodeCommand(t, Command{Name: "relay", Args: []amf.Value{"ab", "bye", "Ann"}})
	want := []byte("\x02\x00\x05relay\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05\x02\x00\x02ab\x02\x00\x03bye\x02\x00\x03Ann")
	if !bytes.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestParseCommandRefusesWhatIsNone(t *testing.T) {
	number := "\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	for name, tt := range map[string]struct {
		typ     MessageType
		payload string
		want    error
	}{
		"another type":            {MessageAudio, "\x02\x00\x01x" + number, ErrMessageType},
		"nothing":                 {MessageCommand, "", ErrMalformedMessage},
		"no transaction":          {MessageCommand, "\x02\x00\x01x", ErrMalformedMessage},
		"a number for a name":     {MessageCommand, number + number, ErrMalformedMessage},
		"a name for a number":     {MessageCommand, "\x02\x00\x01x\x02\x00\x01x", ErrMalformedMessage},
		"an unknown format":       {MessageCommandExtended, "\x03\x02\x00\x01x" + number, ErrMalformedMessage},
		"broken AMF":              {MessageCommand, "\x02\x00\x09x", amf.ErrTruncated},
		"an extended one without": {MessageCommandExtended, "", ErrMalformedMessage},
	} {
		if _, err := ParseCommand(tt.typ, []byte(tt.payload)); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	if _, err := AppendCommand(nil, Command{Name: "x", Args: []amf.Value{struct{}{}}}); !errors.Is(err, amf.ErrUnsupported) {
		t.Errorf("a struct as an argument: %v", err)
	}
}

func TestPeerInfoWithAndWithoutTheNull(t *testing.T) {
	want := []string{"192.0.2.1:50001", "[2001:db8::2]:50002"}
	with := encodeCommand(t, SetPeerInfo(want))
	without, err := amf.AppendAMF0(nil, "setPeerInfo", 0, want[0], want[1])
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"with": with, "without": without} {
		c, err := ParseCommand(MessageCommand, b)
		if err != nil || !reflect.DeepEqual(c.PeerInfo(), want) {
			t.Errorf("%s: %v, %v", name, c.PeerInfo(), err)
		}
	}
	c, err := ParseCommand(MessageCommand, encodeCommand(t, SetPeerInfo(nil)))
	if err != nil || len(c.PeerInfo()) != 0 {
		t.Errorf("an empty list: %v, %v", c.PeerInfo(), err)
	}
}

func TestStatusSurvivesItsInfoObject(t *testing.T) {
	want := Status{Code: CodePlayStart, Level: LevelStatus, Description: "started"}
	c, err := ParseCommand(MessageStatus, encodeCommand(t, StatusCommand(want)))
	if err != nil || c.Name != "onStatus" {
		t.Fatalf("%+v, %v", c, err)
	}
	if got, ok := c.Status(); !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v; want %+v", got, ok, want)
	}
	if got, ok := (Command{Args: []amf.Value{nil, amf.ECMAArray{{Name: "code", Value: "A"}}}}).Status(); !ok || got.Code != "A" {
		t.Errorf("an associative array as info: %+v, %v", got, ok)
	}
	if _, ok := (Command{Args: []amf.Value{"text", amf.Object{}}}).Status(); ok {
		t.Error("a status where none is")
	}
	info := want.Info(amf.Property{Name: "objectEncoding", Value: 3})
	if info.Get("objectEncoding") != 3 || info.String("code") != want.Code {
		t.Errorf("info %v", info)
	}
}

func FuzzParseCommand(f *testing.F) {
	f.Add(byte(MessageCommand), encodeCommand(f, Command{Name: "connect", Transaction: 1, Object: amf.Object{{Name: "app", Value: "x"}}}))
	f.Add(byte(MessageCommandExtended), append([]byte{0}, encodeCommand(f, SetPeerInfo([]string{"192.0.2.1:1"}))...))
	f.Add(byte(MessageCommand), encodeCommand(f, StatusCommand(Status{Code: CodePlayStart})))
	f.Fuzz(func(t *testing.T, typ byte, b []byte) {
		c, err := ParseCommand(MessageType(typ), b)
		if err != nil {
			return
		}
		c.Status()
		c.PeerInfo()
		if _, err := AppendCommand(nil, c); err != nil {
			t.Fatalf("a parsed command cannot be written: %v", err)
		}
	})
}

func FuzzMessageData(f *testing.F) {
	f.Add([]byte("\x12\x00\x00\x00\x00\x02\x00\x04onIm\x02\x00\x03Ann"))
	f.Add([]byte("\x0f\x00\x00\x00\x00\x00\x02\x00\x04onIm\x11\x06\x07Ann"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseMessage(b)
		if err != nil {
			return
		}
		if handler, args, err := m.Data(); err == nil {
			if _, err := AppendData(nil, handler, args...); err != nil {
				t.Fatalf("parsed data cannot be written: %v", err)
			}
		}
	})
}
