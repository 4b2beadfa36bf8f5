package flash

import (
	"fmt"
	"slices"

	"sundog.dev/sundog/rtmfp/amf"
)

// Names of commands.
const (
	commandConnect     = "connect"
	commandSetPeerInfo = "setPeerInfo"
	commandPlay        = "play"

	// CommandOnStatus carries a status that answers no transaction.
	CommandOnStatus = "onStatus"

	// CommandResult and CommandError answer a transaction.
	CommandResult = "_result"
	CommandError  = "_error"
)

// Levels of a Status.
const (
	LevelStatus  = "status"
	LevelWarning = "warning"
	LevelError   = "error"
)

// Command is an RTMP command: a name, a transaction, the command object (mostly nil) and arguments.
type Command struct {
	Name        string
	Transaction float64 // 0: no answer is expected
	Object      amf.Value
	Args        []amf.Value
}

// AppendCommand appends the payload of a command message (type 20, AMF0).
// Values that AMF cannot express are amf.ErrUnsupported.
func AppendCommand(b []byte, c Command) ([]byte, error) {
	out, err := amf.AppendAMF0(b, c.Name, c.Transaction, c.Object)
	if err != nil {
		return b, fmt.Errorf("flash: command %s: %w", c.Name, err)
	}
	out, err = amf.AppendAMF0(out, c.Args...)
	if err != nil {
		return b, fmt.Errorf("flash: command %s: %w", c.Name, err)
	}
	return out, nil
}

// ParseCommand reads the payload of a command message, type 20 or 17. The
// command object may be missing: some programs leave the null out of setPeerInfo, whose
// first address then stands in Object.
func ParseCommand(t MessageType, payload []byte) (Command, error) {
	switch t {
	case MessageCommand:
	case MessageCommandExtended:
		var err error
		if payload, err = stripFormat(payload); err != nil {
			return Command{}, err
		}
	default:
		return Command{}, ErrMessageType
	}
	values, err := amf.DecodeAMF0(payload)
	if err != nil {
		return Command{}, fmt.Errorf("flash: command: %w", err)
	}
	if len(values) < 2 {
		return Command{}, ErrMalformedMessage
	}
	var c Command
	var isName, isNumber bool
	c.Name, isName = values[0].(string)
	c.Transaction, isNumber = values[1].(float64)
	if !isName || !isNumber {
		return Command{}, ErrMalformedMessage
	}
	if len(values) > 2 {
		c.Object, c.Args = values[2], values[3:]
	}
	return c, nil
}

// Info is the status as the info object of onStatus, _result and _error; more
// members (objectEncoding, say) follow the three.
func (s Status) Info(more ...amf.Property) amf.Object {
	return append(amf.Object{
		{Name: "level", Value: s.Level},
		{Name: "code", Value: s.Code},
		{Name: "description", Value: s.Description},
	}, more...)
}

// StatusCommand is the onStatus command that carries s.
func StatusCommand(s Status) Command {
	return Command{Name: CommandOnStatus, Args: []amf.Value{s.Info()}}
}

// Status reads the info object of an onStatus, _result or _error: the first
// argument that has a code. False if there is none.
func (c Command) Status() (Status, bool) {
	for _, arg := range c.Args {
		if info, ok := amf.Members(arg); ok && info.String("code") != "" {
			s := Status{Code: info.String("code"), Level: info.String("level"), Description: info.String("description")}
			if details := slices.DeleteFunc(slices.Clone(info), isStatusMember); len(details) > 0 {
				s.Details = details
			}
			return s, true
		}
	}
	return Status{}, false
}

// isStatusMember reports whether it is one of the three that every status has.
func isStatusMember(p amf.Property) bool {
	return p.Name == "code" || p.Name == "level" || p.Name == "description"
}

// SetPeerInfo is the command by which a client tells the service its own
// addresses, "ip:port" each (RFC 7425 §5.3.3).
func SetPeerInfo(addresses []string) Command {
	c := Command{Name: commandSetPeerInfo}
	for _, a := range addresses {
		c.Args = append(c.Args, a)
	}
	return c
}

// PeerInfo reads the addresses of a setPeerInfo command, with or without the
// null that stands for the command object.
func (c Command) PeerInfo() []string {
	var addresses []string
	if first, ok := c.Object.(string); ok {
		addresses = append(addresses, first)
	}
	for _, arg := range c.Args {
		if a, ok := arg.(string); ok {
			addresses = append(addresses, a)
		}
	}
	return addresses
}
