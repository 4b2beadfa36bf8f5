package main

import (
	"context"
	"errors"
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
	s := d.phone.Profile().Settings()
	return app.Settings{
		Name: s.Name, Server: s.Server, Directory: s.Directory, Hidden: true,
		Camera: s.Camera, Mic: s.Mic, Speaker: s.Speaker, Theme: s.Theme,
	}
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
	kept := profile.Settings{
		Name: s.Name, Server: s.Server, Directory: s.Directory,
		Camera: s.Camera, Mic: s.Mic, Speaker: s.Speaker, Theme: s.Theme,
	}
	if err := d.phone.Profile().SaveSettings(kept); err != nil {
		return told(err)
	}
	d.phone.SetSources(withDefaults(kept, d.flags))
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

func (d *desk) Directories() []app.Directory {
	st := d.phone.Service()
	states := map[phone.ServiceState]app.DirectoryState{
		phone.ServiceConnecting: app.DirectoryConnecting,
		phone.ServiceReachable:  app.DirectoryReachable,
		phone.ServiceFailed:     app.DirectoryFailed,
	}
	if st.State == phone.NoService {
		return nil
	}
	return []app.Directory{{Kind: app.Service, State: states[st.State], Where: st.Where, Sentence: st.Sentence}}
}

// errNotYet is the error of what the phone cannot do yet.
var errNotYet = errors.New("not in this version")

func (d *desk) Try(ctx context.Context, k app.DirectoryKind, s app.Settings) error {
	if k != app.Service {
		return told(errNotYet)
	}
	return told(d.phone.TryService(ctx, s.Server, s.Directory))
}

func (d *desk) People() []app.Person {
	var people []app.Person
	for _, p := range d.phone.Profile().People() {
		people = append(people, app.Person{
			ID: p.Name, Name: p.Name, Where: p.Directory, Contact: p.Contact, Blocked: p.Blocked,
			Verified: !p.Verified.IsZero(), LastSeen: p.LastSeen, LastCall: p.LastCall, Outgoing: p.Outgoing, Missed: p.Missed,
		})
	}
	return people
}

func (d *desk) Requests() []app.Request { return nil }

func (d *desk) Answer(string, app.Answer) error { return told(errNotYet) }

func (d *desk) Find(_ context.Context, name string) ([]app.Person, error) {
	if err := phone.CheckName(name); err != nil {
		return nil, told(err)
	}
	return []app.Person{{ID: name, Name: name}}, nil
}

func (d *desk) Add(p app.Person) error { return told(d.phone.Profile().AddPerson(p.Name)) }

func (d *desk) Remove(id string) error { return told(d.phone.Profile().RemovePerson(id)) }

func (d *desk) Rename(string, string) error { return told(errNotYet) }

func (d *desk) Block(string, bool) error { return told(errNotYet) }

func (d *desk) Trust(string) error { return told(errNotYet) }

func (d *desk) Colour() uint32 { return 0 }

func (d *desk) OwnLink() (app.Link, error) { return app.Link{}, told(errNotYet) }

func (d *desk) ReadLink(string) (app.Link, error) { return app.Link{}, told(errNotYet) }

func (d *desk) LinkOf(string) (app.Link, error) { return app.Link{}, told(errNotYet) }

func (d *desk) Call(p app.Person, camera bool) (app.Call, error) {
	c, err := d.phone.Call(p.Name)
	if err == nil && !camera {
		c.SetCamera(false)
	}
	return d.made(c, err)
}

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
