package phone

import (
	"context"
	"crypto/ed25519"
	"errors"
	"net"
	"net/netip"
	"sync"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/rtmfp/flash"
)

// echoName is what the echo calls itself.
const echoName = "Test call"

// echoMedia answers a call by sending back every frame that comes, undecoded. It implements mesh.Media.
type echoMedia struct{}

// OpenMedia implements mesh.Media.
func (echoMedia) OpenMedia(c *mesh.Call, out mesh.MediaOut) (mesh.MediaSession, error) {
	return echoSession{c, out}, nil
}

type echoSession struct {
	call *mesh.Call
	out  mesh.MediaOut
}

// ReceiveFrame answers whoever has called, and nobody else: two echoes in a conference would go on for ever.
func (s echoSession) ReceiveFrame(from flash.PeerID, f mesh.Frame) {
	if from == s.call.PeerID() {
		s.out.SendFrame(f)
	}
}

func (s echoSession) KeyFrameRequested(bool) { s.out.RequestKeyFrame(s.call.PeerID()) }
func (s echoSession) SetWish(mesh.MediaWish) {}
func (s echoSession) Close() error           { return nil }

// testLine is the test call's path: an echo phone in this process, and a
// connection of ours to call it, both on loopback and over real RTMFP.
type testLine struct {
	near, far *flash.NetConnection
	farAddr   netip.AddrPort
	phone     *Phone
	echo      *mesh.Agent
	cancel    context.CancelFunc
	wg        sync.WaitGroup
}

func (p *Phone) newTestLine() (*testLine, error) {
	loopback := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}
	near, _, err := p.newConnection(loopback)
	if err != nil {
		return nil, err
	}
	far, farAddr, err := p.newConnection(loopback)
	if err != nil {
		return nil, errors.Join(err, near.Close())
	}
	_, identity, err := ed25519.GenerateKey(nil) // nobody remembers it
	if err != nil {
		return nil, errors.Join(err, near.Close(), far.Close())
	}
	ctx, cancel := context.WithCancel(context.Background())
	t := &testLine{near: near, far: far, farAddr: farAddr, phone: p, cancel: cancel}
	t.echo = mesh.NewAgent(mesh.Config{Name: func() string { return echoName }, Identity: identity, Media: echoMedia{}, Log: p.log})
	t.echo.Attach(far, func(flash.Status) {})
	p.agent.Attach(near, func(flash.Status) {})
	t.wg.Go(func() { t.answer(ctx) })
	return t, nil
}

// answer takes every call; the line is known to this process only.
func (t *testLine) answer(ctx context.Context) {
	for {
		c, err := t.echo.NextIncoming(ctx)
		if err != nil {
			return
		}
		if err := c.Accept(); err != nil {
			continue
		}
		t.wg.Go(func() { // its events are nobody's, but must be read
			for {
				if _, err := c.Next(ctx); err != nil {
					return
				}
			}
		})
	}
}

func (t *testLine) close() error {
	t.phone.agent.Detach(t.near)
	err := t.echo.Close()
	t.cancel()
	t.wg.Wait()
	return errors.Join(err, t.near.Close(), t.far.Close())
}

// TestCall calls the echo in this process: no service is needed, and where
// there is no camera the test picture is shown.
func (p *Phone) TestCall() (*Call, error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, errClosed
	}
	if p.test == nil {
		t, err := p.newTestLine()
		if err != nil {
			p.mu.Unlock()
			return nil, err
		}
		p.test = t
		p.media.expectEcho(t.far.NearID())
	}
	t := p.test
	p.mu.Unlock()
	target := mesh.Target{Conn: t.near, PeerID: t.far.NearID(), Candidates: []netip.AddrPort{t.farAddr}}
	reached := &reach{test: true, resolved: resolved{target: target}}
	p.calling.add(reached)
	c, err := p.agent.Dial(echoName, func(context.Context) (mesh.Target, error) { return target, nil })
	if err != nil {
		p.calling.remove(reached)
		return nil, dialError(err)
	}
	call := p.newCall(c, "")
	call.test, call.reach = true, reached
	p.follow(call)
	return call, nil
}
