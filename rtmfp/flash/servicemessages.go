package flash

import (
	"maps"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
)

// handle carries out one message for stream 0; an error ends the reading.
func (leg *serviceLeg) handle(m Message) error {
	switch m.Type {
	case MessageUserControl:
		if u, err := ParseUserControl(m.Payload); err == nil {
			return leg.userControlled(u)
		}
	case MessageCommand, MessageCommandExtended:
		c, err := ParseCommand(m.Type, m.Payload)
		if err != nil {
			leg.nc.log.Debug("a malformed command of the service", "error", err)
			return nil
		}
		leg.command(c)
	}
	return nil
}

// userControlled obeys a user control message; an unknown one is ignored.
func (leg *serviceLeg) userControlled(u UserControl) error {
	switch u.Event {
	case EventSetKeepalive:
		leg.setKeepalive(u.ServerKeepalive, u.PeerKeepalive)
	case EventPingRequest:
		_ = leg.userControl(UserControl{Event: EventPingResponse, Timestamp: u.Timestamp})
	case EventFlowSync:
		return leg.barrier.arrive(leg.ctx, u.SyncID, u.Count, true)
	default:
		leg.mu.Lock()
		stream := leg.streams[u.StreamID]
		leg.mu.Unlock()
		if stream != nil {
			stream.control(u)
		}
	}
	return nil
}

// userControl sends a user control message on our control flow, without waiting.
func (leg *serviceLeg) userControl(u UserControl) error {
	message := AppendMessage(nil, MessageUserControl, 0, AppendUserControl(nil, u))
	_, err := writeNow(leg.control, message, rtmfp.MessageOptions{})
	return err
}

// send sends a command on our control flow, without waiting.
func (leg *serviceLeg) send(c Command) error {
	encoding, _ := leg.agreed()
	message, err := AppendCommandMessage(nil, encoding, c)
	if err != nil {
		return err
	}
	_, err = writeNow(leg.control, message, rtmfp.MessageOptions{})
	return err
}

func (leg *serviceLeg) command(c Command) {
	switch c.Name {
	case CommandResult, CommandError:
		leg.mu.Lock()
		answer := leg.waiting[c.Transaction]
		delete(leg.waiting, c.Transaction)
		leg.mu.Unlock()
		if answer != nil {
			answer <- c // capacity one, and once only
		}
	case CommandOnStatus:
		s, ok := c.Status()
		if !ok {
			return
		}
		if s.Code == CodeAddressChangeNotify {
			_ = leg.send(SetPeerInfo(leg.nc.peerInfo())) // what moved us may have changed our own addresses
		}
		leg.nc.events.push(s)
	default:
		leg.invoked(Invocation{Command: c.Name, Args: c.Args, Transaction: c.Transaction})
	}
}

// invoked passes a command of the service on.
func (leg *serviceLeg) invoked(i Invocation) {
	if leg.nc.events.push(i) {
		return
	}
	leg.nc.log.Warn("an invocation by the service was dropped: nobody reads them", "command", i.Command)
	if i.Transaction != 0 {
		failed := Status{Code: CodeCallFailed, Level: LevelError, Description: "too many calls that nobody answers"}
		_ = leg.send(Command{Name: CommandError, Transaction: i.Transaction, Args: []amf.Value{failed.Info()}})
	}
}

// setKeepalive follows user control 41 within our bounds (RFC 7425 §5.3.4): on the leg, on peers without streams, and on
// those to come.
func (leg *serviceLeg) setKeepalive(service, peer time.Duration) {
	leg.session.SetKeepalive(min(max(service, keepaliveFloor), keepaliveCeiling))
	peer = min(max(peer, keepaliveFloor), keepaliveCeiling)
	nc := leg.nc
	nc.mu.Lock()
	nc.peerKeepalive = peer
	peers := maps.Clone(nc.peers)
	nc.mu.Unlock()
	for _, p := range peers {
		if p.idle() {
			p.session.SetKeepalive(peer)
		}
	}
}
