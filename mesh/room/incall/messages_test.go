package incall

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

var samples = []struct {
	message Message
	golden  string
}{
	{Hello{1, 1, "opus h264", [16]byte{7}}, "01000100010009" + "6f7075732068323634" + "07" + zeros(15)},
	{State{7, true, false, true, false, true, false, start, 0}, "02000000070015" + "0000019b76daa800"},
	{State{7, true, false, true, false, true, false, start, 40 * time.Millisecond}, "02000000070055" + "0000019b76daa800"},
	{State{7, true, false, true, false, true, false, start, 60 * time.Millisecond}, "02000000070095" + "0000019b76daa800"},
	{Showing{3, 640, 360, true}, "0300000003" + "02800168" + "01"},
	{Chat{[8]byte{1, 2}, 5, true, start, "hé"}, "04" + "0102000000000000" + "0000000000000005" + "01" + "0000019b76daa800" + "0003" + "68c3a9"},
	{ChatHave{5}, "05" + "0000000000000005"},
	{Reaction{2, "👍"}, "0600000002" + "0004f09f918d"},
	{Offer{FileID{9}, 1 << 20, [32]byte{8}, true, "a.txt"}, "20" + "09" + zeros(15) + "0000000000100000" + "08" + zeros(31) + "01" + "0005612e747874"},
	{Accept{FileID{9}}, "21" + "09" + zeros(15)},
	{Reject{FileID{9}, FileTooLarge}, "22" + "09" + zeros(15) + "01"},
	{Cancel{FileID{9}, FileCancelled}, "23" + "09" + zeros(15) + "05"},
	{Request{FileID{9}, 16, true, []Range{{16, 32}, {64, 65}}}, "24" + "09" + zeros(15) + "0000000000000010" + "01" + "02" + "0000000000000010" + "0000000000000020" + "0000000000000040" + "0000000000000041"},
	{Chunk{FileID{9}, 16, []byte("data")}, "25" + "09" + zeros(15) + "0000000000000010" + "0004" + "64617461"},
	{Done{FileID{9}, true}, "26" + "09" + zeros(15) + "01"},
}

func zeros(n int) string { return strings.Repeat("00", n) }

func TestMessagesAreTheBytesOfThisVersion(t *testing.T) {
	for _, c := range samples {
		b := c.message.Append(nil)
		if got := hex.EncodeToString(b); got != c.golden {
			t.Errorf("%T: %s, want %s", c.message, got, c.golden)
		}
		for _, more := range []string{"", "later"} { // trailing fields are ignored
			m, err := Parse(append(bytes.Clone(b), more...))
			if err != nil || !reflect.DeepEqual(m, c.message) {
				t.Errorf("%T: %+v, %v", c.message, m, err)
			}
		}
		for n := range b {
			if _, err := Parse(b[:n]); err == nil {
				t.Errorf("%T cut at %d", c.message, n)
			}
		}
	}
	for _, typ := range []byte{0, 7, 15, 21, 31, 39, 255} {
		if _, err := Parse([]byte{typ, 1, 2, 3}); !errors.Is(err, ErrUnknown) {
			t.Errorf("type %d: %v", typ, err)
		}
	}
}

func TestMessagesBeyondTheBoundsAreRefused(t *testing.T) {
	for name, m := range map[string]Message{
		"a long line":            Chat{Sequence: 1, Text: strings.Repeat("x", MaxText+1)},
		"a line of no number":    Chat{Text: "x"},
		"the last number":        Chat{Sequence: 1 << 63, Text: "x"},
		"broken UTF-8":           Chat{Sequence: 1, Text: "\xff"},
		"a long reaction":        Reaction{Emoji: strings.Repeat("x", MaxReaction+1)},
		"many capabilities":      Hello{Capabilities: strings.Repeat("x", MaxCapabilities+1)},
		"a file beyond all":      Offer{Size: MaxFile + 1},
		"an empty chunk":         Chunk{},
		"a large chunk":          Chunk{Data: make([]byte, MaxChunk+1)},
		"an empty range":         Request{Ranges: []Range{{5, 5}}},
		"a range turned round":   Request{Ranges: []Range{{5, 4}}},
		"ranges that overlap":    Request{Ranges: []Range{{0, 5}, {4, 9}}},
		"ranges that touch":      Request{Ranges: []Range{{0, 5}, {5, 9}}},
		"a range that is there":  Request{Have: 5, Ranges: []Range{{4, 9}}},
		"a range beyond all":     Request{Ranges: []Range{{0, MaxFile + 1}}},
		"more ranges than there": Request{Ranges: make([]Range, MaxRanges+1)},
	} {
		if got, err := Parse(m.Append(nil)); !errors.Is(err, ErrMessage) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := Parse(make([]byte, MaxMessage+1)); !errors.Is(err, ErrMessage) {
		t.Error("a large message")
	}
}

func TestTheLowerVersionCounts(t *testing.T) {
	for _, c := range []struct {
		far  Hello
		want uint16
		ok   bool
	}{
		{Hello{Version: 1, MinVersion: 1}, 1, true},
		{Hello{Version: 9, MinVersion: 1}, 1, true},
		{Hello{Version: 9, MinVersion: 2}, 1, false},
		{Hello{Version: 0, MinVersion: 0}, 0, false},
	} {
		if v, ok := c.far.Speak(); ok != c.ok || v != c.want {
			t.Errorf("%+v: %d %v", c.far, v, ok)
		}
	}
}

func TestLinesReachAMemberOnceAndInOrderOverABrokenLink(t *testing.T) {
	var out Outbox
	var in Inbox
	var read []string
	deliver := func(c Chat) {
		have, fresh := in.Take(c)
		if fresh {
			read = append(read, c.Text)
		}
		out.Have(have)
	}
	deliver(out.Add(start, Chat{Text: "1"}))
	out.Add(start, Chat{Text: "2"}) // lost
	unheard := out.Add(start, Chat{Text: "3"})
	for _, c := range out.Again() {
		deliver(c)
	}
	deliver(unheard)
	var restarted Outbox
	deliver(restarted.Add(start.Add(time.Minute), Chat{Text: "4"}))
	if got := strings.Join(read, ""); got != "1234" || len(out.Again()) != 0 {
		t.Errorf("%s, %d unheard", got, len(out.Again()))
	}
	for range 3 * maxUnheard {
		out.Add(start, Chat{})
	}
	if len(out.Again()) != maxUnheard {
		t.Errorf("%d unheard", len(out.Again()))
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range samples {
		f.Add(c.message.Append(nil))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Parse(b)
		if err != nil {
			return
		}
		again, err := Parse(m.Append(nil))
		if err != nil || !reflect.DeepEqual(again, m) {
			t.Errorf("%+v, %+v, %v", m, again, err)
		}
	})
}
