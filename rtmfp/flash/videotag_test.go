package flash

import (
	"bytes"
	"errors"
	"reflect"
	"testing"
)

func TestVideoTags(t *testing.T) {
	for name, tt := range map[string]struct {
		wire string
		tag  VideoTag
	}{
		"H.263":               {"\x22abc", VideoTag{Frame: FrameInter, Packet: VideoCodedFrames, Codec: VideoH263, Data: []byte("abc")}},
		"a disposable frame":  {"\x32abc", VideoTag{Frame: FrameDisposable, Packet: VideoCodedFrames, Codec: VideoH263, Data: []byte("abc")}},
		"VP6":                 {"\x14\x00abc", VideoTag{Frame: FrameKey, Packet: VideoCodedFrames, Codec: VideoVP6, Data: []byte("\x00abc")}},
		"AVC's header":        {"\x17\x00\x00\x00\x00abc", VideoTag{Frame: FrameKey, Packet: VideoSequenceStart, Codec: VideoAVC, Data: []byte("abc")}},
		"AVC":                 {"\x27\x01\x00\x00\x28abc", VideoTag{Frame: FrameInter, Packet: VideoCodedFrames, Codec: VideoAVC, CompositionTime: 40, Data: []byte("abc")}},
		"shown before":        {"\x27\x01\xff\xff\xffabc", VideoTag{Frame: FrameInter, Packet: VideoCodedFrames, Codec: VideoAVC, CompositionTime: -1, Data: []byte("abc")}},
		"AVC's end":           {"\x17\x02\x00\x00\x00", VideoTag{Frame: FrameKey, Packet: VideoSequenceEnd, Codec: VideoAVC, Data: []byte{}}},
		"a command of FLV":    {"\x57\x00", VideoTag{Frame: FrameCommand, Packet: VideoCodedFrames, Codec: VideoAVC, Data: []byte{0}}},
		"avc1's header":       {"\x90avc1abc", VideoTag{Frame: FrameKey, Packet: VideoSequenceStart, FourCC: FourCCAVC, Data: []byte("abc")}},
		"avc1":                {"\xa1avc1\x00\x00\x28abc", VideoTag{Frame: FrameInter, Packet: VideoCodedFrames, FourCC: FourCCAVC, CompositionTime: 40, Data: []byte("abc")}},
		"avc1 shown at once":  {"\xa3avc1abc", VideoTag{Frame: FrameInter, Packet: VideoCodedFrames, FourCC: FourCCAVC, Data: []byte("abc")}},
		"av01":                {"\x91av01abc", VideoTag{Frame: FrameKey, Packet: VideoCodedFrames, FourCC: FourCCAV1, Data: []byte("abc")}},
		"hvc1's end":          {"\x92hvc1", VideoTag{Frame: FrameKey, Packet: VideoSequenceEnd, FourCC: FourCCHEVC, Data: []byte{}}},
		"colour":              {"\xd4av01abc", VideoTag{Frame: FrameCommand, Packet: VideoMetadata, FourCC: FourCCAV1, Data: []byte("abc")}},
		"a transport stream":  {"\x95av01abc", VideoTag{Frame: FrameKey, Packet: VideoTSStart, FourCC: FourCCAV1, Data: []byte("abc")}},
		"the end of a seek":   {"\xd1\x01", VideoTag{Frame: FrameCommand, Packet: VideoCodedFrames, Command: VideoSeekEnd}},
		"nanoseconds":         {"\x97\x02\x00\x01\x02\x01vp09abc", VideoTag{Frame: FrameKey, Packet: VideoCodedFrames, FourCC: FourCCVP9, TimestampOffset: 258, Data: []byte("abc")}},
		"a track":             {"\x96\x01avc1\x07\x00\x00\x00abc", VideoTag{Frame: FrameKey, Packet: VideoCodedFrames, Tracks: []MediaTrack{{7, FourCCAVC, []byte("\x00\x00\x00abc")}}}},
		"a track shown later": {"\x96\x03avc1\x07abc", VideoTag{Frame: FrameKey, Packet: videoCodedFramesX, Tracks: []MediaTrack{{7, FourCCAVC, []byte("abc")}}}},
	} {
		got, err := ParseVideoTag([]byte(tt.wire))
		if err != nil || !reflect.DeepEqual(got, tt.tag) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, tt.tag)
		}
		if wire, err := AppendVideoTag([]byte("x"), tt.tag); err != nil || string(wire) != "x"+tt.wire {
			t.Errorf("%s: %q, %v; want %q", name, wire, err, tt.wire)
		}
	}
}

