package phone

import (
	"context"
	"crypto/ed25519"
	"image"
	"image/color"
	"slices"
	"strings"
	"time"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/internal/profile"
	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/trust"
)

// Person is somebody whom the phone's faces show: a contact, somebody of a former call, or somebody on this network.
type Person struct {
	// Name is shown, and is what Call takes for those on the list: no two of them have the same, in any case.
	Name string
	// Registered is their name in directories, where that is another.
	Registered string
	// Identity is the key that is remembered, or, for somebody who is not on the list, that has signed their record; nil: unknown.
	Identity ed25519.PublicKey
	Contact  bool
	Blocked  bool
	Verified time.Time // since when the user has known that the identity is theirs; zero: not
	// OtherIdentity: in the directory where they were found, their name now shows another identity than the remembered one.
	// A call does not go through, until TrustIdentity.
	OtherIdentity bool
	Shown         ed25519.PublicKey // that other identity
	// Online: a directory says that they are there now. Nearby: on this network, to be called without a service.
	Online, Nearby bool
	// Where names the directories that say so, or, while they are not there, the one where they were found.
	Where []string
	// Link is what Call takes for somebody who is not on the list; "" for those who are.
	Link     string
	LastSeen time.Time
	LastCall time.Time
	Outgoing bool // of the last call
	Missed   bool // of the last call
}

// Request is a caller who was refused: a stranger while only contacts may ring, or somebody under a contact's name.
type Request struct {
	ID       int64
	Name     string            // what they call themselves
	Identity ed25519.PublicKey // nil: not known
	Where    string            // the directory that knows the identity
	// Standing is what the identity means to the user. trust.Changed: they call themselves as Contact, who has another one. The
	// choices are to leave it, CallOnce and TrustIdentity; to accept the request makes them somebody else of that name.
	Standing trust.Standing
	// Contact is whose name it is on the list; "": nobody's.
	Contact string
	First   time.Time
	Last    time.Time
	Times   int
}

// People are those on the list: contacts, those of former calls and those who are blocked. The latest call comes first, then
// names in their order. Changed tells when to ask again.
func (p *Phone) People() []Person {
	there := p.presence.snapshot()
	var people []Person
	for _, k := range p.cfg.Profile.People() {
		one := Person{
			Name: k.Name, Identity: k.Identity, Contact: k.Contact, Blocked: k.Blocked, Verified: k.Verified,
			LastSeen: k.LastSeen, LastCall: k.LastCall, Outgoing: k.Outgoing, Missed: k.Missed,
		}
		if !strings.EqualFold(k.Registered, k.Name) {
			one.Registered = k.Registered
		}
		for _, t := range there {
			if k.Identity != nil && k.Identity.Equal(t.Identity) || k.Identity == nil && strings.EqualFold(k.Registered, t.Name) {
				one.addWays(t)
			}
		}
		if k.Identity != nil && !one.Online {
			other, is := shownInstead(k, there)
			one.OtherIdentity, one.Shown = is, other.Identity
		}
		if !one.Online && k.Directory != "" {
			one.Where = []string{k.Directory}
		}
		people = append(people, one)
	}
	return people
}

// Nearby are the people on this network who are not on the list, in the order of their names.
func (p *Phone) Nearby() []Person {
	var people []Person
	for _, t := range p.presence.snapshot() {
		if _, known := p.knownAs(t); known {
			continue
		}
		one := Person{Name: t.Name, Identity: t.Identity, Link: idmanager.Link{Name: t.Name, Identity: t.Identity}.String()}
		if one.addWays(t); one.Nearby {
			people = append(people, one)
		}
	}
	slices.SortFunc(people, func(a, b Person) int {
		if c := strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)); c != 0 {
			return c
		}
		return strings.Compare(string(a.Identity), string(b.Identity))
	})
	return people
}

// addWays adds that somebody is there.
func (p *Person) addWays(t idmanager.Person) {
	p.Online = true
	for _, w := range t.Ways {
		p.Nearby = p.Nearby || len(w.Record.Addresses) > 0
		if !slices.Contains(p.Where, w.Where) {
			p.Where = append(p.Where, w.Where)
		}
	}
}

