package middle

// The strategies that are silent at one step: own keys, and one kind of signal never comes.

// without is silence about the phones' signals of one kind.
func without(kind string) Strategy {
	return Strategy{"no " + kind, "own keys; no " + kind + " gets there", func(c *Call) tactic {
		return &ownKeys{call: c, pass: func(_ *leg, s Signal) bool { return s.Kind != kind }}
	}}
}

// withhold is silence in the comparison.
func withhold(name string, typ byte) Strategy {
	return Strategy{"no " + name, "own keys; his " + name + " never comes", func(c *Call) tactic {
		return &ownKeys{call: c, say: func(to *leg, s Signal) {
			if s.Data[0] != typ {
				to.send(s)
			}
		}}
	}}
}

// The silences.
var (
	NoHello      = without(kindHello)
	NoInvite     = without(kindInvite)
	NoRinging    = without("ringing")
	NoAccept     = without("accept")
	NoOK         = without("ok")
	NoCommitment = withhold("commitment", typeCommitment)
	NoReveal     = withhold("reveal", typeReveal)
)
