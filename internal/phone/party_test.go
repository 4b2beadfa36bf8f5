package phone

import (
	"context"
	"image"
	"sync"
	"testing"
)

// party is a call whose events are read to its end.
type party struct {
	*Call
	mu     sync.Mutex
	events []Event
}

// attend reads a call's events until the test ends.
func attend(t *testing.T, c *Call) *party {
	t.Helper()
	p := &party{Call: c}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			ev, err := c.Next(context.Background())
			if err != nil {
				return
			}
			p.mu.Lock()
			p.events = append(p.events, ev)
			p.mu.Unlock()
		}
	}()
	t.Cleanup(func() { c.HangUp(); <-done })
	return p
}

// left is why somebody has gone, "" if they have not.
func (p *party) left(name string) Reason {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, ev := range p.events {
		if l, ok := ev.(MemberLeft); ok && l.Member.Name == name {
			return l.Reason
		}
	}
	return ""
}

// here are the names of those who are seen and heard.
func (p *party) hereNow() (names []string) {
	for _, one := range p.People() {
		if one.State == Here {
			names = append(names, one.Name)
		}
	}
	return names
}

// sees reports whether somebody's picture and sound come.
func (p *party) sees(name string) bool {
	for _, one := range p.People() {
		if one.Name == name {
			return one.State == Here && one.Level > 0.05 && p.Draw(one.ID, image.NewRGBA(image.Rect(0, 0, 64, 36)), 0) > 0
		}
	}
	return false
}

// idOfPerson is by which somebody is told from the others.
func (p *party) idOfPerson(name string) string {
	for _, one := range p.People() {
		if one.Name == name {
			return one.ID
		}
	}
	return ""
}

// answer takes the call that rings.
func answer(t *testing.T, p *Phone) *party {
	t.Helper()
	c := incoming(t, p)
	one := attend(t, c)
	if err := c.Accept(); err != nil {
		t.Fatal(err)
	}
	return one
}

// confer opens a conference, and returns its link with it.
func confer(t *testing.T, p *Phone) (*party, string) {
	t.Helper()
	opened, err := p.Confer()
	if err != nil {
		t.Fatal(err)
	}
	in := attend(t, opened)
	link, err := in.RoomLink()
	if err != nil {
		t.Fatal(err)
	}
	return in, link
}
