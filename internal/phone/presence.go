package phone

import (
	"context"
	"crypto/ed25519"
	"slices"
	"strings"
	"sync"
	"time"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/rtmfp/flash"
)

const (
	// maxWatched bounds the names that directories are asked to watch, those called last before the others: a directory over
	// HTTP takes no more.
	maxWatched = 200
	// maxPresent bounds the people who are taken to be there, against a network full of made-up ones.
	maxPresent = 2000
)

// presence is who is there now, as the directories tell. Its goroutine, which follows the present setup's directories, ends with
// follow(nil).
type presence struct {
	phone *Phone
	again chan struct{} // a value: there are other contacts to watch

	following sync.Mutex // held by follow
	cancel    context.CancelFunc
	done      chan struct{}

	mu     sync.Mutex
	people map[string]idmanager.Person
}

func newPresence(p *Phone) *presence {
	return &presence{phone: p, again: make(chan struct{}, 1), people: map[string]idmanager.Person{}}
}

// follow watches these directories, and no more those of before; nil: none.
func (r *presence) follow(found *idmanager.Directories) {
	r.following.Lock()
	defer r.following.Unlock()
	if r.cancel != nil {
		r.cancel()
		<-r.done
		r.cancel = nil
	}
	r.mu.Lock()
	r.people = map[string]idmanager.Person{}
	r.mu.Unlock()
	if found == nil {
		return
	}
	ctx, cancel := context.WithCancel(r.phone.ctx)
	r.cancel, r.done = cancel, make(chan struct{})
	go r.run(ctx, found, r.done)
}

// run watches the contacts, and begins anew when there are others.
func (r *presence) run(ctx context.Context, found *idmanager.Directories, done chan<- struct{}) {
	defer close(done)
	var names []string
	for ctx.Err() == nil {
		watching, cancel := context.WithCancel(ctx)
		names = r.names()
		events, err := found.WatchPeople(watching, names)
		if err != nil {
			r.phone.log.Warn("presence", "error", err)
		}
		for again := false; !again; {
			select {
			case <-ctx.Done():
				again = true
			case <-r.again:
				again = !slices.Equal(names, r.names())
			case one, ok := <-events:
				if !ok {
					events = nil
					continue
				}
				r.take(one)
			}
		}
		cancel()
		if events != nil {
			for range events { // it is closed, since its context has ended
			}
		}
	}
}

// names are those to watch.
func (r *presence) names() []string {
	var names []string
	for _, c := range r.phone.cfg.Profile.Contacts() {
		if !c.Blocked && len(names) < maxWatched {
			names = append(names, c.Registered)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// rewatch is called when the list of contacts may be another.
func (r *presence) rewatch() { poke(r.again) }

func presenceKey(one idmanager.Person) string {
	if one.Identity != nil {
		return "key " + string(one.Identity)
	}
	return "name " + strings.ToLower(one.Name)
}

// take notes that somebody has come, gone or changed.
func (r *presence) take(one idmanager.Person) {
	key := presenceKey(one)
	r.mu.Lock()
	_, was := r.people[key]
	is := len(one.Ways) > 0
	switch {
	case is && (was || len(r.people) < maxPresent):
		r.people[key] = one
	case !is:
		delete(r.people, key)
	}
	r.mu.Unlock()
	if was != is {
		r.phone.seen(one)
	} else if is {
		r.phone.renamed(one)
	}
	r.phone.notify()
}

// snapshot is who is there now.
func (r *presence) snapshot() []idmanager.Person {
	r.mu.Lock()
	defer r.mu.Unlock()
	people := make([]idmanager.Person, 0, len(r.people))
	for _, one := range r.people {
		people = append(people, one)
	}
	return people
}

// withIdentity finds who is there by the identity.
func (r *presence) withIdentity(identity ed25519.PublicKey) (idmanager.Person, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one, ok := r.people["key "+string(identity)]
	return one, ok
}

// claim is somebody who has signed a peer ID to be theirs.
type claim struct {
	name     string // in the directory
	identity ed25519.PublicKey
	where    string // the directory
	owned    bool   // names belong to somebody there: not on a network without a server
}

// claims are those who have signed a peer ID to be theirs. That is a proof of who has the peer ID for the one who does have it, and
// for nobody else: anybody can sign anything.
func (r *presence) claims(id flash.PeerID) (all []claim) {
	peer := id.String()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range r.people {
		for _, w := range one.Ways {
			if w.Record.PeerID == peer && w.Record.Identity != nil {
				all = append(all, claim{name: w.Record.Name, identity: w.Record.Identity, where: w.Where, owned: len(w.Record.Addresses) == 0})
				break
			}
		}
	}
	return all
}

// seen notes on the list that somebody has come or gone.
func (p *Phone) seen(one idmanager.Person) {
	known, ok := p.knownAs(one)
	if !ok {
		return
	}
	if err := p.cfg.Profile.Seen(known, time.Now()); err != nil {
		p.log.Info("the time was not noted", "error", err)
	}
	p.identified(known, one)
	p.renamed(one)
}

// identified notes the identity of a contact who was added by name, once a directory where names belong to somebody shows it; not
// while another one shows another.
func (p *Phone) identified(shown string, one idmanager.Person) {
	known, ok := p.cfg.Profile.Person(shown)
	if !ok || !known.Contact || known.Identity != nil || one.Identity == nil {
		return
	}
	for _, other := range p.presence.snapshot() {
		if strings.EqualFold(other.Name, one.Name) && !one.Identity.Equal(other.Identity) {
			return
		}
	}
	if !slices.ContainsFunc(one.Ways, ownsNames) {
		return
	}
	if err := p.remember(shown, one); err != nil {
		p.log.Info("the identity was not noted", "error", err)
	}
}

// ownsNames reports whether a directory gives a name to one person only, as those on this network do not.
func ownsNames(w idmanager.Way) bool { return len(w.Record.Addresses) == 0 }

// renamed notes on the list under which name a contact is found now. For one who is known from a service, a name on this network
// does not count: by that name nobody would find them there, and here the identity is enough.
func (p *Phone) renamed(one idmanager.Person) {
	known, ok := p.cfg.Profile.PersonOf(one.Identity)
	if !ok || len(one.Ways) == 0 || strings.EqualFold(known.Registered, one.Name) {
		return
	}
	if known.Rendezvous != "" && !slices.ContainsFunc(one.Ways, ownsNames) {
		return
	}
	if err := p.remember(known.Name, one); err != nil {
		p.log.Info("the other name was not noted", "error", err)
	}
	p.presence.rewatch()
}

// knownAs is the name on the list of somebody in a directory: by the identity, or by the name where either has no identity.
func (p *Phone) knownAs(one idmanager.Person) (shown string, ok bool) {
	if known, ok := p.cfg.Profile.PersonOf(one.Identity); ok {
		return known.Name, true
	}
	known, ok := p.cfg.Profile.Person(one.Name)
	if !ok || known.Identity != nil {
		return "", false
	}
	return known.Name, true
}
