package main

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"sundog.dev/sundog/app"
	"sundog.dev/sundog/internal/phone"
)

// People are those on the list, and the others on this network.
func (d *desk) People() []app.Person {
	lan := d.lanName()
	var people []app.Person
	for _, p := range slices.Concat(d.phone.People(), d.phone.Nearby()) {
		people = append(people, personOf(p, lan))
	}
	return people
}

// lanName is how the phone calls the directory of this network.
func (d *desk) lanName() string {
	for _, w := range d.phone.Ways() {
		if w.Kind == phone.DirectoryLAN {
			return w.Where
		}
	}
	return ""
}

// personOf is somebody as the windows show them. The ID is what the phone calls them by.
func personOf(p phone.Person, lan string) app.Person {
	one := app.Person{
		ID: p.Name, Name: p.Name, Colour: colourOf(p.Identity),
		Contact: p.Contact, Nearby: p.Nearby, Online: p.Online, LastSeen: p.LastSeen, Verified: !p.Verified.IsZero(), Since: p.Verified,
		Identity: hex.EncodeToString(p.Identity),
		Blocked:  p.Blocked, KeyChanged: p.OtherIdentity, OtherKey: hex.EncodeToString(p.Shown),
		LastCall: p.LastCall, Outgoing: p.Outgoing, Missed: p.Missed,
	}
	if p.Link != "" {
		one.ID = p.Link
	}
	for _, where := range p.Where {
		if where != lan {
			one.Where = where
			break
		}
	}
	return one
}

// colourOf chooses an avatar's colour; 0: the name shall.
func colourOf(identity ed25519.PublicKey) uint32 {
	if len(identity) == 0 {
		return 0
	}
	h := fnv.New32a()
	_, _ = h.Write(identity)
	return max(h.Sum32(), 1)
}

// caller is whom an incoming call is from, as far as the name tells.
func (d *desk) caller(c *phone.Call) app.Person {
	for _, p := range d.People() {
		if strings.EqualFold(p.Name, c.Name()) {
			return p
		}
	}
	return app.Person{ID: c.Name(), Name: c.Name()}
}

// otherKey is the standing of somebody who shows another identity than the one remembered for whose name they give.
const otherKey = "changed"

func (d *desk) Requests() []app.Request {
	var requests []app.Request
	for _, r := range d.phone.Requests() {
		one := app.Request{
			ID: strconv.FormatInt(r.ID, 10), Name: r.Name, Where: r.Where, Colour: colourOf(r.Identity), Last: r.Last, Count: r.Times,
			Identity: hex.EncodeToString(r.Identity),
		}
		if r.Standing == otherKey {
			one.Contact = r.Contact
		}
		requests = append(requests, one)
	}
	return requests
}

func (d *desk) Answer(id string, a app.Answer) error {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return told(err)
	}
	switch a {
	case app.AcceptRequest:
		_, err = d.phone.AcceptRequest(n)
	case app.IgnoreRequest:
		err = d.phone.DeclineRequest(n)
	case app.BlockRequest:
		err = d.phone.BlockRequest(n)
	}
	return told(err)
}

func (d *desk) Find(ctx context.Context, name string) ([]app.Person, error) {
	found, err := d.phone.Find(ctx, name)
	if err != nil {
		return nil, told(err)
	}
	lan := d.lanName()
	var people []app.Person
	for _, p := range found {
		people = append(people, personOf(p, lan))
	}
	return people, nil
}

func (d *desk) Add(p app.Person) error {
	_, err := d.phone.AddContact(p.ID)
	return told(err)
}

func (d *desk) Remove(id string) error { return told(d.phone.RemoveContact(id)) }

func (d *desk) Rename(id, name string) error { return told(d.phone.RenameContact(id, name)) }

// Block blocks somebody. Who is only known from this network is put on the list for that.
func (d *desk) Block(id string, on bool) error {
	if isLink(id) {
		shown, err := d.phone.AddContact(id)
		if err != nil {
			return told(err)
		}
		id = shown
	}
	return told(d.phone.Block(id, on))
}
