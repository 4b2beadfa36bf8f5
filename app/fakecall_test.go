package app

import (
	"image"
	"slices"
	"sync"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/trust"
)

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
