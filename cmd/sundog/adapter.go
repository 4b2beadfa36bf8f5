package main

import (
	"context"
	"sync"
	"sync/atomic"

	"sundog.dev/sundog/app"
	"sundog.dev/sundog/internal/phone"
	"sundog.dev/sundog/internal/profile"
)

// desk is the phone as the windows see it: it implements app.Phone on a *phone.Phone.
type desk struct {
	phone    *phone.Phone
	flags    phone.Sources // sources given as flags win over the settings
	incoming chan app.Call
	auto     bool        // take calls at once
	accepts  bool        // a flag says who may ring, not the settings
	olds     bool        // a flag says whether old clients take part
	capped   bool        // a flag says what calls may send
	moved    atomic.Bool // another identity was imported: the phone is who it was, and called name, until the next start
	name     string

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

func newDesk(p *phone.Phone, flags phone.Sources, auto, accepts bool) *desk {
	d := &desk{phone: p, flags: flags, auto: auto, accepts: accepts, incoming: make(chan app.Call, 4)}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	d.wg.Go(d.takeCalls)
	return d
}

// close ends what desk started, after the phone is closed or before.
func (d *desk) close() {
	d.cancel()
	d.wg.Wait()
}

func (d *desk) takeCalls() {
	for {
		select {
		case <-d.ctx.Done():
			return
		case c := <-d.phone.Incoming():
			call := d.follow(c, d.caller(c))
			if d.auto {
				// An error means that the call has ended meanwhile, which its status tells.
				_ = c.Accept()
			}
			select {
			case d.incoming <- call:
			case <-d.ctx.Done():
				return
			}
		}
	}
}

func (d *desk) follow(c *phone.Call, with app.Person) *deskCall {
	call := newDeskCall(c, with)
	d.wg.Go(func() { call.run(d.ctx) })
	return call
}

// withDefaults are the sources to use: flags, else settings, else the system's default devices.
func withDefaults(s profile.Settings, flags phone.Sources) phone.Sources {
	pick := func(flag, setting string) string {
		if flag != "" {
			return flag
		}
		if setting != "" {
			return setting
		}
		return "default"
	}
	return phone.Sources{
		Camera: pick(flags.Camera, s.Camera), Mic: pick(flags.Mic, s.Mic), Speaker: pick(flags.Speaker, s.Speaker),
		Display: flags.Display,
	}
}

// Call calls somebody. The camera of a call by voice stays off until it is switched on.
func (d *desk) Call(p app.Person, camera bool) (app.Call, error) {
	c, err := d.phone.Call(p.ID)
	if err != nil {
		return nil, told(err)
	}
	if !camera {
		c.SetCamera(false)
	}
	return d.follow(c, p), nil
}

// Confer opens a conference of our own.
func (d *desk) Confer() (app.Call, error) {
	c, err := d.phone.Confer()
	if err != nil {
		return nil, told(err)
	}
	return d.follow(c, app.Person{}), nil
}

// Join goes into a conference by its link.
func (d *desk) Join(l app.Link) (app.Call, error) {
	c, err := d.phone.JoinRoom(l.Text)
	if err != nil {
		return nil, told(err)
	}
	return d.follow(c, l.Person), nil
}

func (d *desk) TestCall() (app.Call, error) {
	c, err := d.phone.TestCall()
	if err != nil {
		return nil, told(err)
	}
	return d.follow(c, app.Person{Name: c.Name()}), nil
}

func (d *desk) Incoming() <-chan app.Call { return d.incoming }

func (d *desk) Changed() <-chan struct{} { return d.phone.Changed() }

func (d *desk) Devices(ctx context.Context) (app.Devices, error) {
	found, err := phone.ListDevices(ctx)
	list := func(first []app.Device, more []phone.Device) []app.Device {
		for _, m := range more {
			first = append(first, app.Device{Spec: m.Spec, Label: m.Label})
		}
		return first
	}
	system := app.Device{Spec: "default", Label: "System default"}
	test := app.Device{Spec: "test", Label: "Test picture"}
	screen := app.Device{Spec: "screen", Label: "This screen"}
	none := app.Device{Spec: "none", Label: "None"}
	devices := app.Devices{
		Cameras:  append(list([]app.Device{system}, found.Cameras), screen, test, none),
		Mics:     append(list([]app.Device{system}, found.Mics), none),
		Speakers: list([]app.Device{system}, found.Speakers),
	}
	return devices, err
}
