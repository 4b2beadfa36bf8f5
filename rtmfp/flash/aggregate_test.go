package flash

import (
	"errors"
	"reflect"
	"testing"

	"sundog.dev/sundog/rtmfp"
)

func TestAggregates(t *testing.T) {
	wire := "\x08\x00\x00\x02\x00\x03\xe8\x00\x00\x00\x00ab\x00\x00\x00\x0d" + "\x09\x00\x00\x01\x00\x04\x10\x00\x00\x00\x00v\x00\x00\x00\x0c"
	var payload []byte
	for _, m := range []Message{{Type: MessageAudio, Timestamp: 1000, Payload: []byte("ab")}, {Type: MessageVideo, Timestamp: 1040, Payload: []byte("v")}} {
		var err error
		if payload, err = AppendAggregated(payload, m); err != nil {
			t.Fatal(err)
		}
	}
	if string(payload) != wire {
		t.Errorf("%q, want %q", payload, wire)
	}
	got, err := ParseAggregate(Message{Type: MessageAggregate, Timestamp: 1<<32 - 20, Payload: payload})
	want := []Message{
		{Type: MessageAudio, Timestamp: 1<<32 - 20, Payload: []byte("ab")},
		{Type: MessageVideo, Timestamp: 20, Payload: []byte("v")}, // the clock wraps around
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	late, err := AppendAggregated(nil, Message{Type: MessageAudio, Timestamp: 0x01020304})
	if err != nil || string(late[4:8]) != "\x02\x03\x04\x01" {
		t.Errorf("%x, %v", late, err)
	}
}

func TestAggregatesThatAreNone(t *testing.T) {
	good := "\x08\x00\x00\x02\x00\x03\xe8\x00\x00\x00\x00ab\x00\x00\x00\x0d"
	for name, wire := range map[string]string{
		"a header cut short":  good + "\x08\x00\x00",
		"a message cut short": good + "\x08\x00\x00\x02\x00\x03\xe8\x00\x00\x00\x00a",
		"no size behind":      good + good[:len(good)-1],
		"another size behind": good + good[:len(good)-1] + "\x0e",
		"an aggregate inside": good + "\x16" + good[1:],
		"a length beyond":     good + "\x08\xff\xff\xff\x00\x03\xe8\x00\x00\x00\x00ab\x00\x00\x00\x0d",
	} {
		parts, err := ParseAggregate(Message{Type: MessageAggregate, Payload: []byte(wire)})
		if !errors.Is(err, ErrMalformedMessage) || len(parts) != 1 {
			t.Errorf("%s: %+v, %v", name, parts, err)
		}
	}
	if _, err := ParseAggregate(Message{Type: MessageAudio}); !errors.Is(err, ErrMessageType) {
		t.Errorf("sound: %v", err)
	}
	if _, err := AppendAggregated(nil, Message{Type: MessageAggregate}); !errors.Is(err, ErrMessageType) {
		t.Errorf("an aggregate in an aggregate: %v", err)
	}
	if _, err := AppendAggregated(nil, Message{Payload: make([]byte, 1<<24)}); !errors.Is(err, rtmfp.ErrTooLarge) {
		t.Errorf("too long: %v", err)
	}
}

func FuzzParseAggregate(f *testing.F) {
	f.Add(uint32(5), []byte("\x08\x00\x00\x02\x00\x03\xe8\x00\x00\x00\x00ab\x00\x00\x00\x0d"))
	f.Fuzz(func(t *testing.T, timestamp uint32, b []byte) {
		parts, err := ParseAggregate(Message{Type: MessageAggregate, Timestamp: timestamp, Payload: b})
		if err != nil {
			return
		}
		var payload []byte
		for _, m := range parts {
			if payload, err = AppendAggregated(payload, m); err != nil {
				t.Fatal(err)
			}
		}
		again, err := ParseAggregate(Message{Type: MessageAggregate, Timestamp: timestamp, Payload: payload})
		if err != nil || len(payload) != len(b) || !reflect.DeepEqual(again, parts) {
			t.Fatalf("%+v became %+v, %v", parts, again, err)
		}
	})
}
