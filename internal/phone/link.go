package phone

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sundog.dev/sundog/idmanager"
)

// isLink reports whether a text is meant as a link.
func isLink(text string) bool {
	scheme, _, ok := strings.Cut(strings.TrimLeft(text, " \t\r\n<\"'"), ":")
	return ok && strings.EqualFold(scheme, idmanager.LinkScheme)
}

// linkError makes a sentence of what is wrong with a link.
func linkError(err error) error {
	var bad *idmanager.LinkError
	if errors.As(err, &bad) {
		return &sentence{fmt.Sprintf("this link %s; ask for it again", bad.Reason), err}
	}
	return err
}

// CheckCallee says what is wrong with whom the user wants to call: a name or a link.
func CheckCallee(nameOrLink string) error {
	if !isLink(nameOrLink) {
		return CheckName(strings.TrimSpace(nameOrLink))
	}
	_, err := idmanager.ParseLink(nameOrLink)
	return linkError(err)
}

// Link is our own link, by which others can call us: the name, the identity, and the service with its directory, or nothing but the
// identity where we are only to be found on this network. "" without a name.
func (p *Phone) Link() string {
	p.mu.Lock()
	l := p.ownLink()
	p.mu.Unlock()
	if l.Name == "" {
		return ""
	}
	if err := l.Valid(); err != nil {
		p.log.Warn("no link can be made", "error", err)
		return ""
	}
	return l.String()
}

// ownLink is Link with p.mu held.
func (p *Phone) ownLink() idmanager.Link {
	l := idmanager.Link{Name: p.name, Identity: p.cfg.Profile.PublicIdentity()}
	if s := p.setup.service; s != nil {
		l.Rendezvous = published(s.server)
	}
	for _, listing := range p.setup.listings {
		if listing.service == nil || l.Directory != "" {
			continue
		}
		switch listing.spec.kind {
		case DirectoryHTTP:
			l.Directory = listing.spec.address
		case DirectoryXMPP:
			l.Directory = "xmpp:" + listing.spec.address
		case DirectoryLAN:
		}
	}
	return l
}

// findByLink finds whom a link names where the link says, if that is none of our own directories; before is why those did not
// find them.
func (p *Phone) findByLink(ctx context.Context, s *setup, link idmanager.Link, before error) ([]idmanager.Person, error) {
	address := link.Directory
	if address == "" && link.Rendezvous != "" {
		address = ownDirectory(link.Rendezvous)
	}
	var people []idmanager.Person
	var err error
	switch account, isXMPP := strings.CutPrefix(address, "xmpp:"); {
	case isXMPP: // an account of ours may see that one
		if people, err = s.found.Find(ctx, account); err == nil {
			return people, nil
		}
	case strings.HasPrefix(address, "http") && !slices.ContainsFunc(s.listings, func(l *listing) bool { return l.spec.address == address }):
		if people, err = p.askDirectory(ctx, address, link); err == nil {
			return people, nil
		}
		before = err
	}
	if link.PeerID == "" || link.Rendezvous == "" {
		return nil, before
	}
	rec := idmanager.Record{Name: link.Name, PeerID: link.PeerID, Rendezvous: link.Rendezvous, Identity: link.Identity}
	return []idmanager.Person{{Name: link.Name, Identity: link.Identity, Ways: []idmanager.Way{{Where: "the link", Record: rec}}}}, nil
}

// askDirectory looks somebody up in a directory that is none of ours, over HTTP.
func (p *Phone) askDirectory(ctx context.Context, address string, link idmanager.Link) ([]idmanager.Person, error) {
	l, err := p.newListing(directorySpec{kind: DirectoryHTTP, address: address}, nil, nil)
	if err != nil {
		return nil, err
	}
	defer l.close()
	rec, err := l.ids.LookUp(ctx, link.Name)
	if err != nil {
		return nil, err
	}
	if rec.Rendezvous == "" {
		rec.Rendezvous = link.Rendezvous
	}
	return []idmanager.Person{{Name: rec.Name, Identity: rec.Identity, Ways: []idmanager.Way{{Where: l.ids.Where(), Record: rec}}}}, nil
}
