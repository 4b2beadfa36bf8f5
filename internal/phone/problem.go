package phone

import (
	"errors"
	"slices"
	"strings"
	"time"

	"sundog.dev/sundog/media"
)

// problemShown is how long the user is told that a device does not work; the call goes on without it.
const problemShown = 10 * time.Second

// problems are what the user should know of the devices.
type problems struct {
	list []string
	at   time.Time
}

// add notes a failure of a "camera", "microphone", "loudspeaker" or "display".
func (p *problems) add(device string, err error) {
	p.current() // drops what is old
	p.at = time.Now()
	if text := deviceSentence(device, err); !slices.Contains(p.list, text) {
		p.list = append(p.list, text)
	}
}

func (p *problems) clear() { p.list = nil }

// current is what to tell now, in sentences, or "".
func (p *problems) current() string {
	if time.Since(p.at) > problemShown {
		p.list = nil
	}
	return strings.Join(p.list, " ")
}

// deviceSentence says what the failure means for the user; the log has its cause.
func deviceSentence(device string, err error) string {
	switch {
	case errors.Is(err, media.ErrNoMicrophone):
		return "No microphone was found, so you are not heard."
	case errors.Is(err, media.ErrNoSpeaker):
		return "No loudspeaker was found, so you hear nothing."
	case errors.Is(err, media.ErrNoCamera):
		return "No camera was found, so you are not seen."
	case errors.Is(err, media.ErrUnknownDevice):
		return "The chosen " + device + " is not there; choose another in Settings."
	}
	if device == "display" {
		return "The other side's picture cannot be kept: " + err.Error() + "."
	}
	return "The " + device + " does not work; choose another in Settings."
}
