package rendezvous

import (
	"slices"
	"strings"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
)

// commandRelay is the command by which a client has a message passed on.
const commandRelay = "relay"

// command carries out a command, which came in a message. Before connect nothing else is heard. An error ends the flow.
func (c *client) command(command flash.Command, message []byte) error {
	switch {
	case c.isRefused():
		return errMisbehaved
	case command.Name == "connect":
		return c.connect(command)
	case !c.connected():
		return errMisbehaved
	}
	if c.isCheck() {
		if command.Name == "setPeerInfo" {
			return c.startCheck(parsePeerInfo(command.PeerInfo()))
		}
		return nil // not even refused: some clients ask for a stream at once, and would leave before the results
	}
	switch command.Name {
	case "setPeerInfo":
		return c.setPeerInfo(command)
	case commandRelay:
		return c.relay(command, message)
	}
	if handled, err := c.ofStreams(command); handled {
		return err
	}
	return c.fail(command, "there is no command "+command.Name)
}

// connect opens our return flow and answers (RFC 7425 §5.3.2). The application is not looked at, unless it is the
// connectivity check.
func (c *client) connect(command flash.Command) error {
	if c.connected() {
		return c.fail(command, "connected already")
	}
	c.mu.Lock()
	canonical := c.canonical
	c.mu.Unlock()
	reply, err := c.session.OpenFlow(flash.AppendMetadata(nil, 0, false), rtmfp.FlowOptions{
		Priority: rtmfp.PriorityData, ReturnOf: canonical, Buffer: sendBuffer,
	})
	if err != nil {
		return err
	}
	object, _ := amf.Members(command.Object)
	app, _, _ := strings.Cut(object.String("app"), "/")
	c.mu.Lock()
	c.reply, c.checks = reply, app == AppConnectivityCheck
	c.streams = c.newStreams(canonical, reply, command.RequestedEncoding())
	c.mu.Unlock()
	if c.isCheck() {
		if c.service.checker == nil {
			return c.refuse(command, codeInvalidApp, "this service checks no connectivity")
		}
	} else {
		if err := c.service.admits(developerKey(object, command.Args)); err != nil {
			c.service.counters.keysRefused.Add(1)
			return c.refuse(command, flash.CodeConnectRejected, err.Error())
		}
		c.service.add(c)
	}
	c.service.counters.connects.Add(1)
	c.service.cfg.Log.Debug("connected", "peer", c.id.String())

	status := flash.Status{Code: flash.CodeConnectSuccess, Level: flash.LevelStatus, Description: "Connection succeeded."}
	err = c.send(flash.Command{
		Name: flash.CommandResult, Transaction: command.Transaction,
		Args: []amf.Value{status.Info(append([]amf.Property{
			{Name: "objectEncoding", Value: command.RequestedEncoding()},
			{Name: "publicAddress", Value: unmap(c.session.FarAddr()).String()},
		}, c.service.instances()...)...)},
	})
	c.mu.Lock()
	c.encoding = command.RequestedEncoding() // from now on
	c.mu.Unlock()
	return err
}

// developerKey is the key that a client shows: as an argument of connect, as newer programs do, or in the path.
func developerKey(object amf.Object, args []amf.Value) string {
	if len(args) > 0 {
		if key, ok := args[0].(string); ok && key != "" {
			return key
		}
	}
	return strings.Trim(object.String("app"), "/")
}

// admits asks Config.Key.
func (s *Service) admits(key string) error {
	if s.cfg.Key == nil {
		return nil
	}
	return s.cfg.Key(key)
}

// instances is what a client is told about other places to go.
func (s *Service) instances() []amf.Property {
	if s.cfg.Instances == nil {
		return nil
	}
	live := s.cfg.Instances()
	list := make(amf.Array, 0, min(len(live), maxInstances))
	for _, address := range live[:cap(list)] {
		list = append(list, address)
	}
	return []amf.Property{{Name: "instances", Value: list}}
}

// refuse answers a connect that is not granted and ends the flow.
func (c *client) refuse(command flash.Command, code, why string) error {
	c.mu.Lock()
	c.refused = true
	c.mu.Unlock()
	status := flash.Status{Code: code, Level: flash.LevelError, Description: why}
	c.lastWords(flash.Command{Name: flash.CommandError, Transaction: command.Transaction, Args: []amf.Value{status.Info()}})
	return errRefused
}

// setPeerInfo notes the client's own addresses, which makes it introducible, and
// advises how often to ping (RFC 7425 §5.3.3, §5.3.4). A client whose observed address is not among them is behind a NAT.
func (c *client) setPeerInfo(command flash.Command) error {
	reported := parsePeerInfo(command.PeerInfo())
	observed := unmap(c.session.FarAddr())
	c.service.locate(c, observed, reported)

	period := keepaliveNAT
	if slices.Contains(reported, observed) {
		period = keepaliveOpen
	}
	return c.write(flash.MessageUserControl, flash.AppendUserControl(nil, flash.UserControl{
		Event: flash.EventSetKeepalive, ServerKeepalive: period, PeerKeepalive: period,
	}))
}

// fail answers a command that could not be carried out, if it has a transaction.
func (c *client) fail(command flash.Command, why string) error {
	if command.Transaction == 0 {
		return nil
	}
	status := flash.Status{Code: flash.CodeCallFailed, Level: flash.LevelError, Description: why}
	return c.send(flash.Command{Name: flash.CommandError, Transaction: command.Transaction, Args: []amf.Value{status.Info()}})
}
