package mesh

import (
	"encoding/binary"
	"sync/atomic"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// lyingProfile is the cryptography of an endpoint that reports other arrivals than there were: it changes the plain packets before they are
// sealed, so all else is what a real endpoint does.
type lyingProfile struct {
	*flashcrypto.Profile
	lie atomic.Pointer[func(kind byte, payload []byte) []byte] // what goes instead of a chunk that reports; nil: nothing
}

// The chunks that report (rtmfp/packet.go).
const (
	lyingAckBitmap = 0x50
	lyingAckRanges = 0x51
	lyingFeedback  = 0xfb
)

func (p *lyingProfile) tell(lie func(kind byte, payload []byte) []byte) { p.lie.Store(&lie) }

func (p *lyingProfile) Initiate(far rtmfp.Certificate) (rtmfp.InitiatorKeying, error) {
	k, err := p.Profile.Initiate(far)
	return lyingKeying{k, p}, err
}

func (p *lyingProfile) Respond(far rtmfp.Certificate, skic []byte) ([]byte, rtmfp.SessionKeys, error) {
	skrc, keys, err := p.Profile.Respond(far, skic)
	return skrc, p.lyingKeys(keys), err
}

type lyingKeying struct {
	rtmfp.InitiatorKeying
	p *lyingProfile
}

func (k lyingKeying) Complete(skrc []byte) (rtmfp.SessionKeys, error) {
	keys, err := k.InitiatorKeying.Complete(skrc)
	return k.p.lyingKeys(keys), err
}

func (p *lyingProfile) lyingKeys(keys rtmfp.SessionKeys) rtmfp.SessionKeys {
	if c, ok := keys.Seal.(rtmfp.SequencedCipher); ok {
		keys.Seal = lyingCipher{c, p}
	}
	return keys
}

type lyingCipher struct {
	rtmfp.SequencedCipher
	p *lyingProfile
}

func (c lyingCipher) Seal(dst, plain []byte) []byte {
	lie := c.p.lie.Load()
	if lie == nil || len(plain) == 0 {
		return c.SequencedCipher.Seal(dst, plain)
	}
	at := 1
	for _, stamp := range []byte{0x08, 0x04} {
		if plain[0]&stamp != 0 {
			at += 2
		}
	}
	out := append([]byte{}, plain[:at]...)
	for rest := plain[at:]; len(rest) > 3; {
		end := min(3+int(binary.BigEndian.Uint16(rest[1:])), len(rest))
		kind, payload := rest[0], rest[3:end]
		if rest = rest[end:]; kind == lyingFeedback || kind == lyingAckBitmap || kind == lyingAckRanges {
			if payload = (*lie)(kind, payload); payload == nil {
				continue
			}
		}
		out = append(out, kind)
		out = append(binary.BigEndian.AppendUint16(out, uint16(len(payload))), payload...)
	}
	return c.SequencedCipher.Seal(dst, out)
}

// arrivesNothing has neither reports nor acknowledgements go out.
func arrivesNothing(byte, []byte) []byte { return nil }

// arrivesLate reports queues that grow to a second in two, again and again.
func arrivesLate(kind byte, payload []byte) []byte {
	if kind != lyingFeedback {
		return payload
	}
	at := len(payload)
	for i, b := range payload { // behind the number of the first packet
		if b&0x80 == 0 {
			at = i + 1
			break
		}
	}
	if at+4 > len(payload) {
		return payload
	}
	out := append([]byte{}, payload...)
	late := time.Duration(time.Now().UnixNano()) % (2 * time.Second) / 2
	binary.BigEndian.PutUint32(out[at:], binary.BigEndian.Uint32(out[at:])+uint32(late/(100*time.Microsecond)))
	return out
}

// arrivesWhole reports that all has come, and at once: of each report all packets from the first to the last.
func arrivesWhole(kind byte, payload []byte) []byte {
	if kind != lyingFeedback {
		return payload
	}
	number := func(b []byte) (v uint64, rest []byte) {
		for i, c := range b {
			if v = v<<7 | uint64(c&0x7f); c&0x80 == 0 {
				return v, b[i+1:]
			}
		}
		return v, nil
	}
	first, rest := number(payload)
	head := len(payload) - len(rest)
	if len(rest) < 4 {
		return payload
	}
	_, runs := number(rest[4:])
	head += len(rest) - len(runs)
	end := first // one behind the last
	for len(runs) > 0 {
		flags := runs[0]
		runs = runs[1:]
		var v uint64
		if flags>>4 == 15 {
			_, runs = number(runs)
		}
		if flags&0x08 != 0 {
			v, runs = number(runs)
			end += v>>1 ^ -(v & 1)
		}
		many := uint64(1)
		if flags&0x04 != 0 {
			v, runs = number(runs)
			many = v + 2
		}
		end += many
	}
	out := append([]byte{}, payload[:head]...)
	if n := end - first; n > 1 && n < 1<<14 {
		return append(out, 0x04, 0x80|byte((n-2)>>7), byte(n-2)&0x7f)
	}
	return append(out, 0x00)
}
