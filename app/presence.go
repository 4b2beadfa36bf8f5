package app

// tone is what a short line of state means; the palette gives its colour.
type tone int

const (
	toneQuiet tone = iota
	toneGood
	toneWaiting
	toneBad
	toneText
)

// presence is the line under the own name: it says what is true.
type presence struct {
	tone tone
	text string
}

func presenceOf(s ServiceStatus) presence {
	switch s.State {
	case ServiceConnecting:
		return presence{toneWaiting, "Connecting to " + orElse(s.Where, "the service") + "…"}
	case ServiceReachable:
		return presence{toneGood, "Reachable through " + orElse(s.Where, "the service")}
	case ServiceFailed:
		return presence{toneBad, orElse(s.Sentence, "No answer from "+orElse(s.Where, "the service")+"; trying again.")}
	default:
		return presence{toneQuiet, "No service set: the test call works, others cannot call you yet."}
	}
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