// Requests are the strangers who have called and whom the user has not answered, the latest first.
func (p *Phone) Requests() []Request {
	var requests []Request
	for _, r := range p.cfg.Profile.Requests() {
		one := Request{ID: r.ID, Name: r.Name, Identity: r.Identity, Where: r.Directory, First: r.First, Last: r.Last, Times: r.Times}
		j := p.judge(mesh.FarEnd{Name: r.Name, Identity: asIdentity(r.Identity)}, nil)
		if one.Standing = j.standing; j.named != nil {
			one.Contact = j.named.Name
		}
		requests = append(requests, one)
	}
	return requests
}

// AddContact makes somebody a contact by name or by link, and tells under which name they are shown. The identity of one added by
// name is remembered once a directory has shown it to the one who asks. The error is a sentence.
func (p *Phone) AddContact(nameOrLink string) (shown string, err error) {
	w, err := p.want(nameOrLink)
	if err != nil {
		return "", err
	}
	who := profile.Person{Name: w.shown, Identity: w.identity}
	if w.linked {
		who.Link, who.Rendezvous = w.link.String(), w.link.Rendezvous
	}
	if shown, err = p.cfg.Profile.AddContact(who); err != nil {
		return "", err
	}
	p.listChanged()
	if w.identity == nil {
		p.learnIdentity(w)
	}
	return shown, nil
}

// RemoveContact takes somebody off the list, and forgets their identity.
func (p *Phone) RemoveContact(name string) error {
	return p.changeList(p.cfg.Profile.RemovePerson(name))
}

// RenameContact changes the name by which somebody is shown. The error is a sentence.
func (p *Phone) RenameContact(name, shown string) error {
	shown = strings.TrimSpace(shown)
	if err := CheckName(shown); err != nil {
		return err
	}
	return p.changeList(p.cfg.Profile.Rename(name, shown))
}

// AcceptRequest makes a contact of the stranger, and tells under which name they are shown.
func (p *Phone) AcceptRequest(id int64) (shown string, err error) {
	shown, err = p.cfg.Profile.AcceptRequest(id)
	return shown, p.changeList(err)
}

// DeclineRequest forgets a request; the stranger may make another.
func (p *Phone) DeclineRequest(id int64) error {
	return p.changeList(p.cfg.Profile.DeclineRequest(id))
}

func (p *Phone) changeList(err error) error {
	if err == nil {
		p.listChanged()
	}
	return err
}

// listChanged tells of another list of people.
func (p *Phone) listChanged() {
	p.presence.rewatch()
	p.notify()
}

// LinkPicture is our own link as a QR code, scale pixels a module, with a quiet margin around it; nil without a link.
func (p *Phone) LinkPicture(scale int, dark, light color.Color) image.Image {
	link, err := idmanager.ParseLink(p.Link())
	if err != nil {
		return nil
	}
	code, err := link.QR()
	if err != nil {
		p.log.Warn("no code of the link", "error", err)
		return nil
	}
	return code.Image(scale, dark, light)
}

// learnIdentity looks a new contact up in the background and remembers the identity, if there is one and only one.
func (p *Phone) learnIdentity(w wanted) {
	p.mu.Lock()
	s, closed := p.setup, p.closed
	if !closed && s.found != nil {
		p.wg.Go(func() {
			ctx, cancel := context.WithTimeout(p.ctx, serviceTimeout)
			defer cancel()
			people, err := s.found.Find(ctx, w.name)
			if err != nil || len(people) != 1 || people[0].Identity == nil {
				return
			}
			if err := p.remember(w.shown, people[0]); err != nil {
				p.log.Info("the identity was not noted", "error", err)
			}
			p.notify()
		})
	}
	p.mu.Unlock()
}

// remember notes what a directory says of somebody on the list.
func (p *Phone) remember(shown string, one idmanager.Person) error {
	where := profile.Found{}
	if len(one.Ways) > 0 {
		where = profile.Found{Directory: one.Ways[0].Where, Rendezvous: one.Ways[0].Record.Rendezvous}
	}
	return p.cfg.Profile.Remember(shown, one.Identity, one.Name, where)
}
