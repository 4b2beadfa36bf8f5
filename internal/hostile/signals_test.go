package hostile

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"net/netip"
	"time"

	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
)

// controlMetadata marks the flow of a call's signals.
const controlMetadata = "sundog-call\x01"

// pest is a phone of the attacker's that speaks a call's signals, as it should or not, with an identity of its own.
type pest struct {
	peer *flash.Peer
	flow *rtmfp.SendFlow
	key  ed25519.PrivateKey
	call string
}

// bother opens a session with a phone, and says hello.
func bother(ctx context.Context, nc *flash.NetConnection, target flash.PeerID, at netip.AddrPort) (*pest, error) {
	p := &pest{call: hex.EncodeToString(randomBytes(16))}
	var err error
	if _, p.key, err = ed25519.GenerateKey(rand.Reader); err != nil {
		return nil, err
	}
	if p.peer, err = nc.OpenPeer(ctx, target, at); err != nil {
		return nil, err
	}
	if p.flow, err = p.peer.Session().OpenFlow([]byte(controlMetadata), rtmfp.FlowOptions{Priority: rtmfp.PriorityControl}); err != nil {
		return nil, err
	}
	return p, p.say(ctx, "hello", "", 1.0, "mallory", "opus h264", float64(time.Now().UnixMilli()))
}

func (p *pest) say(ctx context.Context, values ...amf.Value) error {
	b, err := amf.AppendAMF0(nil, values...)
	if err == nil {
		_, err = p.flow.Write(ctx, b, rtmfp.MessageOptions{})
	}
	return err
}

// proof is the attacker's own, for this session.
func (p *pest) proof() ([]byte, error) {
	s := p.peer.Session()
	return trust.Prove(trust.Session{
		Initiator: s.Initiator(), NearNonce: s.NearNonce(), FarNonce: s.FarNonce(),
		Near: s.NearCertificate(), Far: s.FarCertificate(),
	}, p.key)
}

// lie proves itself with a damaged proof. The phone closes the session.
func (p *pest) lie(ctx context.Context) error {
	proof, err := p.proof()
	if err != nil {
		return err
	}
	proof[mrand.IntN(len(proof))] ^= 1 << mrand.IntN(8)
	if err := errors.Join(p.say(ctx, "proof", "", hex.EncodeToString(proof)), p.say(ctx, "invite", p.call, "mallory", 0.0)); err != nil {
		return err
	}
	select {
	case <-p.peer.Session().Done():
		return nil
	case <-ctx.Done():
		return fmt.Errorf("a session with a damaged proof stays open: %w", ctx.Err())
	}
}

// ring proves itself, calls, and waits to hear that the phone is busy.
func (p *pest) ring(ctx context.Context) error {
	proof, err := p.proof()
	if err != nil {
		return err
	}
	for range 2 { // said twice it is the same
		if err := p.say(ctx, "proof", "", hex.EncodeToString(proof)); err != nil {
			return err
		}
	}
	if err := p.say(ctx, "invite", p.call, "mallory", 0.0); err != nil {
		return err
	}
	for {
		f, err := p.peer.AcceptFlow(ctx)
		if err != nil {
			return err
		}
		for {
			b, err := f.Read(ctx)
			if err != nil {
				return err
			}
			values, err := amf.DecodeAMF0(b)
			if err == nil && len(values) > 2 && values[0] == "reject" {
				if values[2] != "busy" {
					return fmt.Errorf("the attacker's own call ended as %v", values[2])
				}
				return nil
			}
		}
	}
}

// compares is how many messages of a comparison that nobody has asked for are said in each session: twice what a phone takes at once.
const compares = 200

// compare says messages of comparisons: reveals before commitments, twice, of calls that there are and are not, damaged ones among them.
func (p *pest) compare(ctx context.Context) error {
	own := p.key.Public().(ed25519.PublicKey)
	for i := range compares {
		b := append([]byte{byte(3 - i%2), 1}, randomBytes(trust.SignedSize-2)...)
		copy(b[34:], []byte{0, 0, 0, byte(i % 5)}) // the attempt
		copy(b[38:], own)
		call := p.call
		switch i % 4 {
		case 0:
			b = b[:mrand.IntN(len(b))]
		case 1:
			call = hex.EncodeToString(randomBytes(16))
		}
		for range 1 + i%2 {
			if err := p.say(ctx, "compare", call, hex.EncodeToString(b)); err != nil {
				return err
			}
		}
	}
	return nil
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}
