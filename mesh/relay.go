package mesh

import (
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// The service's relay is the Video Phone's: the command "relay" with exactly target ID, action and own name goes to
// the service, which invokes "onRelay" at the target with the sender's ID, the action and the name.

const (
	relayCommand   = "relay"
	relayedCommand = "onRelay"
)

// relayed is a signal that came by relay. Its sender is what the service says.
type relayed struct {
	from   flash.PeerID
	action signalKind
	name   string
}

// parseRelayed reads an onRelay; false for anything else.
func parseRelayed(inv flash.Invocation) (relayed, bool) {
	if inv.Command != relayedCommand {
		return relayed{}, false
	}
	a := arguments{rest: inv.Args}
	from, action, name := a.text(), a.text(), a.text()
	if a.bad {
		return relayed{}, false
	}
	id, err := flashcrypto.ParseFingerprint(from)
	if err != nil {
		return relayed{}, false
	}
	r := relayed{from: id, action: signalKind(action), name: tidyName(name)}
	switch r.action {
	case sigInvite, sigAccept, sigReject, sigCancel, sigBye, sigOK:
		return r, true
	}
	return relayed{}, false
}

// relay sends one of the six signals over the service. Where there is no service it does nothing.
func relay(nc *flash.NetConnection, target flash.PeerID, action signalKind, name string) error {
	if nc == nil || !nc.Connected() {
		return flash.ErrNotConnected
	}
	return nc.Invoke(relayCommand, relayArguments(target, action, name)...)
}

// relayArguments are exactly those that the Video Phone sends; old clients check their number.
func relayArguments(target flash.PeerID, action signalKind, name string) []amf.Value {
	return []amf.Value{target.String(), string(action), name}
}
