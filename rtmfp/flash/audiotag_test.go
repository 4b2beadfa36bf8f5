package flash

import (
	"bytes"
	"errors"
	"reflect"
	"testing"
)

func TestAudioTags(t *testing.T) {
	plain := func(format uint8, rate, bits, channels int, data string) AudioTag {
		return AudioTag{Packet: AudioCodedFrames, Format: format, Rate: rate, Bits: bits, Channels: channels, Data: []byte(data)}
	}
	aac := plain(SoundAAC, 44100, 16, 2, "\x12\x10")
	aac.Packet = AudioSequenceStart
	for name, tt := range map[string]struct {
		wire string
		tag  AudioTag
	}{
		"Speex":               {"\xb2abc", plain(SoundSpeex, 5512, 16, 1, "abc")},
		"Nellymoser at 8 kHz": {"\x50abc", plain(SoundNellymoser8, 5512, 8, 1, "abc")},
		"MP3":                 {"\x2fabc", plain(SoundMP3, 44100, 16, 2, "abc")},
		"PCM at 11 kHz":       {"\x34ab", plain(SoundLittlePCM, 11025, 8, 1, "ab")},
		"PCM at 22 kHz":       {"\x39ab", plain(SoundLittlePCM, 22050, 8, 2, "ab")},
		"AAC's header":        {"\xaf\x00\x12\x10", aac},
		"AAC":                 {"\xaf\x01abc", plain(SoundAAC, 44100, 16, 2, "abc")},
		"Opus":                {"\x91Opusabc", AudioTag{Packet: AudioCodedFrames, FourCC: FourCCOpus, Data: []byte("abc")}},
		"FLAC's header":       {"\x90fLaCabc", AudioTag{Packet: AudioSequenceStart, FourCC: FourCCFLAC, Data: []byte("abc")}},
		"the end of E-AC-3":   {"\x92ec-3", AudioTag{Packet: AudioSequenceEnd, FourCC: FourCCEAC3, Data: []byte{}}},
		"channels":            {"\x94Opus\x01\x02\x00\x00\x00\x03", AudioTag{Packet: AudioMultichannel, FourCC: FourCCOpus, Data: []byte("\x01\x02\x00\x00\x00\x03")}},
		"nanoseconds":         {"\x97\x02\x00\x01\x02\x01Opusabc", AudioTag{Packet: AudioCodedFrames, FourCC: FourCCOpus, TimestampOffset: 258, Data: []byte("abc")}},
		"one track":           {"\x95\x01Opus\x07abc", AudioTag{Packet: AudioCodedFrames, Tracks: []MediaTrack{{7, FourCCOpus, []byte("abc")}}}},
		"tracks": {
			"\x95\x11Opus\x00\x00\x00\x02ab\x01\x00\x00\x01c",
			AudioTag{Packet: AudioCodedFrames, Tracks: []MediaTrack{{0, FourCCOpus, []byte("ab")}, {1, FourCCOpus, []byte("c")}}},
		},
		"tracks of several codecs": {
			"\x95\x20Opus\x00\x00\x00\x02abmp4a\x01\x00\x00\x00",
			AudioTag{Packet: AudioSequenceStart, Tracks: []MediaTrack{{0, FourCCOpus, []byte("ab")}, {1, FourCCAAC, []byte{}}}},
		},
	} {
		got, err := ParseAudioTag([]byte(tt.wire))
		if err != nil || !reflect.DeepEqual(got, tt.tag) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, tt.tag)
		}
		if wire, err := AppendAudioTag([]byte("x"), tt.tag); err != nil || string(wire) != "x"+tt.wire {
			t.Errorf("%s: %q, %v; want %q", name, wire, err, tt.wire)
		}
	}
}

func TestAudioTagsThatAreNone(t *testing.T) {
	for name, tt := range map[string]struct {
		wire string
		want error
	}{
		"nothing":                    {"", ErrMalformedMedia},
		"AAC without a kind":         {"\xaf", ErrMalformedMedia},
		"no FourCC":                  {"\x91Opu", ErrMalformedMedia},
		"an open packet type":        {"\x93Opusabc", ErrUnsupportedMedia},
		"an open type of a track":    {"\x95\x03Opus\x00a", ErrUnsupportedMedia},
		"no track":                   {"\x95\x11Opus", ErrMalformedMedia},
		"no kind of tracks":          {"\x95", ErrMalformedMedia},
		"an unknown kind of tracks":  {"\x95\x31Opus\x00\x00\x00\x00", ErrMalformedMedia},
		"tracks in tracks":           {"\x95\x05Opus\x00", ErrMalformedMedia},
		"a track beyond the end":     {"\x95\x11Opus\x00\x00\x00\x03ab", ErrMalformedMedia},
		"a track's size cut short":   {"\x95\x11Opus\x00\x00\x00", ErrMalformedMedia},
		"a track's FourCC cut short": {"\x95\x21Op", ErrMalformedMedia},
		"a modifier cut short":       {"\x97\x05ab", ErrMalformedMedia},
	} {
		if tag, err := ParseAudioTag([]byte(tt.wire)); !errors.Is(err, tt.want) || tag.Data != nil || tag.Tracks != nil {
			t.Errorf("%s: %+v, %v; want %v", name, tag, err, tt.want)
		}
	}
	for name, tag := range map[string]AudioTag{
		"a short FourCC":        {FourCC: "Opu"},
		"a sound format beyond": {Format: 16, Rate: 44100, Bits: 16, Channels: 2},
		"the format of E-RTMP":  {Format: 9, Rate: 44100, Bits: 16, Channels: 2},
		"48 kHz":                {Format: SoundMP3, Rate: 48000, Bits: 16, Channels: 2},
		"24 bits":               {Format: SoundMP3, Rate: 44100, Bits: 24, Channels: 2},
		"six channels":          {Format: SoundMP3, Rate: 44100, Bits: 16, Channels: 6},
		"a track's FourCC":      {Tracks: []MediaTrack{{0, "x", nil}}},
	} {
		if b, err := AppendAudioTag([]byte("x"), tag); !errors.Is(err, ErrMalformedMedia) || string(b) != "x" {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
}

func FuzzParseAudioTag(f *testing.F) {
	for _, s := range []string{
		"\xb2abc", "\xaf\x00\x12\x10", "\x91Opusabc", "\x97\x02\x00\x01\x02\x01Opusabc", "\x95\x01Opus\x07abc",
		"\x95\x11Opus\x00\x00\x00\x02ab\x01\x00\x00\x01c", "\x95\x20Opus\x00\x00\x00\x02abmp4a\x01\x00\x00\x00",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		tag, err := ParseAudioTag(b)
		if err != nil {
			return
		}
		wire, err := AppendAudioTag(nil, tag)
		if err != nil {
			t.Fatalf("%+v cannot be written: %v", tag, err)
		}
		again, err := ParseAudioTag(wire)
		if err != nil || !reflect.DeepEqual(again, tag) {
			t.Fatalf("%+v became %+v, %v", tag, again, err)
		}
		if once, err := AppendAudioTag(nil, again); err != nil || !bytes.Equal(once, wire) {
			t.Fatalf("%x became %x, %v", wire, once, err)
		}
	})
}
