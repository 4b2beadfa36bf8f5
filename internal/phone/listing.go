package phone

import (
	"context"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"time"

	"sundog.dev/sundog/idmanager"
)

const (
	// refreshEvery is the old protocol's rate; a directory drops names after an hour.
	refreshEvery = 30 * time.Minute
	// unregisterTimeout bounds how long leaving may take.
	unregisterTimeout = time.Second
	// registerTimeout is how long a directory may take to list us. Signing in by XMPP takes a dozen round trips.
	registerTimeout = 10 * time.Second
)

// listing keeps our name in one directory, with the line by which whoever finds us there reaches us. Its goroutine, run, ends
// with close.
type listing struct {
	phone   *Phone
	log     *slog.Logger
	spec    directorySpec
	ids     idmanager.IdManager
	service *service // that introduces us; nil: the line of the local network needs none
	line    *line

	renewed chan struct{} // a value: the name or the record is another
	hurry   chan struct{} // a value: somebody waits, so try at once
	cancel  context.CancelFunc
	done    chan struct{}

	registered idmanager.Record // what the directory has; no name: nothing. run's own, and close's behind it

	// Under the phone's mu.
	state    WayState
	sentence string // of WayFailed
}

// breaker is a directory that keeps a stream open, and says so when that breaks: the service beside it is likely to be
// gone too.
type breaker interface{ Broken() <-chan struct{} }

// rendezvoused is a directory that knows the introduction services beside it.
type rendezvoused interface{ Rendezvous() []string }

func (p *Phone) newListing(spec directorySpec, s *service, lan *line) (*listing, error) {
	ids, err := p.openDirectory(spec)
	if err != nil {
		return nil, err
	}
	l := &listing{
		phone: p, log: p.log.With("directory", ids.Where()), spec: spec, ids: ids, service: s,
		renewed: make(chan struct{}, 1), hurry: make(chan struct{}, 1), done: make(chan struct{}), state: WayOpening,
	}
	switch {
	case spec.kind == DirectoryLAN:
		l.service, l.line = nil, lan
	case s != nil:
		l.line = s.line
	}
	return l, nil
}

// instances are those of our service, if the directory is that service's: another one's has others.
func (l *listing) instances() []string {
	r, ok := l.ids.(rendezvoused)
	if !ok {
		return nil
	}
	list := r.Rendezvous()
	if l.spec.address == ownDirectory(l.service.server) || slices.ContainsFunc(list, l.service.serves) {
		return list
	}
	return nil
}

func (l *listing) start() {
	ctx, cancel := context.WithCancel(l.phone.ctx)
	l.cancel = cancel
	go l.run(ctx)
}

// stop ends run and withdraws the name.
func (l *listing) stop() {
	l.cancel()
	<-l.done
	l.withdraw(context.Background())
}

// close closes the directory, for one that nobody else does.
func (l *listing) close() {
	if c, ok := l.ids.(io.Closer); ok {
		if err := c.Close(); err != nil {
			l.log.Info("closing the directory", "error", err)
		}
	}
}

// record is what we want the directory to say of us; no name: nothing.
func (l *listing) record() idmanager.Record {
	l.phone.mu.Lock()
	defer l.phone.mu.Unlock()
	if l.phone.name == "" || l.line == nil {
		return idmanager.Record{}
	}
	r := idmanager.Record{Name: l.phone.name, PeerID: l.line.peerID()}
	if l.service != nil {
		r.Rendezvous = published(l.service.instance)
	}
	switch l.spec.kind {
	case DirectoryLAN:
		r.Addresses = []netip.AddrPort{l.line.addr}
	case DirectoryXMPP:
		r.Name = l.spec.address // there nobody has another name than the account's
	case DirectoryHTTP:
	}
	return r
}

func (l *listing) setState(state WayState, sentence string) {
	l.phone.changeStatus(func() { l.state, l.sentence = state, sentence })
}

// run registers, refreshes, and begins again when the directory is lost.
func (l *listing) run(ctx context.Context) {
	defer close(l.done)
	broken := (<-chan struct{})(nil)
	if b, ok := l.ids.(breaker); ok {
		broken = b.Broken()
	}
	pause := l.phone.cfg.firstRetry
	quickUntil := time.Time{}
	for {
		if l.service != nil && l.service.awaitConnected(ctx) != nil {
			return // ctx has ended, or the service was closed, and we are about to be
		}
		err := l.register(ctx)
		if err == nil {
			pause = l.phone.cfg.firstRetry
			l.setState(l.listed(), "")
			if err = l.stay(ctx, broken); err != nil {
				quickUntil = time.Now().Add(quickFor)
			}
		}
		if ctx.Err() != nil {
			return
		}
		l.log.Warn("directory", "error", err)
		l.setState(WayFailed, err.Error()+" Trying again.")
		select {
		case <-ctx.Done():
			return
		case <-l.hurry:
		case <-l.renewed:
		case <-time.After(pause):
		}
		most := lastRetry
		if time.Now().Before(quickUntil) {
			most = quickRetry
		}
		pause = max(l.phone.cfg.firstRetry, min(2*pause, most))
	}
}

// listed is the state without trouble.
func (l *listing) listed() WayState {
	if l.registered.Name == "" {
		return WaySearch
	}
	return WayOpen
}

// register sees to it that the directory has our present record, and no former name.
func (l *listing) register(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, registerTimeout)
	defer cancel()
	want := l.record()
	if !strings.EqualFold(l.registered.Name, want.Name) {
		l.withdraw(ctx)
	}
	if want.Name == "" {
		return nil
	}
	if err := l.ids.Register(ctx, want); err != nil {
		return directoryError(l.spec.kind, l.ids.Where(), err)
	}
	l.registered = want
	return nil
}

// stay returns when the record could not be registered anew or refreshed.
func (l *listing) stay(ctx context.Context, broken <-chan struct{}) error {
	var due <-chan time.Time
	if l.spec.kind == DirectoryHTTP { // in the others nothing expires while we are there
		refresh := time.NewTicker(refreshEvery)
		defer refresh.Stop()
		due = refresh.C
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-l.hurry: // it is there already
		case <-l.renewed:
			if want := l.record(); want.Equal(l.registered) {
				continue
			}
			if err := l.register(ctx); err != nil {
				return err
			}
			l.setState(l.listed(), "")
		case <-broken:
			l.log.Info("the stream of presence broke")
			l.service.doubt()
			if err := l.refresh(ctx); err != nil {
				return err
			}
		case <-due:
			if err := l.refresh(ctx); err != nil {
				return err
			}
		}
	}
}

func (l *listing) refresh(ctx context.Context) error {
	if l.registered.Name == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, registerTimeout)
	defer cancel()
	if err := l.ids.Refresh(ctx); err != nil {
		return directoryError(l.spec.kind, l.ids.Where(), err)
	}
	return nil
}

// withdraw withdraws the name that the directory has, if any, and if nobody else, such as our own next start, has
// taken it meanwhile: a directory that believes whoever writes last would strike them off.
func (l *listing) withdraw(ctx context.Context) {
	if l.registered.Name == "" {
		return
	}
	former := l.registered
	l.registered = idmanager.Record{}
	ctx, cancel := context.WithTimeout(ctx, unregisterTimeout)
	defer cancel()
	if l.spec.kind == DirectoryHTTP {
		if rec, err := l.ids.LookUp(ctx, former.Name); err == nil && rec.PeerID != former.PeerID {
			return
		}
	}
	if err := l.ids.Unregister(ctx); err != nil {
		l.log.Info("name not withdrawn", "error", err)
	}
}
