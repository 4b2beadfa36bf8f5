package phone

import (
	"context"
	"errors"
	"net/netip"
	"sync"

	"sundog.dev/sundog/idmanager"
)

// setup is how the phone reaches others at present: a service or none, the line of the local network or none, and the
// directories. What is in it does not change: another setup takes its place.
type setup struct {
	server, directories string // as the user gave them
	passwords           string // of the accounts among the directories, for telling whether they are others
	service             *service
	lan                 *line
	lanBind             netip.AddrPort // what lan was asked to be bound to
	listings            []*listing
	found               *idmanager.Directories // the listings' directories, merged
}

// ownLine is the line that stands for the phone: the service's, else that of the local network. s may be nil.
func (s *setup) ownLine() *line {
	switch {
	case s == nil:
		return nil
	case s.service != nil:
		return s.service.line
	}
	return s.lan
}

// where names the service for sentences.
func (s *setup) where() string {
	if s.service == nil {
		return ""
	}
	return s.service.where
}

// leave withdraws our name everywhere and closes the directories. Lines stay.
func (s *setup) leave() {
	var leaving sync.WaitGroup
	for _, l := range s.listings {
		leaving.Go(l.stop)
	}
	leaving.Wait()
	if s.found != nil {
		if err := s.found.Close(); err != nil && len(s.listings) > 0 {
			s.listings[0].log.Info("closing the directories", "error", err)
		}
	}
}

// SetService sets the user's name, the service and the directories (see CheckService). Another service takes the place of the
// present one: calls over that one end. Where only the name or the directories are others, calls go on. An empty server means no
// service, an empty name that nobody can call.
func (p *Phone) SetService(name, server, directories string) error {
	if name != "" {
		if err := CheckName(name); err != nil {
			return err
		}
	}
	where, err := CheckService(server, directories)
	if err != nil {
		return err
	}
	p.setting.Lock()
	defer p.setting.Unlock()
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return errClosed
	}
	renamed := p.name != name
	p.name = name
	p.own.Store(&name)
	old := p.setup
	p.mu.Unlock()
	if old.found != nil && old.server == server && old.directories == directories && old.passwords == p.passwords(directories, server) {
		if renamed {
			p.renewListings()
		}
		return nil
	}
	if where == "" {
		where = old.where()
	}
	p.changeStatus(func() { p.setup, p.changing = &setup{}, where })
	next, err := p.replace(old, server, directories)
	p.changeStatus(func() { p.setup, p.changing = next, "" })
	if err != nil {
		return err
	}
	for _, l := range next.listings {
		l.start()
	}
	p.presence.follow(next.found)
	return nil
}

// replace closes what is no more wanted of old and makes the rest. With an error, nothing is left.
func (p *Phone) replace(old *setup, server, directories string) (*setup, error) {
	p.presence.follow(nil)
	old.leave()
	next := &setup{server: server, directories: directories, passwords: p.passwords(directories, server)}
	specs, err := parseDirectories(directories, server)
	if err != nil {
		return &setup{}, err
	}
	bind := p.cfg.Bind
	if old.server == server {
		next.service = old.service
	} else if old.service != nil {
		old.service.close() // first, since the next one may be bound to the same local address
	}
	wantLAN := false
	for _, s := range specs {
		wantLAN = wantLAN || s.kind == DirectoryLAN
	}
	if server != "" && bind.IsValid() {
		bind = netip.AddrPortFrom(bind.Addr(), 0) // the port is the service's line's
	}
	switch {
	case old.lan != nil && wantLAN && old.lanBind == bind:
		next.lan, next.lanBind = old.lan, bind
	case old.lan != nil:
		old.lan.close(p.log)
	}
	fail := func(err error) (*setup, error) {
		p.closeLines(next)
		for _, l := range next.listings {
			l.close()
		}
		return &setup{}, err
	}
	if server != "" && next.service == nil {
		if next.service, err = p.newService(server, p.cfg.Bind); err != nil {
			return fail(err)
		}
		next.service.start()
	}
	if wantLAN && next.lan == nil {
		if next.lan, err = p.newLine(bind); err != nil {
			return fail(err)
		}
		next.lanBind = bind
		next.lan.attach(nil)
	}
	var merged []idmanager.Directory
	for _, spec := range specs {
		l, err := p.newListing(spec, next.service, next.lan)
		if err != nil {
			return fail(err)
		}
		next.listings = append(next.listings, l)
		merged = append(merged, idmanager.Directory{IdManager: l.ids, Preferred: spec.kind != DirectoryLAN})
	}
	next.found = idmanager.NewDirectories(merged...)
	return next, nil
}

// closeLines ends the calls over a setup's lines and waits.
func (p *Phone) closeLines(s *setup) {
	if s.service != nil {
		s.service.close()
	}
	if s.lan != nil {
		s.lan.close(p.log)
	}
}

// renewListings has our record in all directories looked at anew.
func (p *Phone) renewListings() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.setup.listings {
		poke(l.renewed)
	}
}

// TryService connects to a service and asks the directories, without keeping either, to tell whether the addresses are right.
// Its errors are sentences.
func (p *Phone) TryService(ctx context.Context, server, directories string) error {
	specs, err := parseDirectories(directories, server)
	if err != nil {
		return err
	}
	s, err := p.newService(server, netip.AddrPortFrom(p.cfg.Bind.Addr(), 0)) // our port may be in use: by ourselves
	if err != nil {
		return err
	}
	defer s.close()
	ctx, cancel := context.WithTimeout(ctx, serviceTimeout)
	defer cancel()
	if err := s.connect(ctx, server); err != nil {
		return err
	}
	for _, spec := range specs {
		if spec.kind == DirectoryLAN {
			continue // there is nothing that could be wrong with it
		}
		if err := p.tryDirectory(ctx, spec); err != nil {
			return err
		}
	}
	return nil
}

// TryAccount signs in to an XMPP account (see parseDirectories), without keeping it, to tell whether it and the password are right. The
// error is a sentence.
func (p *Phone) TryAccount(ctx context.Context, account, password string) error {
	spec, err := parseDirectory("xmpp:"+account, "")
	if err != nil {
		return err
	}
	spec.password = password
	ctx, cancel := context.WithTimeout(ctx, serviceTimeout)
	defer cancel()
	return p.tryDirectory(ctx, spec)
}

// tryDirectory asks a directory for ourselves.
func (p *Phone) tryDirectory(ctx context.Context, spec directorySpec) error {
	l, err := p.newListing(spec, nil, nil)
	if err != nil {
		return err
	}
	defer l.close()
	_, err = l.ids.LookUp(ctx, p.callerName())
	if err != nil && !errors.Is(err, idmanager.ErrUnknownName) && !errors.Is(err, idmanager.ErrOffline) {
		return directoryError(spec.kind, l.ids.Where(), err)
	}
	return nil
}
