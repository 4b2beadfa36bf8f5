package phone

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/internal/profile"
	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// nearbyPatience is how long somebody on this network may take to answer when there is another way to them: a packet there
// and back takes milliseconds, and who has left without saying so does not answer at all.
const nearbyPatience = 1500 * time.Millisecond

// errOtherIdentity says that whoever is found is not whom we know by that name.
var errOtherIdentity = errors.New("another identity than the remembered one")

// identityError is errOtherIdentity as a sentence, with the identity.
type identityError struct {
	sentence
	OtherIdentity
}

// Unwrap implements errors.Unwrap.
func (e *identityError) Unwrap() error { return &e.sentence }

// wanted is whom the user wants to call.
type wanted struct {
	shown    string            // the name for the user
	name     string            // in directories
	identity ed25519.PublicKey // that they must have; nil: not known
	known    bool              // they are on the list
	link     idmanager.Link    // that they are called by
	linked   bool
	once     bool   // nothing is remembered
	intoRoom bool   // the link leads into a conference
	peerID   string // of whoever is in the conference, as the link says; "": it is no link into one
}

// want finds out whom a name or a link means. Its errors are sentences.
func (p *Phone) want(nameOrLink string) (wanted, error) {
	nameOrLink = strings.TrimSpace(nameOrLink)
	var w wanted
	if isLink(nameOrLink) {
		link, err := idmanager.ParseLink(nameOrLink)
		if err != nil {
			return wanted{}, linkError(err)
		}
		intoRoom := link.Room != ""
		if intoRoom { // nothing of which is worth keeping
			link.Room, link.PeerID = "", ""
		}
		w = wanted{shown: link.Name, name: link.Name, identity: link.Identity, link: link, linked: true, intoRoom: intoRoom}
		if known, ok := p.cfg.Profile.PersonOf(link.Identity); ok {
			w.shown, w.known = known.Name, true
		}
	} else if known, ok := p.cfg.Profile.Person(nameOrLink); ok { // whatever they are called: a directory may take longer names than we do
		w = wanted{known: true, shown: known.Name, name: known.Registered, identity: known.Identity}
		if link, err := idmanager.ParseLink(known.Link); err == nil {
			w.link, w.linked = link, true
		}
	} else {
		if err := CheckName(nameOrLink); err != nil {
			return wanted{}, err
		}
		w = wanted{shown: nameOrLink, name: nameOrLink}
	}
	if (w.identity == nil && strings.EqualFold(w.name, p.ownName())) || p.cfg.Profile.PublicIdentity().Equal(w.identity) {
		return wanted{}, ErrOwnName
	}
	return w, nil
}

// resolved is how somebody is reached.
type resolved struct {
	target   mesh.Target
	identity ed25519.PublicKey // that has signed the record
	found    profile.Found
	release  func() // once the call is over
}

// resolve finds whom the user wants, in the directories of a setup and where the link says. over is the connection of the call that
// they are called into, which all of its members are on; nil: there is none yet.
func (p *Phone) resolve(ctx context.Context, s *setup, w wanted, over *flash.NetConnection) (resolved, error) {
	ctx, cancel := context.WithTimeout(ctx, serviceTimeout)
	defer cancel()
	for _, l := range s.listings {
		poke(l.hurry)
	}
	person, err := p.findPerson(ctx, s, w)
	if w.peerID != "" {
		person, err = memberByLink(person, w, err)
	}
	if err != nil {
		return resolved{}, err
	}
	var last error
	for i, way := range person.Ways {
		var r resolved
		var err error
		if over != nil {
			r, err = p.takeOver(ctx, s, way, over)
		} else {
			r, err = p.take(ctx, s, way, i+1 < len(person.Ways))
		}
		if err == nil {
			r.identity = person.Identity
			if w.linked {
				r.found.Link = w.link.String()
			}
			// A directory may correct the spelling of a name that the user has typed, and no more.
			if !w.known && strings.EqualFold(way.Record.Name, w.shown) || strings.EqualFold(w.shown, w.name) && strings.EqualFold(way.Record.Name, w.name) {
				r.target.Name = way.Record.Name
			} else {
				r.target.Name = w.shown
			}
			return r, nil
		}
		last = err
	}
	return resolved{}, last
}

