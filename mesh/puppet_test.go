package mesh

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"sync"
	"time"

	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
)

// puppet is a far end that does what a test tells it, right or wrong.
type puppet struct {
	*host
	key  ed25519.PrivateKey // nil: it does not prove itself unless told
	can  string             // the capabilities in its hello
	peer *flash.Peer
	flow *rtmfp.SendFlow

	mu      sync.Mutex
	signals []signal
	media   int // audio and video messages that came
	chat    []string
	relayed []relayed
}

func (w *world) newPuppet() *puppet { return &puppet{host: w.newHost(), key: w.newKey()} }

// open opens the session with a phone, and the flow of signals in it.
func (p *puppet) open(to *host) {
	p.w.t.Helper()
	peer, err := p.nc.OpenPeer(context.Background(), to.id, to.addr)
	if err != nil {
		p.w.t.Fatal(err)
	}
	p.peer = peer
	if !peer.Session().Initiator() { // the phone was quicker
		p.answer()
		return
	}
	p.control(nil)
	go p.readFlows()
}

// answer takes the flow of signals that a phone has opened.
func (p *puppet) answer() {
	p.w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	f, err := p.peer.AcceptFlow(ctx)
	if err != nil {
		p.w.t.Fatal(err)
	}
	p.control(f)
	go p.read(f)
}

// accept waits for a session and for the flow of signals in it, and answers that.
func (p *puppet) accept() {
	p.w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	peer, err := p.nc.AcceptPeer(ctx)
	if err != nil {
		p.w.t.Fatal(err)
	}
	p.peer = peer
	p.answer()
}

func (p *puppet) control(returnOf *rtmfp.RecvFlow) {
	p.w.t.Helper()
	flow, err := p.peer.Session().OpenFlow(controlMetadata, rtmfp.FlowOptions{Priority: rtmfp.PriorityControl, ReturnOf: returnOf})
	if err != nil {
		p.w.t.Fatal(err)
	}
	p.flow = flow
	p.say(signal{kind: sigHello, version: 1, name: "puppet", capabilities: p.can, epoch: time.Now()})
	if p.key != nil {
		p.say(signal{kind: sigProof, message: p.proof()})
	}
}

// session is what the puppet's proofs are for.
func (p *puppet) session() trust.Session {
	s := p.peer.Session()
	return trust.Session{
		Initiator: s.Initiator(), NearNonce: s.NearNonce(), FarNonce: s.FarNonce(),
		Near: s.NearCertificate(), Far: s.FarCertificate(),
	}
}

// proof is the right one.
func (p *puppet) proof() []byte {
	p.w.t.Helper()
	b, err := trust.Prove(p.session(), p.key)
	if err != nil {
		p.w.t.Fatal(err)
	}
	return b
}

func (p *puppet) say(s signal) {
	p.w.t.Helper()
	b, err := s.append(nil)
	if err != nil {
		p.w.t.Fatal(err)
	}
	if _, err := p.flow.Write(context.Background(), b, rtmfp.MessageOptions{}); err != nil {
		p.w.t.Fatal(err)
	}
}

func (p *puppet) readFlows() {
	for {
		f, err := p.peer.AcceptFlow(context.Background())
		if err != nil {
			return
		}
		go p.read(f)
	}
}

func (p *puppet) read(f *rtmfp.RecvFlow) {
	for {
		b, err := f.Read(context.Background())
		if err != nil {
			return
		}
		if s, err := parseSignal(b); err == nil {
			p.mu.Lock()
			p.signals = append(p.signals, s)
			p.mu.Unlock()
		}
	}
}

// heard waits for a signal of a kind.
func (p *puppet) heard(k signalKind, limit time.Duration) signal {
	p.w.t.Helper()
	for end := time.Now().Add(limit); ; time.Sleep(10 * time.Millisecond) {
		p.mu.Lock()
		for _, s := range p.signals {
			if s.kind == k {
				p.mu.Unlock()
				return s
			}
		}
		p.mu.Unlock()
		if time.Now().After(end) {
			p.w.t.Fatalf("no %s within %v", k, limit)
		}
	}
}

// plays counts the media messages of a phone's stream, and keeps its chat.
func (p *puppet) plays(stream string) *flash.PlayStream {
	p.w.t.Helper()
	s, err := p.peer.Play(stream)
	if err != nil {
		p.w.t.Fatal(err)
	}
	go func() {
		for {
			m, err := s.Read(context.Background())
			if err != nil {
				return
			}
			p.mu.Lock()
			switch m.Type {
			case flash.MessageAudio, flash.MessageVideo:
				p.media++
			case flash.MessageData:
				if h, args, err := m.Data(); err == nil && h == chatHandler && len(args) == 2 {
					p.chat = append(p.chat, args[1].(string))
				}
			}
			p.mu.Unlock()
		}
	}()
	return s
}

// blasts publishes a stream with sound and picture on it all the time, until the world ends.
func (p *puppet) blasts(stream string) *flash.PublishStream {
	p.w.t.Helper()
	s, err := p.nc.Publish(stream, nil)
	if err != nil {
		p.w.t.Fatal(err)
	}
	stop, done := make(chan struct{}), make(chan struct{})
	p.w.atEnd(func() { close(stop); <-done })
	go func() {
		defer close(done)
		began := time.Now()
		for tick := time.NewTicker(20 * time.Millisecond); ; {
			select {
			case <-tick.C:
			case <-stop:
				tick.Stop()
				return
			}
			ts := uint32(time.Since(began).Milliseconds())
			_ = s.Write(flash.Message{Type: flash.MessageAudio, Timestamp: ts, Payload: flash.AppendAudioOpus(nil, fakeOpus)}, time.Second)
			video, _ := flash.AppendVideoAVC(nil, append(bytes.Clone(fakeParameters), fakeKeySlice...), true)
			_ = s.Write(flash.Message{Type: flash.MessageVideo, Timestamp: ts, Payload: video}, time.Second)
			_ = s.Send(chatHandler, "puppet", "psst")
		}
	}()
	return s
}

func (p *puppet) mediaSoFar() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.media
}
