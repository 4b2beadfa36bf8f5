package app

import (
	"context"
	"os"
	"slices"
	"sync"

	"sundog.dev/sundog/mesh"
)

// fakePhone is a phone without anything behind it.
type fakePhone struct {
	mu       sync.Mutex
	settings Settings
	dirs     []Directory
	people   []Person
	requests []Request
	answers  map[string]Answer
	devices  Devices
	callErr  error
	saveErr  error
	made     []*fakeCall
	once     []string // the identities of CallOnce
	joined   []string // links
	imported int
	tried    []Settings
	try      func(context.Context, Settings) error
	find     func(ctx context.Context, name string) ([]Person, error)
	links    map[string]Link
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

func (p *fakePhone) Directories() []Directory {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.dirs)
}

func (p *fakePhone) Try(ctx context.Context, _ DirectoryKind, s Settings) error {
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

func (p *fakePhone) Requests() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.requests)
}

func (p *fakePhone) Answer(id string, a Answer) error {
	p.set(func(p *fakePhone) {
		if p.answers == nil {
			p.answers = map[string]Answer{}
		}
		p.answers[id] = a
		p.requests = slices.DeleteFunc(p.requests, func(q Request) bool { return q.ID == id })
	})
	return nil
}

func (p *fakePhone) Find(ctx context.Context, name string) ([]Person, error) {
	p.mu.Lock()
	find := p.find
	p.mu.Unlock()
	if find == nil {
		return []Person{{ID: name, Name: name}}, nil
	}
	return find(ctx, name)
}

func (p *fakePhone) Add(x Person) error {
	x.Contact = true
	p.set(func(p *fakePhone) { p.people = append(p.people, x) })
	return nil
}

func (p *fakePhone) Remove(id string) error {
	p.set(func(p *fakePhone) {
		p.people = slices.DeleteFunc(p.people, func(x Person) bool { return x.ID == id })
	})
	return nil
}

// edit changes one of the people.
func (p *fakePhone) edit(id string, change func(*Person)) error {
	p.set(func(p *fakePhone) {
		for i := range p.people {
			if p.people[i].ID == id {
				change(&p.people[i])
			}
		}
	})
	return nil
}

func (p *fakePhone) Rename(id, name string) error {
	return p.edit(id, func(x *Person) { x.Name = name })
}

func (p *fakePhone) Block(id string, on bool) error {
	return p.edit(id, func(x *Person) { x.Blocked = on })
}

func (p *fakePhone) Trust(id, identity string) error {
	return p.edit(id, func(x *Person) { x.KeyChanged, x.Verified, x.Identity = false, false, orElse(identity, x.Identity) })
}

func (p *fakePhone) Identity() Identity { return Identity{Key: ownKey, Kept: "the system’s keyring"} }

func (p *fakePhone) ExportIdentity(path, passphrase string) error {
	return os.WriteFile(path, []byte("sealed with "+passphrase), 0o600)
}

func (p *fakePhone) ImportIdentity(path, passphrase string) (Imported, error) {
	if sealed, err := os.ReadFile(path); err != nil || string(sealed) != "sealed with "+passphrase {
		return Imported{}, sentence("The passphrase does not open this file.")
	}
	p.set(func(p *fakePhone) { p.imported++ })
	return Imported{Replaced: true, Backup: "/home/anna/.config/sundog/replaced-identity.sundog", People: 3}, nil
}

func (p *fakePhone) Colour() uint32 { return 3 }

// fakeLink is a link with a code of the right kind of pattern.
func fakeLink(text string, to Person) Link {
	qr := make([][]bool, 45)
	n := uint32(1)
	for y := range qr {
		qr[y] = make([]bool, len(qr))
		for x := range qr[y] {
			n = n*1664525 + 1013904223
			qr[y][x] = n>>31 == 1
			for _, corner := range [][2]int{{0, 0}, {len(qr) - 7, 0}, {0, len(qr) - 7}} {
				dx, dy := x-corner[0], y-corner[1]
				if dx < -1 || dx > 7 || dy < -1 || dy > 7 {
					continue
				}
				ring := max(max(dx-3, 3-dx), max(dy-3, 3-dy))
				qr[y][x] = ring == 3 || ring < 2
			}
		}
	}
	return Link{Text: text, Person: to, QR: qr}
}

func (p *fakePhone) OwnLink() (Link, error) {
	l := fakeLink("sundog:?n=Anna%20Berg&r=rtmfp%3A%2F%2Fexample.org&k=c2FtcGxl", Person{Name: "Anna Berg", Colour: 3})
	l.Own = true
	return l, nil
}

func (p *fakePhone) ReadLink(text string) (Link, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l, ok := p.links[text]
	if !ok {
		return Link{}, sentence("This link is not whole. Copy it again, from its beginning to its end.")
	}
	return l, nil
}

func (p *fakePhone) LinkOf(id string) (Link, error) { return Link{Text: "sundog:?n=" + id}, nil }

func (p *fakePhone) Call(to Person, camera bool) (Call, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.callErr != nil {
		return nil, p.callErr
	}
	c := newFakeCall(to.Name, mesh.Calling)
	c.with, c.status.CameraOn = to, camera
	p.made = append(p.made, c)
	return c, nil
}

func (p *fakePhone) CallOnce(to Person, identity string, camera bool) (Call, error) {
	p.set(func(p *fakePhone) { p.once = append(p.once, identity) })
	return p.Call(to, camera)
}

func (p *fakePhone) Confer() (Call, error) {
	c, err := p.Call(Person{}, true)
	if err == nil {
		f := c.(*fakeCall)
		f.set(func(f *fakeCall) {
			f.status.State, f.members = mesh.InCall, []CallMember{}
			f.room = &fakeConference{call: f, state: ConferenceState{MayAdd: true, MayLink: true}}
		})
	}
	return c, err
}

func (p *fakePhone) Join(l Link) (Call, error) {
	p.set(func(p *fakePhone) { p.joined = append(p.joined, l.Text) })
	return p.Call(l.Person, true)
}

func (p *fakePhone) TestCall() (Call, error) {
	c, err := p.Call(Person{Name: "Echo"}, true)
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