// findPerson finds the one person who is meant. Who is known by an identity is nobody else: not whoever has the name now.
func (p *Phone) findPerson(ctx context.Context, s *setup, w wanted) (idmanager.Person, error) {
	people, err := s.found.Find(ctx, w.name)
	meant := func(one idmanager.Person) bool { return w.identity == nil || one.Identity.Equal(w.identity) }
	if w.linked && !slices.ContainsFunc(people, meant) {
		more, linkErr := p.findByLink(ctx, s, w.link, err)
		people = append(people, more...)
		if len(people) == 0 {
			err = linkErr
		}
	}
	if w.identity != nil {
		if i := slices.IndexFunc(people, meant); i >= 0 {
			return people[i], nil
		}
		// They may have another name now, by which a directory lists them of its own accord.
		if one, ok := p.presence.withIdentity(w.identity); ok {
			return one, nil
		}
	}
	// Who has signed nothing may still be the one who is meant: the call will tell.
	unsigned := slices.DeleteFunc(slices.Clone(people), func(one idmanager.Person) bool { return one.Identity != nil })
	switch {
	case len(people) == 0 && err == nil:
		return idmanager.Person{}, idmanager.ErrUnknownName
	case len(people) == 0:
		return idmanager.Person{}, p.notFound(s, w, err)
	case w.identity != nil && len(unsigned) == 1:
		return unsigned[0], nil
	case w.identity != nil && !w.once:
		return idmanager.Person{}, &mesh.UnresolvedError{Reason: mesh.IdentityChanged, Err: p.otherFound(w, people)}
	case len(people) > 1:
		return idmanager.Person{}, &mesh.UnresolvedError{Reason: mesh.UnknownName, Err: ambiguous(w.name, people)}
	}
	return people[0], nil
}

// otherFound tells that those who are found are not whom we know by that name.
func (p *Phone) otherFound(w wanted, people []idmanager.Person) error {
	e := &identityError{OtherIdentity: OtherIdentity{
		Name: w.shown, Remembered: asIdentity(w.identity), Shown: asIdentity(people[0].Identity), Where: people[0].Ways[0].Where,
	}}
	if known, ok := p.cfg.Profile.PersonOf(w.identity); ok {
		e.Verified = known.Verified
	}
	e.sentence = sentence{fmt.Sprintf(
		"Whoever is %s at %s now does not show the identity that you know, so they were not called. Ask %s in another way whether the device or the profile is a new one. Then take the new identity, or call this once without remembering it.",
		w.name, e.Where, w.shown), errOtherIdentity}
	return e
}

// ambiguous is the sentence about several people of one name.
func ambiguous(name string, people []idmanager.Person) error {
	var where []string
	for _, one := range people {
		where = append(where, one.Ways[0].Where)
	}
	return &sentence{
		fmt.Sprintf("%d people are called %s: at %s. Ask for the link of the one you mean, or choose them from your list.", len(people), name, strings.Join(where, " and at ")),
		&idmanager.AmbiguousError{Name: name, People: people},
	}
}

// notFound adds a sentence where the reason alone does not say enough.
func (p *Phone) notFound(s *setup, w wanted, err error) error {
	where, onlyLAN := "", len(s.listings) > 0
	for _, l := range s.listings {
		onlyLAN = onlyLAN && l.spec.kind == DirectoryLAN
		if l.spec.kind != DirectoryLAN {
			where = and(where, l.ids.Where())
		}
	}
	unknown := errors.Is(err, idmanager.ErrUnknownName)
	switch silent := unasked(err); {
	case unknown && onlyLAN:
		return &sentence{fmt.Sprintf("Nobody by the name %s is on this network now. People elsewhere are found by a service or by their link; choose a service in Settings.", w.name), err}
	case unknown:
		return &sentence{mesh.UnknownName.Sentence(w.name, where), err}
	case silent == nil || errors.Is(err, idmanager.ErrOffline):
		return err
	case errors.Is(silent.Err, idmanager.ErrLogin), errors.Is(silent.Err, idmanager.ErrUntrusted):
		return &sentence{fmt.Sprintf("%s could not be found. %s", w.name, directoryError("", silent.Where, silent.Err)), err}
	default:
		return &sentence{fmt.Sprintf("%s could not be found, because %s does not answer. Check your network and the addresses in Settings.", w.name, silent.Where), err}
	}
}

// and adds one more to those that a sentence names.
func and(some, more string) string {
	if some == "" {
		return more
	}
	return some + " and " + more
}

