package media

import (
	"errors"
	"strings"
	"testing"
)

func TestAudioSpecs(t *testing.T) {
	for _, c := range []struct {
		spec string
		want audioSpec
	}{
		{"none", audioSpec{kind: audioNone}},
		{"default", audioSpec{kind: audioDefault}},
		{"silence", audioSpec{kind: audioSilence}},
		{"tone", audioSpec{kind: audioTone, hertz: 440}},
		{"tone:1000.5", audioSpec{kind: audioTone, hertz: 1000.5}},
		{"device:alsa_input.usb:0", audioSpec{kind: audioDeviceID, value: "alsa_input.usb:0"}},
		{"file:my speech.wav", audioSpec{kind: audioFile, value: "my speech.wav"}},
		{"file:C:\\speech.wav", audioSpec{kind: audioFile, value: "C:\\speech.wav"}},
	} {
		got, err := parseAudioSource(c.spec)
		if err != nil || got != c.want {
			t.Errorf("%q: %+v, %v", c.spec, got, err)
		}
	}
}

func TestSpeakerSpecs(t *testing.T) {
	for _, c := range []struct {
		spec string
		want audioSpec
	}{
		{"null", audioSpec{kind: audioNull}},
		{"default", audioSpec{kind: audioDefault}},
		{"device:spk", audioSpec{kind: audioDeviceID, value: "spk"}},
		{"file:out.wav", audioSpec{kind: audioFile, value: "out.wav"}},
	} {
		got, err := parseSpeaker(c.spec)
		if err != nil || got != c.want {
			t.Errorf("%q: %+v, %v", c.spec, got, err)
		}
	}
}

func TestAWrongSpecIsExplainedInASentence(t *testing.T) {
	for _, c := range []struct {
		check func(string) error
		specs []string
	}{
		{CheckAudioSpec, []string{
			"", "null", "mic", "tone:", "tone:loud", "tone:19", "tone:20001", "tone:NaN", "tone:Inf", "file:", "file", "device:",
			"device", "device:a b", "default:1", "none:", "silence:1", "device:" + strings.Repeat("x", 1000), "file:a\x00b",
		}},
		{CheckSpeakerSpec, []string{"", "none", "tone", "silence", "file:", "device:", "speaker", "null:"}},
	} {
		for _, spec := range c.specs {
			err := c.check(spec)
			if !errors.Is(err, ErrAudioSpec) {
				t.Errorf("%.40q: %v", spec, err)
				continue
			}
			if s := err.Error(); !strings.HasSuffix(s, ".") {
				t.Errorf("%.40q: %q is no sentence", spec, s)
			}
		}
	}
}

func FuzzAudioSpec(f *testing.F) {
	for _, spec := range []string{"none", "tone:440", "device:x", "file:a.wav", "null", "tone:1e9999", ":", "device::"} {
		f.Add(spec)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		if s, err := parseAudioSource(spec); err == nil && s.kind == audioTone && !(s.hertz >= toneLeast && s.hertz <= toneMost) {
			t.Errorf("%q is a tone of %v Hz", spec, s.hertz)
		}
		if err := CheckSpeakerSpec(spec); err != nil && !errors.Is(err, ErrAudioSpec) {
			t.Errorf("%q: untyped error %v", spec, err)
		}
	})
}
