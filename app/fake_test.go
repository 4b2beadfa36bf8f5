package app

import (
	"context"
	"image"
	"slices"
	"sync"

	"sundog.dev/sundog/mesh"
)

// fakePhone is a phone without anything behind it.
type fakePhone struct {
	mu       sync.Mutex
	settings Settings
	service  ServiceStatus
	people   []Person
	devices  Devices
	callErr  error
	saveErr  error
	made     []*fakeCall
	tried    []Settings
	try      func(context.Context, Settings) error
	incoming chan Call
	changed  chan struct{}
}

func newFakePhone() *fakePhone {
	return &fakePhone{incoming: make(chan Call), changed: make(chan struct{}, 1)}
}

func (p *fakePhone) set(change func(*fakePhone)) {
	p.mu.Lock()
	change(p)
	p.mu.Unlock()
	notify(p.changed)
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (p *fakePhone) Settings() Settings {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.settings
}

func (p *fakePhone) SaveSettings(s Settings) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.saveErr != nil {
		return p.saveErr
	}
	p.settings = s
	return nil
}

func (p *fakePhone) Service() ServiceStatus {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.service
}

func (p *fakePhone) TryService(ctx context.Context, s Settings) error {
	p.mu.Lock()
	p.tried = append(p.tried, s)
	try := p.try
	p.mu.Unlock()
	if try == nil {
		return nil
	}
	return try(ctx, s)
}

func (p *fakePhone) People() []Person {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.people)
}

func (p *fakePhone) AddPerson(name string) error {
	p.set(func(p *fakePhone) { p.people = append(p.people, Person{Name: name}) })
	return nil
}

func (p *fakePhone) RemovePerson(name string) error {
	p.set(func(p *fakePhone) {
		p.people = slices.DeleteFunc(p.people, func(x Person) bool { return x.Name == name })
	})
	return nil
}

func (p *fakePhone) Call(name string) (Call, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.callErr != nil {
		return nil, p.callErr
	}
	c := newFakeCall(name, mesh.Calling)
	p.made = append(p.made, c)
	return c, nil
}

func (p *fakePhone) TestCall() (Call, error) {
	c, err := p.Call("Echo")
	if err == nil {
		c.(*fakeCall).test = true
	}
	return c, err
}

func (p *fakePhone) calls() []*fakeCall {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.made)
}

func (p *fakePhone) Incoming() <-chan Call { return p.incoming }

func (p *fakePhone) Devices(context.Context) (Devices, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.devices, nil
}

func (p *fakePhone) Changed() <-chan struct{} { return p.changed }

// fakeCall is a call whose state a test sets.
type fakeCall struct {
	name             string
	incoming, proved bool
	test             bool

	mu       sync.Mutex
	status   CallStatus
	chat     []ChatLine
	remote   uint64 // the number of the far picture
	local    uint64
	hungUp   int
	accepted int
	chatErr  error
	changed  chan struct{}
}

func newFakeCall(name string, state mesh.State) *fakeCall {
	return &fakeCall{
		name: name, proved: true, incoming: state == mesh.Ringing, changed: make(chan struct{}, 1),
		status: CallStatus{Status: mesh.Status{State: state}, CameraOn: true, FarAudio: true, FarVideo: true},
	}
}

func (c *fakeCall) set(change func(*fakeCall)) {
	c.mu.Lock()
	change(c)
	c.mu.Unlock()
	notify(c.changed)
}

func (c *fakeCall) get(read func(*fakeCall)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	read(c)
}

func (c *fakeCall) Name() string   { return c.name }
func (c *fakeCall) Incoming() bool { return c.incoming }
func (c *fakeCall) Proved() bool   { return c.proved }
func (c *fakeCall) Test() bool     { return c.test }

func (c *fakeCall) Status() CallStatus {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status
}

func (c *fakeCall) Changed() <-chan struct{} { return c.changed }

func (c *fakeCall) Accept() error {
	c.set(func(c *fakeCall) { c.accepted, c.status.State = c.accepted+1, mesh.Connecting })
	return nil
}

func (c *fakeCall) HangUp() {
	c.set(func(c *fakeCall) { c.hungUp, c.status.State = c.hungUp+1, mesh.Ended })
}

func (c *fakeCall) SetMuted(on bool) { c.set(func(c *fakeCall) { c.status.Muted = on }) }

func (c *fakeCall) SetCamera(on bool) error {
	c.set(func(c *fakeCall) { c.status.CameraOn = on })
	return nil
}

func (c *fakeCall) SendChat(text string) error {
	c.mu.Lock()
	err := c.chatErr
	c.mu.Unlock()
	if err == nil {
		c.set(func(c *fakeCall) { c.chat = append(c.chat, ChatLine{Text: text, Mine: true}) })
	}
	return err
}

func (c *fakeCall) Chat() []ChatLine {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.chat)
}

func (c *fakeCall) DrawRemote(dst *image.RGBA, last uint64) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return paintFlat(dst, c.remote, last, [4]byte{0x3E, 0x6A, 0x8C, 0xFF})
}

func (c *fakeCall) DrawLocal(dst *image.RGBA, last uint64) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return paintFlat(dst, c.local, last, [4]byte{0x7A, 0x5C, 0x8C, 0xFF})
}

// paintFlat paints a picture of one colour with a lighter lower half.
func paintFlat(dst *image.RGBA, number, last uint64, colour [4]byte) uint64 {
	if number == 0 || number == last {
		return number
	}
	for i := 0; i < len(dst.Pix); i += 4 {
		copy(dst.Pix[i:], colour[:])
		if i > len(dst.Pix)/2 {
			dst.Pix[i] += 0x30
			dst.Pix[i+1] += 0x30
		}
	}
	return number
}
