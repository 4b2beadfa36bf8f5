package device

import (
	"os"
	"runtime"
	"strings"

	"github.com/gen2brain/malgo"
)

// nullBackend plays to and records from nowhere, in real time. malgo.BackendNull is a number short of miniaudio's.
const nullBackend = malgo.Backend(14)

// backends are the sound systems that are tried, in order. Never the null one: a phone without sound has to say so.
func backends() []malgo.Backend {
	switch runtime.GOOS {
	case "windows":
		return []malgo.Backend{malgo.BackendWasapi}
	case "darwin":
		return []malgo.Backend{malgo.BackendCoreaudio}
	}
	if _, err := os.Stat("/dev/snd"); err != nil {
		// No sound card: ALSA would only complain about that on standard error.
		return []malgo.Backend{malgo.BackendPulseaudio}
	}
	return []malgo.Backend{malgo.BackendPulseaudio, malgo.BackendAlsa}
}

// isReal tells devices from the rate converters, mixers and the like that ALSA lists among them.
func isReal(backend malgo.Backend, id string) bool {
	return backend != malgo.BackendAlsa || id == "default" || strings.HasPrefix(id, ":") || strings.Contains(id, "CARD=")
}