func TestVideoTagsThatAreNone(t *testing.T) {
	for name, tt := range map[string]struct {
		wire string
		want error
	}{
		"nothing":               {"", ErrMalformedMedia},
		"AVC cut short":         {"\x17\x01\x00\x00", ErrMalformedMedia},
		"another packet of AVC": {"\x17\x03\x00\x00\x00", ErrUnsupportedMedia},
		"no FourCC":             {"\x91avc", ErrMalformedMedia},
		"no composition time":   {"\x91avc1\x00\x00", ErrMalformedMedia},
		"no command":            {"\xd1", ErrMalformedMedia},
		"an open packet type":   {"\x98av01", ErrUnsupportedMedia},
		"a command of no codec": {"\x50\x00", ErrUnsupportedMedia},
		"a modifier cut short":  {"\x97\xff\x00", ErrMalformedMedia},
		"no track":              {"\x96\x01avc1", ErrMalformedMedia},
		"tracks in tracks":      {"\x96\x06avc1\x00", ErrMalformedMedia},
	} {
		if tag, err := ParseVideoTag([]byte(tt.wire)); !errors.Is(err, tt.want) || tag.Data != nil || tag.Tracks != nil {
			t.Errorf("%s: %+v, %v; want %v", name, tag, err, tt.want)
		}
	}
	for name, tag := range map[string]VideoTag{
		"a short FourCC":              {Frame: FrameKey, FourCC: "avc"},
		"a frame type beyond":         {Frame: 8, Codec: VideoAVC},
		"a codec beyond":              {Frame: FrameKey, Codec: 16},
		"a composition time too late": {Frame: FrameKey, Codec: VideoAVC, CompositionTime: 1 << 23},
		"and too early":               {Frame: FrameKey, Codec: VideoAVC, CompositionTime: -1<<23 - 1},
		"a track's FourCC":            {Frame: FrameKey, Tracks: []MediaTrack{{0, "x", nil}}},
	} {
		if b, err := AppendVideoTag([]byte("x"), tag); !errors.Is(err, ErrMalformedMedia) || string(b) != "x" {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
}

func TestWhatDecodingCanBeginWith(t *testing.T) {
	for _, tt := range []struct {
		wire        string
		key, header bool
	}{
		{"\x17\x01\x00\x00\x00abc", true, false},
		{"\x47\x01\x00\x00\x00abc", true, false},
		{"\x27\x01\x00\x00\x00abc", false, false},
		{"\x17\x00\x00\x00\x00abc", true, true},
		{"\x93avc1abc", true, false},
		{"\xa3avc1abc", false, false},
	} {
		if tag, err := ParseVideoTag([]byte(tt.wire)); err != nil || tag.Key() != tt.key || tag.Header() != tt.header {
			t.Errorf("%q: key %v, header %v, %v", tt.wire, tag.Key(), tag.Header(), err)
		}
	}
}

func TestAVCOfEnhancedRTMP(t *testing.T) {
	annexB := "\x00\x00\x00\x01" + testIDR
	for name, body := range map[string]string{
		"with a composition time": "\x91avc1\x00\x00\x00" + "\x00\x00\x00\x04" + testIDR,
		"without":                 "\x93avc1" + "\x00\x00\x00\x04" + testIDR,
	} {
		if v, err := ParseVideo([]byte(body)); err != nil || !v.Key || v.Header || string(v.AnnexB) != annexB {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
	}
	header, ok := AppendVideoAVCHeader(nil, []byte("\x00\x00\x00\x01"+testSPS+"\x00\x00\x00\x01"+testPPS))
	if !ok {
		t.Fatal("no header")
	}
	v, err := ParseVideo(append([]byte("\x90avc1"), header[5:]...))
	if want := "\x00\x00\x00\x01" + testSPS + "\x00\x00\x00\x01" + testPPS; err != nil || !v.Header || string(v.AnnexB) != want {
		t.Errorf("%+v, %v", v, err)
	}
}

func FuzzParseVideoTag(f *testing.F) {
	for _, s := range []string{
		"\x22abc", "\x17\x00\x00\x00\x00abc", "\x27\x01\xff\xff\xffabc", "\x57\x00", "\xa1avc1\x00\x00\x28abc", "\xa3avc1abc",
		"\xd4av01abc", "\xd1\x01", "\x97\x02\x00\x01\x02\x01vp09abc", "\x96\x01avc1\x07\x00\x00\x00abc",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = ParseVideo(b)
		tag, err := ParseVideoTag(b)
		if err != nil {
			return
		}
		wire, err := AppendVideoTag(nil, tag)
		if err != nil {
			t.Fatalf("%+v cannot be written: %v", tag, err)
		}
		again, err := ParseVideoTag(wire)
		if err != nil || !reflect.DeepEqual(again, tag) {
			t.Fatalf("%+v became %+v, %v", tag, again, err)
		}
		if once, err := AppendVideoTag(nil, again); err != nil || !bytes.Equal(once, wire) {
			t.Fatalf("%x became %x, %v", wire, once, err)
		}
	})
}
