package app

import (
	"context"
	"image"
	"os"
	"slices"
	"sync"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/trust"
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

// fakeCall is a call whose state a test sets.
type fakeCall struct {
	name     string
	incoming bool
	test     bool
	with     Person

	mu       sync.Mutex
	status   CallStatus
	far      CallMember   // the other one, but for who that is, which proof tells
	members  []CallMember // in place of far; nil: far alone
	room     *fakeConference
	chat     []ChatLine
	remote   uint64 // the number of the far pictures
	local    uint64
	hungUp   int
	accepted int
	chatErr  error
	wrote    []string // to whom lines went
	news     []string
	shown    [][]Shown
	company  []string
	changed  chan struct{}

	proof     Verification
	other     OtherIdentity
	confirmed int
	denied    int
	again     int
	codes     []string // as scanned
	codeErr   error
	picture   image.Image // what the own camera sees; nil: one colour
}

func newFakeCall(name string, state mesh.State) *fakeCall {
	return &fakeCall{
		name: name, with: Person{ID: name, Name: name, Contact: true}, proof: room(someone(name, trust.Known)), incoming: state == mesh.Ringing, changed: make(chan struct{}, 1),
		status: CallStatus{Status: mesh.Status{State: state}, CameraOn: true},
		far:    CallMember{ID: name, Audio: true, Video: true},
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
func (c *fakeCall) With() Person   { return c.with }
func (c *fakeCall) Incoming() bool { return c.incoming }
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

func (c *fakeCall) ShareScreen(on bool) error {
	c.set(func(c *fakeCall) { c.status.Sharing = on })
	return nil
}

func (c *fakeCall) Showing(shown []Shown) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shown = append(c.shown, shown)
}

func (c *fakeCall) Company() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.company)
}

func (c *fakeCall) News() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.news)
}

func (c *fakeCall) SendChat(text, to string) error {
	c.mu.Lock()
	err := c.chatErr
	c.mu.Unlock()
	if err == nil {
		c.set(func(c *fakeCall) {
			c.wrote = append(c.wrote, to)
			c.chat = append(c.chat, ChatLine{Text: text, Mine: true, Private: to != "", To: to})
		})
	}
	return err
}

func (c *fakeCall) Verification() Verification {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := c.proof
	v.Members = slices.Clone(v.Members)
	return v
}

func (c *fakeCall) Confirm() error {
	c.set(func(c *fakeCall) {
		c.confirmed++
		c.verify()
	})
	return nil
}

// verify makes all members who have an identity verified. c.mu is held.
func (c *fakeCall) verify() {
	for i := range c.proof.Members {
		if m := &c.proof.Members[i]; m.Identity != "" && m.Verified.IsZero() {
			m.Standing, m.Verified = trust.Verified, noon
		}
	}
}

func (c *fakeCall) Deny() error {
	c.set(func(c *fakeCall) { c.denied, c.proof.Differs = c.denied+1, true })
	return nil
}

func (c *fakeCall) CompareAgain() error {
	c.set(func(c *fakeCall) {
		c.again++
		c.proof.Attempt++
		c.proof.State, c.proof.Differs, c.proof.Words, c.proof.Emoji = trust.Committing, false, nil, nil
	})
	return nil
}

func (c *fakeCall) CheckCode(text string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.codes = append(c.codes, text)
	if c.codeErr == nil {
		c.verify()
	}
	notify(c.changed)
	return c.codeErr
}

func (c *fakeCall) OtherIdentity() (OtherIdentity, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.other, c.other != OtherIdentity{}
}

func (c *fakeCall) Chat() []ChatLine {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.chat)
}

func (c *fakeCall) Members() []CallMember {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.members != nil {
		return slices.Clone(c.members)
	}
	far := c.far
	if len(c.proof.Members) > 0 {
		far.Member = c.proof.Members[0]
	}
	far.Name = c.name
	return []CallMember{far}
}

func (c *fakeCall) Conference() Conference {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.room == nil {
		return nil
	}
	return c.room
}

// DrawMember paints each member in a colour of their own; the one of a call of two is blue.
func (c *fakeCall) DrawMember(id string, dst *image.RGBA, last uint64) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	colour := [4]byte{0x3E, 0x6A, 0x8C, 0xFF}
	if i := slices.IndexFunc(c.members, func(m CallMember) bool { return m.ID == id }); i > 0 {
		colour[0], colour[1], colour[2] = byte(0x3E+i*53), byte(0x6A+i*29), byte(0x8C-i*37)
	}
	return paintFlat(dst, c.remote, last, colour)
}

func (c *fakeCall) DrawLocal(dst *image.RGBA, last uint64) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.picture != nil {
		if c.local != last {
			from := c.picture.Bounds()
			for y := range dst.Rect.Dy() {
				for x := range dst.Rect.Dx() {
					at := c.picture.At(from.Min.X+x*from.Dx()/dst.Rect.Dx(), from.Min.Y+y*from.Dy()/dst.Rect.Dy())
					dst.Set(dst.Rect.Dx()-1-x, y, at)
				}
			}
		}
		return c.local
	}
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
			dst.Pix[i] = min(dst.Pix[i], 0xCF) + 0x30
			dst.Pix[i+1] = min(dst.Pix[i+1], 0xCF) + 0x30
		}
	}
	return number
}
