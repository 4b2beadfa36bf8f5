package main

import (
	"context"
	"sync"

	"sundog.dev/sundog/app"
	"sundog.dev/sundog/internal/phone"
	"sundog.dev/sundog/internal/profile"
)

// desk is the phone as the windows see it: it implements app.Phone on a *phone.Phone.
type desk struct {
	phone    *phone.Phone
	flags    phone.Sources // sources given as flags win over the settings
	incoming chan app.Call
	auto     bool // take calls at once

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

func newDesk(p *phone.Phone, flags phone.Sources, auto bool) *desk {
	d := &desk{phone: p, flags: flags, auto: auto, incoming: make(chan app.Call, 4)}
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
			call := d.follow(c)
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

func (d *desk) follow(c *phone.Call) *deskCall {
	call := newDeskCall(c)
	d.wg.Go(func() { call.run(d.ctx) })
	return call
}

func (d *desk) Settings() app.Settings {
	return app.Settings(d.phone.Profile().Settings())
}

func (d *desk) SaveSettings(s app.Settings) error {
	if s.Name != "" {
		if err := phone.CheckName(s.Name); err != nil {
			return told(err)
		}
	}
	if s.Server != "" {
		if _, err := phone.CheckService(s.Server, s.Directory); err != nil {
			return told(err)
		}
	}
	if err := d.phone.Profile().SaveSettings(profile.Settings(s)); err != nil {
		return told(err)
	}
	d.phone.SetSources(withDefaults(profile.Settings(s), d.flags))
	return told(d.phone.SetService(s.Name, s.Server, s.Directory))
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

func (d *desk) Service() app.ServiceStatus {
	st := d.phone.Service()
	states := map[phone.ServiceState]app.ServiceState{
		phone.NoService:         app.NoService,
		phone.ServiceConnecting: app.ServiceConnecting,
		phone.ServiceReachable:  app.ServiceReachable,
		phone.ServiceFailed:     app.ServiceFailed,
	}
	return app.ServiceStatus{State: states[st.State], Where: st.Where, Sentence: st.Sentence}
}

func (d *desk) TryService(ctx context.Context, s app.Settings) error {
	return told(d.phone.TryService(ctx, s.Server, s.Directory))
}

func (d *desk) People() []app.Person {
	var people []app.Person
	for _, p := range d.phone.Profile().People() {
		people = append(people, app.Person{Name: p.Name, LastCall: p.LastCall, Outgoing: p.Outgoing, Missed: p.Missed})
	}
	return people
}

func (d *desk) AddPerson(name string) error {
	if err := phone.CheckName(name); err != nil {
		return told(err)
	}
	return told(d.phone.Profile().AddPerson(name))
}

func (d *desk) RemovePerson(name string) error { return told(d.phone.Profile().RemovePerson(name)) }

func (d *desk) Call(name string) (app.Call, error) { return d.made(d.phone.Call(name)) }

func (d *desk) TestCall() (app.Call, error) { return d.made(d.phone.TestCall()) }

func (d *desk) made(c *phone.Call, err error) (app.Call, error) {
	if err != nil {
		return nil, told(err)
	}
	return d.follow(c), nil
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
