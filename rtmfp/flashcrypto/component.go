package flashcrypto

import (
	"fmt"

	"sundog.dev/sundog/rtmfp/internal/wire"
)

// offer holds the flags of an HMAC or sequence number negotiation (RFC 7425 §4.5.2.4, 4.5.2.5).
type offer uint8

const (
	offerRequest   offer = 1 << iota // please send it
	offerOnRequest                   // I send it if you ask
	offerAlways                      // I send it
)

// sends reports whether the end with the offer sends to an end with the far offer.
func (o offer) sends(far offer) bool {
	return o&offerAlways != 0 || o&offerOnRequest != 0 && far&offerRequest != 0
}

// component is a session keying component (RFC 7425 §4.5). Values alias the input.
type component struct {
	group      Group  // of the ephemeral key, or selected
	hasGroup   bool   // either of them is present
	ephemeral  []byte // nil: none
	randomness []byte
	hmac       offer
	hmacLength int
	sequence   offer
	feedback   bool // reads and sends reports about packets' arrival
}

// append encodes the component: initiators put the group first, responders the negotiation (some old responders and
// initiators insist on these places).
func (c component) append(b []byte, initiator bool) []byte {
	if initiator {
		b = c.appendGroup(b)
		b = c.appendRandomness(b)
		return c.appendFeedback(c.appendOffers(b))
	}
	b = c.appendOffers(b)
	b = c.appendGroup(b)
	return c.appendFeedback(c.appendRandomness(b))
}

func (c component) appendFeedback(b []byte) []byte {
	if !c.feedback {
		return b
	}
	return wire.AppendOption(b, keyFeedback, nil)
}

func (c component) appendGroup(b []byte) []byte {
	switch {
	case c.ephemeral != nil:
		return appendGroup(b, keyEphemeral, c.group, c.ephemeral)
	case c.hasGroup:
		return appendGroup(b, keyGroupSelect, c.group, nil)
	}
	return b
}

func (c component) appendRandomness(b []byte) []byte {
	if c.randomness == nil {
		return b
	}
	return wire.AppendOption(b, keyRandomness, c.randomness)
}

func (c component) appendOffers(b []byte) []byte {
	b = wire.AppendOption(b, keyHMAC, wire.AppendVLU([]byte{byte(c.hmac)}, uint64(c.hmacLength)))
	return wire.AppendOption(b, keySequence, []byte{byte(c.sequence)})
}

// parseComponent reads a far end's keying component. A known option that occurs twice, or a group both selected and
// with an ephemeral key, is an error; a missing negotiation counts as "neither sent nor wanted".
func parseComponent(b []byte) (component, error) {
	if len(b) > maxComponentLen {
		return component{}, fmt.Errorf("%w: %d bytes", ErrComponent, len(b))
	}
	var c component
	var seen [0x20]bool // by option type; all of RFC 7425 are below
	for n := 0; len(b) > 0; n++ {
		opt, rest, err := wire.NextOption(b)
		if err != nil {
			return component{}, fmt.Errorf("%w: %w", ErrComponent, err)
		}
		if n == maxOptions || opt.Marker {
			return component{}, fmt.Errorf("%w: not a short list of options", ErrComponent)
		}
		b = rest
		if opt.Type == keyFeedback {
			c.feedback = true
			continue
		}
		known, err := c.setOption(opt)
		if err != nil {
			return component{}, err
		}
		if known {
			if seen[opt.Type] {
				return component{}, fmt.Errorf("%w: option %#x twice", ErrComponent, opt.Type)
			}
			seen[opt.Type] = true
		}
	}
	if seen[keyEphemeral] && seen[keyGroupSelect] {
		return component{}, fmt.Errorf("%w: ephemeral key and selected group", ErrComponent)
	}
	return c, nil
}

func (c *component) setOption(opt wire.Option) (known bool, err error) {
	switch opt.Type {
	case keyEphemeral:
		c.group, c.ephemeral, err = readGroup(opt.Value)
		if err == nil && len(c.ephemeral) == 0 {
			err = ErrPublicKey
		}
		c.hasGroup = true
	case keyGroupSelect:
		var rest []byte
		c.group, rest, err = readGroup(opt.Value)
		if err == nil && len(rest) > 0 {
			err = wire.ErrOverflow
		}
		c.hasGroup = true
	case keyRandomness:
		c.randomness = opt.Value
	case keyHMAC:
		err = c.setHMAC(opt.Value)
	case keySequence:
		if len(opt.Value) < 1 {
			return true, fmt.Errorf("%w: empty sequence number option", ErrComponent)
		}
		c.sequence = offer(opt.Value[0])
	default:
		return false, nil // RFC 7425 §4.5.2: unknown types are ignored
	}
	if err != nil {
		return true, fmt.Errorf("%w: option %#x: %w", ErrComponent, opt.Type, err)
	}
	return true, nil
}

func (c *component) setHMAC(value []byte) error {
	if len(value) < 1 {
		return wire.ErrTruncated
	}
	length, _, err := wire.VLU(value[1:])
	if err != nil {
		return err
	}
	c.hmac = offer(value[0])
	if c.hmac&(offerAlways|offerOnRequest) == 0 {
		return nil // the length means nothing
	}
	if length < minHMACLength || length > maxHMACLength {
		return wire.ErrOverflow
	}
	c.hmacLength = int(length)
	return nil
}
