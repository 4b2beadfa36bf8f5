package middle

import (
	"context"
	"sync"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// face is who he is in the place of a phone: an endpoint with a certificate of its own, at his own service.
type face struct {
	m    *Middle
	name string // of the phone that it stands for
	cert rtmfp.Certificate
	nc   *flash.NetConnection

	cancel context.CancelFunc
	wg     sync.WaitGroup
}

func (m *Middle) newFace(name string) (*face, error) {
	conn, err := m.cfg.Listen()
	if err != nil {
		return nil, err
	}
	profile, err := flashcrypto.NewProfile(flashcrypto.Options{})
	if err != nil {
		return nil, err
	}
	cert, err := profile.ParseCertificate(profile.Certificate())
	if err != nil {
		return nil, err
	}
	ep, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: profile})
	if err != nil {
		return nil, err
	}
	f := &face{m: m, name: name, cert: cert}
	f.nc = flash.NewNetConnection(flash.Config{Endpoint: ep, NearID: profile.Fingerprint()})
	ctx, cancel := context.WithTimeout(m.ctx, connectTimeout)
	defer cancel()
	if err := f.nc.Connect(ctx, m.Server()); err != nil {
		_ = f.nc.Close()
		return nil, err
	}
	ctx, f.cancel = context.WithCancel(m.ctx)
	f.wg.Go(func() { f.takeRelayed(ctx) })
	f.wg.Go(func() { f.takePeers(ctx) })
	return f, nil
}

func (f *face) close() {
	f.cancel()
	f.wg.Wait()
	_ = f.nc.Close()
}

// takeRelayed takes the signals that phones send to the face over the service.
func (f *face) takeRelayed(ctx context.Context) {
	for {
		ev, err := f.nc.Next(ctx)
		if err != nil {
			return
		}
		in, ok := ev.(flash.Invocation)
		if !ok || in.Command != "onRelay" || len(in.Args) != 3 {
			continue
		}
		from, ok := in.Args[0].(string)
		if !ok {
			continue
		}
		id, err := flashcrypto.ParseFingerprint(from)
		if err != nil {
			continue
		}
		if c := f.m.between(f, id); c != nil {
			c.post(func() { c.relayed(c.legOf(id), in.Args[1:]) })
		}
	}
}

// takePeers takes the sessions that phones open to the face.
func (f *face) takePeers(ctx context.Context) {
	for {
		p, err := f.nc.AcceptPeer(ctx)
		if err != nil {
			return
		}
		c := f.m.between(f, p.ID())
		if c == nil || !c.post(func() { c.legOf(p.ID()).attach(p) }) {
			_ = p.Close()
		}
	}
}
