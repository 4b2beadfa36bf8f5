package app

import (
	"testing"
	"time"
)

func TestWhoSpeaksWhileMutedIsTold(t *testing.T) {
	const step = 100 * time.Millisecond
	// Each letter is a step of 100 ms: s speech, _ silence; M and U before them mute and unmute.
	for _, c := range []struct {
		what, course string
		told         bool
	}{
		{"speech", "Mssssssssss", true},
		{"speech with pauses between words", "Msss__sss__sss", true},
		{"a cough", "Msss_______", false},
		{"a cough now and then", "Msss______sss______sss______sss", false},
		{"speech with the microphone on", "Ussssssssss", false},
		{"silence", "M__________", false},
		{"speech until it is muted", "UssssssssM__", false},
		{"the hint goes by itself", "Mssssssssss" + steps(hintStays, step), false},
	} {
		now, h, muted := noon, micHint{}, false
		for _, r := range c.course {
			switch r {
			case 'M', 'U':
				muted = r == 'M'
				continue
			}
			now = now.Add(step)
			level := 0.0
			if r == 's' {
				level = 0.3
			}
			h = h.next(muted, level, now)
		}
		if h.due != c.told {
			t.Errorf("%s: told %v", c.what, h.due)
		}
	}
}

// steps is silence.
func steps(d, step time.Duration) string {
	var b []byte
	for ; d >= 0; d -= step {
		b = append(b, '_')
	}
	return string(b)
}

func TestTheHintComesSeldom(t *testing.T) {
	h, told := micHint{}, 0
	was := false
	for at := time.Duration(0); at < time.Minute; at += 100 * time.Millisecond {
		h = h.next(true, 0.3, noon.Add(at))
		if h.due && !was {
			told++
		}
		was = h.due
	}
	if told != 2 {
		t.Errorf("told %d times in a minute of speech", told)
	}
}
