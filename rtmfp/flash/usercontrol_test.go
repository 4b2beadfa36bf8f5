package flash

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

func TestUserControlWireFormat(t *testing.T) {
	for name, tt := range map[string]struct {
		u    UserControl
		wire []byte
	}{
		"stream begin":      {UserControl{Event: EventStreamBegin, StreamID: 2000001}, []byte{0, 0, 0, 0x1e, 0x84, 0x81}},
		"stream EOF":        {UserControl{Event: EventStreamEOF, StreamID: 5}, []byte{0, 1, 0, 0, 0, 5}},
		"stream dry":        {UserControl{Event: EventStreamDry, StreamID: 5}, []byte{0, 2, 0, 0, 0, 5}},
		"is recorded":       {UserControl{Event: EventStreamIsRecorded, StreamID: 5}, []byte{0, 4, 0, 0, 0, 5}},
		"ping request":      {UserControl{Event: EventPingRequest, Timestamp: 0x01020304}, []byte{0, 6, 1, 2, 3, 4}},
		"ping response":     {UserControl{Event: EventPingResponse, Timestamp: 0x01020304}, []byte{0, 7, 1, 2, 3, 4}},
		"buffer empty":      {UserControl{Event: EventBufferEmpty, StreamID: 5}, []byte{0, 31, 0, 0, 0, 5}},
		"buffer ready":      {UserControl{Event: EventBufferReady, StreamID: 5}, []byte{0, 32, 0, 0, 0, 5}},
		"set buffer length": {UserControl{Event: EventSetBufferLength, StreamID: 1, BufferLength: 100 * time.Millisecond}, []byte{0, 3, 0, 0, 0, 1, 0, 0, 0, 100}},
		"flow sync":         {UserControl{Event: EventFlowSync, SyncID: 8, Count: 2}, []byte{0, 34, 0, 0, 0, 8, 0, 0, 0, 2}},
		"keep-alive":        {UserControl{Event: EventSetKeepalive, ServerKeepalive: 15 * time.Second, PeerKeepalive: 20 * time.Second}, []byte{0, 41, 0, 0, 0x3a, 0x98, 0, 0, 0x4e, 0x20}},
		"an unknown event":  {UserControl{Event: 99}, []byte{0, 99}},
	} {
		if got := AppendUserControl(nil, tt.u); !bytes.Equal(got, tt.wire) {
			t.Errorf("%s: %x, want %x", name, got, tt.wire)
		}
		if got, err := ParseUserControl(tt.wire); err != nil || got != tt.u {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if tt.u.Event == 99 {
			continue
		}
		if _, err := ParseUserControl(tt.wire[:len(tt.wire)-1]); !errors.Is(err, ErrMalformedMessage) {
			t.Errorf("%s cut short: %v", name, err)
		}
	}
}

func TestDurationsAreClampedToTheWire(t *testing.T) {
	b := AppendUserControl(nil, UserControl{Event: EventSetKeepalive, ServerKeepalive: -time.Second, PeerKeepalive: 1000000 * time.Hour})
	if want := []byte{0, 41, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}; !bytes.Equal(b, want) {
		t.Errorf("%x, want %x", b, want)
	}
}

func TestABarrierOfNoFlowsIsRefused(t *testing.T) {
	if _, err := ParseUserControl([]byte{0, 34, 0, 0, 0, 8, 0, 0, 0, 0}); !errors.Is(err, ErrMalformedMessage) {
		t.Errorf("got %v", err)
	}
}

func FuzzParseUserControl(f *testing.F) {
	f.Add([]byte{0, 41, 0, 0, 0x3a, 0x98, 0, 0, 0x4e, 0x20})
	f.Add([]byte{0, 34, 0, 0, 0, 8, 0, 0, 0, 2})
	f.Add([]byte{0, 6, 0, 0, 0, 8})
	f.Add([]byte{0, 32, 0, 0, 0, 8})
	f.Fuzz(func(t *testing.T, b []byte) {
		u, err := ParseUserControl(b)
		if err != nil {
			return
		}
		if again, err := ParseUserControl(AppendUserControl(nil, u)); err != nil || again != u {
			t.Fatalf("%+v became %+v, %v", u, again, err)
		}
	})
}
