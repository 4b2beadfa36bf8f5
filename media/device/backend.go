package device

import (
	"runtime"

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
	return []malgo.Backend{malgo.BackendPulseaudio, malgo.BackendAlsa}
}
