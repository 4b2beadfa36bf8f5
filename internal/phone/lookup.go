package phone

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/internal/profile"
	"sundog.dev/sundog/mesh/trust"
)

// Find tells who has a name: whoever is shown by it on the list, else all whom the directories know by it. Somebody who is not there
// at present is found, too. The error is a sentence.
func (p *Phone) Find(ctx context.Context, name string) ([]Person, error) {
	w, err := p.want(name)
	if err != nil {
		return nil, err
	}
	if known, ok := p.person(w.shown); ok {
		return []Person{known}, nil
	}
	p.mu.Lock()
	s, closed := p.setup, p.closed
	p.mu.Unlock()
	switch {
	case closed:
		return nil, errClosed
	case s.found == nil:
		return nil, errors.New("the service is being changed; try again in a moment")
	case len(s.listings) == 0:
		return nil, errors.New("nobody can be found by name while all directories are off; turn one on in Settings")
	}
	ctx, cancel := context.WithTimeout(ctx, serviceTimeout)
	defer cancel()
	for _, l := range s.listings {
		poke(l.hurry)
	}
	found, err := s.found.Find(ctx, w.name)
	if err != nil {
		return p.foundNobody(s, w, err)
	}
	var people []Person
	for _, one := range found {
		people = append(people, p.asPerson(one))
	}
	return people, nil
}

// foundNobody tells somebody who is not there from nobody, and from directories that do not answer.
func (p *Phone) foundNobody(s *setup, w wanted, err error) ([]Person, error) {
	var told *sentence
	switch err = p.notFound(s, w, err); {
	case errors.As(err, &told):
		return nil, told
	case errors.Is(err, idmanager.ErrOffline):
		return []Person{{Name: w.name}}, nil
	}
	return nil, &sentence{fmt.Sprintf("%s could not be found. Check your network and the addresses in Settings.", w.name), err}
}

// asPerson is somebody whom a directory has told of: as on the list, if they are on it.
func (p *Phone) asPerson(one idmanager.Person) Person {
	if shown, ok := p.knownAs(one); ok {
		if known, ok := p.person(shown); ok {
			return known
		}
	}
	person := Person{Name: one.Name, Identity: one.Identity}
	if one.Identity != nil {
		person.Link = idmanager.Link{Name: one.Name, Identity: one.Identity}.String()
	}
	person.addWays(one)
	return person
}

// person is somebody on the list.
func (p *Phone) person(shown string) (Person, bool) {
	for _, one := range p.People() {
		if strings.EqualFold(one.Name, shown) {
			return one, true
		}
	}
	return Person{}, false
}

// ReadLink tells whom a link leads to, as on the list if they are on it, and whether that is ourselves. Where is where the link says
// to look. Call and AddContact take the person's Link. The error is a sentence.
func (p *Phone) ReadLink(text string) (to Person, own bool, err error) {
	link, err := idmanager.ParseLink(text)
	if err != nil {
		return Person{}, false, linkError(err)
	}
	to = Person{Name: link.Name, Identity: link.Identity}
	if known, ok := p.cfg.Profile.PersonOf(link.Identity); ok && link.Identity != nil {
		if listed, ok := p.person(known.Name); ok {
			to = listed
		}
	}
	to.Link, to.Where = link.String(), nil
	switch address := link.Rendezvous; {
	case address != "":
		to.Where = []string{hostOf(address)}
	case strings.HasPrefix(link.Directory, "xmpp:"):
		to.Where = []string{strings.TrimPrefix(link.Directory, "xmpp:")}
	case link.Directory != "":
		to.Where = []string{hostOf(link.Directory)}
	}
	return to, p.cfg.Profile.PublicIdentity().Equal(link.Identity), nil
}

// hostOf is the host of an address, for the user.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Hostname()
}

// LinkOf is a link to somebody on the list, to be passed on. The error is a sentence.
func (p *Phone) LinkOf(shown string) (string, error) {
	known, ok := p.cfg.Profile.Person(shown)
	if !ok {
		return "", profile.ErrNobody
	}
	if known.Link != "" {
		return known.Link, nil
	}
	link := idmanager.Link{Name: known.Registered, Identity: known.Identity, Rendezvous: known.Rendezvous}
	if err := link.Valid(); err != nil {
		return "", &sentence{fmt.Sprintf("Too little is known of %s for a link. Ask them for theirs.", known.Name), err}
	}
	return link.String(), nil
}

// shownInstead is the key that somebody's name shows now, in the directory where they were found, in place of the remembered one;
// nil: none. On a network without a server nobody owns a name, so there it says nothing.
func shownInstead(k profile.Person, there []idmanager.Person) (idmanager.Person, bool) {
	var other idmanager.Person
	for _, t := range there {
		switch {
		case k.Identity == nil || k.Identity.Equal(t.Identity):
			return idmanager.Person{}, false
		case t.Identity == nil || !strings.EqualFold(k.Registered, t.Name):
			continue
		}
		for _, w := range t.Ways {
			if w.Where == k.Directory && len(w.Record.Addresses) == 0 {
				other = t
			}
		}
	}
	return other, other.Identity != nil
}

// TrustIdentity takes an identity in place of the one that is remembered for somebody on the list; the zero one stands for that which
// their name shows now in its directory (Person.OtherIdentity). They are verified only if that identity has been. Whoever else
// on the list has it becomes one with them. The error is a sentence.
func (p *Phone) TrustIdentity(shown string, identity trust.Identity) error {
	known, ok := p.cfg.Profile.Person(shown)
	if !ok {
		return profile.ErrNobody
	}
	other, inDirectory := shownInstead(known, p.presence.snapshot())
	switch {
	case identity == trust.Identity{} && !inDirectory:
		return &sentence{fmt.Sprintf("%s does not show another identity any more. Nothing was changed.", known.Name), nil}
	case identity == trust.Identity{}:
		identity = asIdentity(other.Identity)
	case identity == p.ownIdentity():
		return &sentence{"That is your own identity. Nothing was changed.", nil}
	}
	if err := p.cfg.Profile.Replace(known.Name, identity[:]); err != nil {
		return err
	}
	var err error
	if inDirectory && asIdentity(other.Identity) == identity {
		err = p.remember(known.Name, other)
	}
	return p.changeList(err)
}
