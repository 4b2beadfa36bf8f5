package media

import (
	"fmt"
	"strconv"
	"strings"

	"sundog.dev/sundog/media/device"
)

// audioKind is what a spec names.
type audioKind int

const (
	audioNone audioKind = iota
	audioNull
	audioDefault
	audioDeviceID
	audioTone
	audioFile
	audioSilence
)

// audioSpec is a parsed source or speaker.
type audioSpec struct {
	kind  audioKind
	value string  // the device's id or the file's name
	hertz float64 // the tone's frequency
}

// CheckAudioSpec says what is wrong with a source's spec, without opening it: none, default, device:ID, tone[:HZ],
// file:SPEECH.wav or silence. The error is a sentence.
func CheckAudioSpec(spec string) error {
	_, err := parseAudioSource(spec)
	return err
}

// CheckSpeakerSpec says what is wrong with a speaker's spec, without opening it: null, default, device:ID or file:OUT.wav.
// The error is a sentence.
func CheckSpeakerSpec(spec string) error {
	_, err := parseSpeaker(spec)
	return err
}

func parseAudioSource(spec string) (audioSpec, error) {
	name, value, has := strings.Cut(spec, ":")
	switch {
	case spec == "none":
		return audioSpec{kind: audioNone}, nil
	case spec == "silence":
		return audioSpec{kind: audioSilence}, nil
	case name == "tone":
		if !has {
			return audioSpec{kind: audioTone, hertz: toneDefault}, nil
		}
		hertz, err := strconv.ParseFloat(value, 64)
		if err != nil || !(hertz >= toneLeast && hertz <= toneMost) {
			return audioSpec{}, specError("The tone %q must have a frequency between %d and %d Hz, as in tone:440.", spec, toneLeast, toneMost)
		}
		return audioSpec{kind: audioTone, hertz: hertz}, nil
	}
	if s, known, err := parseDeviceOrFile(spec); known {
		return s, err
	}
	return audioSpec{}, specError("%q is no sound source: it must be none, default, device:ID, tone[:HZ], file:SPEECH.wav or silence.", spec)
}

func parseSpeaker(spec string) (audioSpec, error) {
	if spec == "null" {
		return audioSpec{kind: audioNull}, nil
	}
	if s, known, err := parseDeviceOrFile(spec); known {
		return s, err
	}
	return audioSpec{}, specError("%q is no speaker: it must be null, default, device:ID or file:OUT.wav.", spec)
}

// parseDeviceOrFile parses what sources and speakers have in common; known tells whether it is that.
func parseDeviceOrFile(spec string) (s audioSpec, known bool, err error) {
	name, value, has := strings.Cut(spec, ":")
	switch {
	case spec == "default":
		return audioSpec{kind: audioDefault}, true, nil
	case name == "device" && has:
		if device.CheckID(value) != nil {
			return s, true, specError("%q names no sound device: device: is followed by an ID from the list of devices.", spec)
		}
		return audioSpec{kind: audioDeviceID, value: value}, true, nil
	case name == "file" && has:
		if value == "" || strings.ContainsRune(value, 0) {
			return s, true, specError("%q names no file: file: is followed by the name of a WAV file.", spec)
		}
		return audioSpec{kind: audioFile, value: value}, true, nil
	}
	return s, false, nil
}

// specErr is an ErrAudioSpec with its own sentence.
type specErr struct{ sentence string }

func (e specErr) Error() string   { return e.sentence }
func (e specErr) Is(t error) bool { return t == ErrAudioSpec }

func specError(format string, args ...any) error {
	return specErr{fmt.Sprintf(format, args...)}
}
