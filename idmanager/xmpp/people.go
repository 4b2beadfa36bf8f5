package xmpp

import (
	"slices"
	"strings"
	"time"

	"sundog.dev/sundog/idmanager"
)

// contact is somebody in the roster, or the account itself.
type contact struct {
	jid          string // bare
	name         string // given by the user
	subscription string // none, to, from or both (RFC 6121 §2.1.2.5)
	asked        bool   // the roster says that we have asked to see their presence
	wanted       bool   // AddContact has asked

	sundog map[string]bool // resources by name; true: it shows our capabilities
	stale  map[string]bool // the same before the last sign-in, while the contact may not have shown up since
	newest *idmanager.Registration
	times  map[string]time.Time // by identity, of the newest
	told   idmanager.Record     // what watches have been told last
	came   time.Time            // when the last of their clients came whose record has not been pushed since; zero: none
}

// seen reports whether their presence is for us to see.
func (p *contact) seen() bool { return p.subscription == "to" || p.subscription == "both" }

// there reports whether a client of theirs is there.
func (p *contact) there() bool {
	for _, resources := range []map[string]bool{p.sundog, p.stale} {
		for _, shows := range resources {
			if shows {
				return true
			}
		}
	}
	return false
}

// record is what they can be called by; without peer ID: they are not there.
func (p *contact) record() idmanager.Record {
	if p.newest == nil || p.newest.PeerID == "" || !p.there() {
		return idmanager.Record{Name: p.jid}
	}
	return p.newest.Record()
}

// accept takes a valid registration unless it is older than one of the same identity: somebody repeats what was true once.
func (p *contact) accept(r idmanager.Registration) bool {
	id := string(r.Identity)
	last, known := p.times[id]
	if known && r.Time.Before(last) {
		return false
	}
	if p.times == nil || !known && len(p.times) >= maxIdentities {
		p.times = make(map[string]time.Time)
	}
	p.times[id] = r.Time
	p.newest = &r
	return true
}

// people are the contacts and who watches them; Client.mu guards it.
type people struct {
	self     *contact
	contacts map[string]*contact
	watches  map[*watch]struct{}
	// wishes are those who want to see our presence and are no contacts of ours.
	wishes map[string]struct{}
}

func (p *people) init(self string) {
	p.self = &contact{jid: self, subscription: "both"}
	p.contacts = make(map[string]*contact)
	p.watches = make(map[*watch]struct{})
	p.wishes = make(map[string]struct{})
}

// get is the contact, or the account itself, or nil.
func (p *people) get(jid string) *contact {
	if jid == p.self.jid {
		return p.self
	}
	return p.contacts[jid]
}

// find is the contact whom a user means: by JID, or else by the name in the roster, or else by the local part, if
// only one has it. The JID is empty when there is none.
func (p *people) find(name, domain string) (jid string, known *contact) {
	if strings.Contains(name, "@") {
		j, err := ParseJID(name)
		if err != nil || j.Local == "" {
			return "", nil
		}
		jid = j.Bare().String()
		return jid, p.get(jid)
	}
	var named, local []*contact
	for _, c := range p.contacts {
		if strings.EqualFold(c.name, name) {
			named = append(named, c)
		}
		if l, _, _ := strings.Cut(c.jid, "@"); strings.EqualFold(l, name) {
			local = append(local, c)
		}
	}
	for _, found := range [][]*contact{named, local} {
		if len(found) == 1 {
			return found[0].jid, found[0]
		}
		if i := slices.IndexFunc(found, func(c *contact) bool { return strings.HasSuffix(c.jid, "@"+domain) }); len(found) > 1 && i >= 0 &&
			!slices.ContainsFunc(found[i+1:], func(c *contact) bool { return strings.HasSuffix(c.jid, "@"+domain) }) {
			return found[i].jid, found[i] // one of several is on our server
		}
	}
	return "", nil
}

// signedIn begins anew to learn who is there. Those who were there count so until settled.
func (p *people) signedIn() {
	for _, c := range p.all() {
		c.stale, c.sundog = c.sundog, nil
	}
}

// settled forgets who was there before the sign-in and has not shown up since.
func (p *people) settled() {
	for _, c := range p.all() {
		c.stale = nil
		p.tell(c)
	}
}

func (p *people) all() []*contact {
	all := []*contact{p.self}
	for _, c := range p.contacts {
		all = append(all, c)
	}
	return all
}

// tell tells the watches what has changed.
func (p *people) tell(c *contact) {
	r := c.record()
	if c == p.self || r.Equal(c.told) || r.PeerID == "" && c.told.PeerID == "" {
		return
	}
	c.told = r
	for w := range p.watches {
		w.put(r)
	}
}

// drop forgets a contact.
func (p *people) drop(c *contact) {
	c.newest = nil
	p.tell(c)
	delete(p.contacts, c.jid)
}
