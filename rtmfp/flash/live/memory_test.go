package live

import (
	"fmt"
	"testing"

	"sundog.dev/sundog/rtmfp/flash"
)

// within fails if a memory holds more than it may.
func within(t *testing.T, m *memory) {
	t.Helper()
	if len(m.data) > maxDataFrames || len(m.headers) > maxHeaders || len(m.pictures) > maxPictures {
		t.Fatalf("%d data frames, %d headers, %d pictures", len(m.data), len(m.headers), len(m.pictures))
	}
	for _, f := range m.data {
		if len(f.message.Payload) > maxDataFrame {
			t.Fatalf("a data frame of %d bytes", len(f.message.Payload))
		}
	}
	for _, h := range m.headers {
		if len(h.Payload) > maxHeader {
			t.Fatalf("a header of %d bytes", len(h.Payload))
		}
	}
	sum := 0
	for i, p := range m.pictures {
		tag, err := flash.ParseVideoTag(p.Payload)
		if i == 0 && (err != nil || !tag.Key() || tag.Header()) {
			t.Fatalf("the first picture is no key frame: %x", p.Payload)
		}
		sum += len(p.Payload)
	}
	if sum > maxPictureBytes || m.overflow && len(m.pictures) != 1 {
		t.Fatalf("%d bytes of %d pictures", sum, len(m.pictures))
	}
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	video := func(head string, n int) flash.Message {
		return flash.Message{Type: flash.MessageVideo, Payload: append([]byte(head), make([]byte, n)...)}
	}
	set := func(name string, n int) flash.Message {
		payload, err := flash.AppendData(nil, "@setDataFrame", name, string(make([]byte, n)))
		if err != nil {
			t.Fatal(err)
		}
		return flash.Message{Type: flash.MessageData, Payload: payload}
	}
	var m memory
	for i := range 3 * maxDataFrames {
		m.note(set(fmt.Sprint("frame ", i), 10))
		m.note(set(fmt.Sprint("large ", i), maxDataFrame))
		within(t, &m)
	}
	if len(m.data) != maxDataFrames {
		t.Errorf("%d data frames are kept", len(m.data))
	}
	m.note(video("\x17\x00\x00\x00\x00", maxHeader))
	if len(m.headers) != 0 {
		t.Error("a header beyond the bound is kept")
	}
	for _, head := range []string{"\x17\x00\x00\x00\x00", "\x90avc1", "\xd4avc1", "\x95av01", "\x96\x00avc1\x00"} {
		m.note(video(head, 10))
	}
	for _, head := range []string{"\xaf\x00", "\x90Opus", "\x94Opus", "\x95\x04Opus\x00"} {
		m.note(flash.Message{Type: flash.MessageAudio, Payload: []byte(head + "abc")})
	}
	within(t, &m)

	m.note(video("\x17\x01\x00\x00\x00", 1000))
	for range 2 * maxPictures {
		m.note(video("\x27\x01\x00\x00\x00", 10))
		within(t, &m)
	}
	if !m.overflow || len(m.pictures) != 1 {
		t.Errorf("%d pictures, overflow %v", len(m.pictures), m.overflow)
	}
	m.note(video("\x17\x01\x00\x00\x00", 1000))
	for range 5 {
		m.note(video("\x27\x01\x00\x00\x00", maxPictureBytes/3))
		within(t, &m)
	}
	m.note(video("\x17\x01\x00\x00\x00", maxPictureBytes))
	if within(t, &m); len(m.pictures) != 0 {
		t.Error("a key frame beyond the bound is kept")
	}
}

func TestDataDoNotGrowMuch(t *testing.T) {
	// An array that has one text of 1000 bytes a thousand times.
	bomb := append([]byte("\x02\x00\x01x\x11\x09\x8f\x51\x01\x06\x8f\x51"), make([]byte, 1000)...)
	for range 999 {
		bomb = append(bomb, 6, 0)
	}
	msg := flash.Message{Type: flash.MessageData, Payload: bomb}
	if _, args, err := msg.Data(); err != nil || len(args) != 1 {
		t.Fatalf("%d arguments, %v", len(args), err)
	}
	var m memory
	if k, out := m.note(msg); k != kindData || len(out.Payload) != len(bomb) {
		t.Errorf("%d bytes became %d", len(bomb), len(out.Payload))
	}
	set := append([]byte("\x02\x00\x0d@setDataFrame"), bomb...)
	if k, _ := m.note(flash.Message{Type: flash.MessageData, Payload: set}); k != kindNone || len(m.data) != 0 {
		t.Error("what has grown beyond measure is passed on")
	}
}

// FuzzMemory lets a publisher send anything: each byte string is cut into messages.
func FuzzMemory(f *testing.F) {
	f.Add([]byte("\x09\x0a\x17\x00\x00\x00\x00abcde\x09\x08\x17\x01\x00\x00\x00abc\x09\x08\x27\x01\x00\x00\x00abc"))
	f.Add([]byte("\x08\x05\xaf\x00abc\x12\x15\x02\x00\x0d@setDataFrame\x02\x00\x01x\x05"))
	f.Add([]byte("\x09\x06\x92avc1\x00\x09\x05\x90avc1"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var m memory
		for len(b) >= 2 {
			n := min(int(b[1]), len(b)-2)
			_, msg := m.note(flash.Message{Type: flash.MessageType(b[0]), Payload: b[2 : 2+n : 2+n]})
			if len(msg.Payload) > maxGrowth*n {
				t.Fatalf("%d bytes became %d", n, len(msg.Payload))
			}
			b = b[2+n:]
			within(t, &m)
		}
	})
}
