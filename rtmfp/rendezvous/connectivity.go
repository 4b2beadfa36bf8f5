package rendezvous

import (
	"context"
	"fmt"
	"net/netip"

	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
)

// AppConnectivityCheck is the application of a service, rtmfp://host[:port]/conncheck, whose clients are not introduced to
// anybody but have their connectivity checked.
const AppConnectivityCheck = "conncheck"

// codeConnectivityResults is the status by which a service tells the answers, as Adobe's connectivity test service did.
const codeConnectivityResults = "NetConnection.ConnectivityCheck.Results"

// Answer is what a connectivity check has found out about one question.
type Answer uint8

// The answers.
const (
	AnswerUnknown Answer = iota // the service could not tell
	AnswerNo
	AnswerYes
)

// String is "unknown", "no" or "yes".
func (a Answer) String() string {
	switch a {
	case AnswerNo:
		return "no"
	case AnswerYes:
		return "yes"
	default:
		return "unknown"
	}
}

func answerOf(yes bool) Answer {
	if yes {
		return AnswerYes
	}
	return AnswerNo
}

// Connectivity is how the world, or at least the service, reaches a client: what there is of NATs and firewalls between
// them.
type Connectivity struct {
	// PublicAddress is the client's address as the service sees it; invalid if it did not say.
	PublicAddress netip.AddrPort
	// PublicAddressIsLocal: it is one of the client's own, so there is no NAT.
	PublicAddressIsLocal Answer
	// PublicPortMatchesLocalPort: a NAT, if there is one, keeps the port.
	PublicPortMatchesLocalPort Answer
	// ReceiveSameAddressDifferentPortAllowed: packets come through from another port of an address that the client has sent to.
	ReceiveSameAddressDifferentPortAllowed Answer
	// ReceiveDifferentAddressDifferentPortAllowed: packets come through from an address that the client has not sent to.
	ReceiveDifferentAddressDifferentPortAllowed Answer
	// SendAfterIntroductionAllowed: what the client sends to an address that it was introduced to arrives.
	SendAfterIntroductionAllowed Answer
	// SendAfterIntroductionPreservesSourceAddress: and it comes from PublicAddress's IP address. (Some services compare
	// the port, too.)
	SendAfterIntroductionPreservesSourceAddress Answer
	// SendAfterIntroductionPreservesSourcePort: and from the same port. If not, the NAT is "symmetric", and introductions
	// work only with peers that receive from any port.
	SendAfterIntroductionPreservesSourcePort Answer
}

// answers are the seven with their names in the status.
func (c *Connectivity) answers() []struct {
	name   string
	answer *Answer
} {
	return []struct {
		name   string
		answer *Answer
	}{
		{"publicAddressIsLocal", &c.PublicAddressIsLocal},
		{"publicPortMatchesLocalPort", &c.PublicPortMatchesLocalPort},
		{"receiveSameAddressDifferentPortAllowed", &c.ReceiveSameAddressDifferentPortAllowed},
		{"receiveDifferentAddressDifferentPortAllowed", &c.ReceiveDifferentAddressDifferentPortAllowed},
		{"sendAfterIntroductionAllowed", &c.SendAfterIntroductionAllowed},
		{"sendAfterIntroductionPreservesSourceAddress", &c.SendAfterIntroductionPreservesSourceAddress},
		{"sendAfterIntroductionPreservesSourcePort", &c.SendAfterIntroductionPreservesSourcePort},
	}
}

// appendInfo appends the members of the status. What is unknown is null.
func (c Connectivity) appendInfo(info amf.Object) amf.Object {
	info = append(info, amf.Property{Name: "publicAddress", Value: c.PublicAddress.String()})
	for _, a := range c.answers() {
		var value amf.Value
		if *a.answer != AnswerUnknown {
			value = *a.answer == AnswerYes
		}
		info = append(info, amf.Property{Name: a.name, Value: value})
	}
	return info
}

// connectivityOf reads the members of the status.
func connectivityOf(info amf.Object) (c Connectivity) {
	if a, err := netip.ParseAddrPort(info.String("publicAddress")); err == nil {
		c.PublicAddress = unmap(a)
	}
	for _, a := range c.answers() {
		if yes, ok := info.Get(a.name).(bool); ok {
			*a.answer = answerOf(yes)
		}
	}
	return c
}

// CheckConnectivity connects nc to a service's connectivity check and returns what that says, which takes a second or two.
// nc should be there for this alone, and not be connected: the function reads its events and disconnects it. uri is that of
// the check (of a Service, its own with AppConnectivityCheck for a path); services of other makes may do in their way.
// The error is that of NetConnection.Connect, a *flash.StatusError where the service has no such check or no time for it, or ctx's:
// where uri is that of an ordinary application, the service connects and says nothing more.
func CheckConnectivity(ctx context.Context, nc *flash.NetConnection, uri string) (Connectivity, error) {
	if err := nc.Connect(ctx, uri); err != nil {
		return Connectivity{}, err
	}
	defer nc.Disconnect()
	for {
		event, err := nc.Next(ctx)
		if err != nil {
			return Connectivity{}, fmt.Errorf("rendezvous: waiting for the connectivity check: %w", err)
		}
		status, ok := event.(flash.Status)
		switch {
		case !ok:
		case status.Code == codeConnectivityResults:
			return connectivityOf(status.Details), nil
		case status.Code == flash.CodeConnectClosed || status.Level == flash.LevelError:
			return Connectivity{}, &flash.StatusError{Status: status}
		}
	}
}