// unasked is a directory that could not be asked; the one that the user can do something about comes first.
func unasked(err error) *idmanager.DirectoryError {
	var all idmanager.Errors
	if !errors.As(err, &all) {
		return nil
	}
	var silent *idmanager.DirectoryError
	for _, one := range all {
		switch {
		case errors.Is(one.Err, idmanager.ErrLogin), errors.Is(one.Err, idmanager.ErrUntrusted):
			return &one
		case silent == nil && !errors.Is(one.Err, idmanager.ErrUnknownName) && !errors.Is(one.Err, idmanager.ErrOffline):
			silent = &one
		}
	}
	return silent
}

// take makes a target of one way to a person. Where there are others, somebody on this network must answer at once.
func (p *Phone) take(ctx context.Context, s *setup, way idmanager.Way, others bool) (resolved, error) {
	rec := way.Record
	id, err := flashcrypto.ParseFingerprint(rec.PeerID)
	if err != nil {
		return resolved{}, fmt.Errorf("the directory's record of %s is not a peer ID: %w", rec.Name, err)
	}
	r := resolved{
		target: mesh.Target{PeerID: id, Candidates: rec.Addresses},
		found:  profile.Found{Directory: way.Where, Rendezvous: rec.Rendezvous}, release: func() {},
	}
	if len(rec.Addresses) > 0 {
		l := s.lan
		if l == nil {
			l = s.ownLine()
		}
		if l == nil {
			return resolved{}, flash.ErrNotConnected
		}
		r.target.Conn = l.nc
		if others {
			err = answersNearby(ctx, l, id, rec.Addresses)
		}
		return r, err
	}
	l, release, err := p.guests.borrow(ctx, s.service, rec.Rendezvous)
	if err != nil {
		return resolved{}, err
	}
	r.target.Conn, r.release = l.nc, release
	return r, nil
}

// errElsewhere says that somebody is at another service than those who are in the call.
var errElsewhere = errors.New("at another service than the call")

// takeOver makes a target over the connection that the members of a call are on.
func (p *Phone) takeOver(ctx context.Context, s *setup, way idmanager.Way, over *flash.NetConnection) (resolved, error) {
	rec := way.Record
	if len(rec.Addresses) == 0 {
		r, err := p.take(ctx, s, way, false)
		if err == nil && r.target.Conn != over {
			r.release()
			return resolved{}, &sentence{fmt.Sprintf("%s is at another service than this call, so you cannot add them. Give them the call's link instead.", rec.Name), errElsewhere}
		}
		return r, err
	}
	id, err := flashcrypto.ParseFingerprint(rec.PeerID)
	if err != nil {
		return resolved{}, fmt.Errorf("the directory's record of %s is not a peer ID: %w", rec.Name, err)
	}
	return resolved{
		target: mesh.Target{Conn: over, PeerID: id, Candidates: rec.Addresses}, found: profile.Found{Directory: way.Where}, release: func() {},
	}, nil
}

// memberByLink is how whoever has made a link into a conference is reached: first by the peer ID that they have in it, then as the
// directories say, since their program may have been started anew. err is why those did not find them.
func memberByLink(found idmanager.Person, w wanted, err error) (idmanager.Person, error) {
	ways := slices.Clone(found.Ways)
	here := slices.IndexFunc(ways, func(way idmanager.Way) bool { return way.Record.PeerID == w.peerID })
	switch {
	case here >= 0:
		way := ways[here]
		ways = slices.Insert(slices.Delete(ways, here, here+1), 0, way)
	case w.link.Rendezvous != "" && !slices.ContainsFunc(ways, func(way idmanager.Way) bool { return sameService(way.Record.Rendezvous, w.link.Rendezvous) }):
		rec := idmanager.Record{Name: w.name, PeerID: w.peerID, Rendezvous: w.link.Rendezvous, Identity: w.link.Identity}
		ways = append([]idmanager.Way{{Where: "the link", Record: rec}}, ways...)
	case len(ways) == 0:
		return idmanager.Person{}, err
	}
	return idmanager.Person{Name: w.name, Identity: w.link.Identity, Ways: ways}, nil
}

// answersNearby opens the session with somebody on this network, which the call then uses.
func answersNearby(ctx context.Context, l *line, id flash.PeerID, addresses []netip.AddrPort) error {
	ctx, cancel := context.WithTimeout(ctx, nearbyPatience)
	defer cancel()
	_, err := l.nc.OpenPeer(ctx, id, addresses...)
	return err
}
