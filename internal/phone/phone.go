package phone

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/internal/eventfile"
	"sundog.dev/sundog/internal/profile"
	"sundog.dev/sundog/mesh"
)

// maxName bounds a name, in characters: as long as any that a directory takes.
const maxName = 64

// Config is what a phone needs.
type Config struct {
	// Profile is the phone's from New on: Close closes it. nil: one in memory.
	Profile *profile.Store
	// Name is the name to register; empty: nobody can call us, and we call as "Somebody".
	Name string
	// Server is rtmfp://host:port[/key]; empty: no service.
	Server string
	// Directory are the directories: http(s)://…, xmpp:user@host, lan, or service for the one on the server's host, several with
	// commas between them. Empty: the service's or, without a server, lan.
	Directory string
	// Password is that of the XMPP account; empty: as saved in the profile.
	Password string
	// Bind is the local UDP address; the zero value lets the system choose.
	Bind netip.AddrPort
	// Sources are the devices and files for sound and picture.
	Sources Sources
	// Echo sends back what comes instead of using the sources.
	Echo bool
	// Accept says who may ring.
	Accept Accept
	// OldClients lets the phone talk to programs that cannot prove an identity.
	OldClients bool
	// VerifyOff: the short string is agreed on only when the user asks for it, and not in each call by itself.
	VerifyOff bool
	// Ring lets the loudspeaker ring for calls that come in, and while it rings at the other side.
	Ring bool
	// MaxPeers bounds peer connections; 0: the default of flash.
	MaxPeers int
	Log      *slog.Logger

	firstRetry time.Duration // the first pause between tries of a service or directory; 0: firstRetry
}

// Phone is one running phone. Its goroutines end with Close.
type Phone struct {
	cfg   Config
	log   *slog.Logger
	agent *mesh.Agent
	media *mediaRoom
	// events is the event log of all endpoints.
	events eventfile.File
	// ringer is nil for a phone that does not ring.
	ringer *ringer

	incoming chan *Call
	changed  chan struct{}

	presence  *presence
	strangers *strangers
	guests    *guests
	calling   callings

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	// setting is held while the service is changed, which may take seconds, and by Close. Taken before mu.
	setting sync.Mutex

	own atomic.Pointer[string] // name; for the agent, which asks with its own lock held

	mu            sync.Mutex
	closed        bool
	name          string
	setup         *setup // empty while it is being changed, too
	changing      string // the host of the service that is being set; "": none is
	status        ServiceStatus
	statusChanged chan struct{} // closed at the next change of status
	test          *testLine
}

// New starts a phone. With a service set it connects and registers in the
// background; Service tells how that goes.
func New(cfg Config) (*Phone, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.firstRetry == 0 {
		cfg.firstRetry = firstRetry
	}
	if cfg.Profile == nil {
		cfg.Profile = profile.InMemory()
	}
	events, err := eventfile.Open()
	if err != nil {
		return nil, errors.Join(err, cfg.Profile.Close())
	}
	p := &Phone{
		cfg:           cfg,
		events:        events,
		log:           cfg.Log,
		media:         newMediaRoom(cfg.Sources, cfg.Log),
		incoming:      make(chan *Call, 4),
		changed:       make(chan struct{}, 1),
		statusChanged: make(chan struct{}),
		setup:         &setup{},
	}
	p.presence, p.strangers = newPresence(p), newStrangers(p)
	p.guests = &guests{phone: p, idle: guestIdle}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	if cfg.Ring {
		p.ringer = newRinger(p.media)
	}
	var room mesh.Media = p.media
	if cfg.Echo {
		room = echoMedia{}
	}
	p.agent = mesh.NewAgent(mesh.Config{
		Name:     p.callerName,
		Policy:   policy{phone: p},
		Identity: cfg.Profile.Identity(),
		Compare:  !cfg.VerifyOff,
		Media:    room,
		Log:      cfg.Log,
	})
	if err := p.SetService(cfg.Name, cfg.Server, cfg.Directory); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	p.wg.Go(p.takeCalls)
	p.wg.Go(func() { p.strangers.run(p.ctx) })
	return p, nil
}

// CheckName says what is wrong with a user's name.
func CheckName(name string) error {
	switch {
	case strings.TrimSpace(name) != name || name == "":
		return errors.New("a name has at least one character and no space at its ends")
	case utf8.RuneCountInString(name) > maxName:
		return fmt.Errorf("a name has at most %d characters", maxName)
	case !idmanager.ValidName(name):
		return errors.New("a name is plain text on one line")
	}
	return nil
}

// callerName is what we call ourselves. The agent asks for it with its own lock held.
func (p *Phone) callerName() string {
	if name := p.ownName(); name != "" {
		return name
	}
	return "Somebody"
}

// ownName is the user's name, "" for none.
func (p *Phone) ownName() string {
	if name := p.own.Load(); name != nil {
		return *name
	}
	return ""
}

// Profile is the profile that the phone was started with.
func (p *Phone) Profile() *profile.Store { return p.cfg.Profile }

// Changed gets a value (capacity one, coalesced) when Service or the profile's people have changed.
func (p *Phone) Changed() <-chan struct{} { return p.changed }

func (p *Phone) notify() {
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// Incoming delivers calls that ring.
func (p *Phone) Incoming() <-chan *Call { return p.incoming }

func (p *Phone) takeCalls() {
	for {
		c, err := p.agent.NextIncoming(p.ctx)
		if err != nil {
			return
		}
		call := p.newCall(c, p.where())
		call.meetCaller()
		p.follow(call)
		select {
		case p.incoming <- call:
		default: // nobody takes calls: the ring must not go on unseen
			p.log.Warn("call refused: too many are waiting", "name", c.Name())
			c.HangUp()
			p.wg.Go(call.drain)
		}
	}
}

// Call calls somebody by name or by link. The error is a sentence; what goes wrong later is the call's reason.
func (p *Phone) Call(nameOrLink string) (*Call, error) {
	w, err := p.want(nameOrLink)
	if err != nil {
		return nil, err
	}
	return p.dial(w)
}

// CallOnce calls somebody who shows another identity than the remembered one (Call.OtherIdentity), for this once: nothing is
// remembered of the call, nor of the identity. The zero one stands for somebody who cannot prove any. The error is a sentence.
func (p *Phone) CallOnce(nameOrLink string, identity Identity) (*Call, error) {
	w, err := p.want(nameOrLink)
	if err != nil {
		return nil, err
	}
	w.once, w.identity = true, nil
	if identity != (Identity{}) {
		w.identity = identity[:]
	}
	return p.dial(w)
}

func (p *Phone) dial(w wanted) (*Call, error) {
	p.mu.Lock()
	s, changing := p.setup, p.changing
	p.mu.Unlock()
	switch {
	case changing != "":
		return nil, errors.New("the service is being changed; call again in a moment")
	case s.found == nil:
		return nil, errClosed
	}
	reached := &reach{wanted: w}
	p.calling.add(reached)
	c, err := p.agent.Dial(w.shown, func(ctx context.Context) (mesh.Target, error) {
		r, err := p.resolve(ctx, s, w)
		reached.set(r, err)
		return r.target, err
	})
	if err != nil {
		p.calling.remove(reached)
		return nil, dialError(err)
	}
	call := p.newCall(c, s.where())
	call.reach = reached
	p.follow(call)
	return call, nil
}

// follow lets go of what a call needed, once it is over. Close does so anyway.
func (p *Phone) follow(c *Call) {
	c.reach.begin(c.call)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.wg.Go(func() {
		<-c.call.Done()
		p.calling.remove(c.reach)
		c.reach.letGo()
	})
}

// ErrOwnName is the error of calling oneself.
var ErrOwnName = errors.New("that is your own name")

// errClosed is the error of a phone that is closed.
var errClosed = errors.New("the phone is closed")

func dialError(err error) error {
	switch {
	case errors.Is(err, mesh.ErrBusy):
		return errors.New("another call is going on; hang up first")
	case errors.Is(err, mesh.ErrClosed):
		return errClosed
	}
	return err
}

func (p *Phone) where() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.setup.where()
}

// SetSources chooses other devices; a call that is going on takes them up at once.
func (p *Phone) SetSources(s Sources) { p.media.setSources(s) }

// Close hangs up, unregisters, and waits for everything.
func (p *Phone) Close() error {
	p.setting.Lock()
	defer p.setting.Unlock()
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	err := p.agent.Close()
	p.cancel()
	if p.ringer != nil {
		p.ringer.close()
	}
	p.mu.Lock()
	s, t := p.setup, p.test
	p.setup, p.test = &setup{}, nil
	p.mu.Unlock()
	p.presence.follow(nil)
	s.leave()
	p.closeLines(s)
	p.guests.close()
	if t != nil {
		err = errors.Join(err, t.close())
	}
	p.wg.Wait()
	return errors.Join(err, p.events.Close(), p.cfg.Profile.Close())
}

// record notes a call that ended in the list of people.
func (p *Phone) record(c *Call, st mesh.Status, began time.Time) {
	if c.test || c.reach.wanted.once {
		return
	}
	if st.Reason == mesh.UnknownName && !p.cfg.Profile.IsContact(c.Name()) {
		return // a slip of the pen is nobody to remember
	}
	one := profile.Call{
		Name: c.call.Name(), At: began, Outgoing: !c.Incoming(),
		Missed: c.Incoming() && st.Established.IsZero() && st.Reason != mesh.Declined,
	}
	one.Identity, one.Found = c.reach.whom()
	if shown := farEnd(c.call).Identity; shown != (Identity{}) && st.Reason != mesh.IdentityChanged {
		one.Identity = shown[:]
	}
	for _, claim := range p.presence.claims(c.call.PeerID()) {
		if c.Incoming() && bytes.Equal(claim.identity, one.Identity) {
			one.Directory = claim.where
		}
	}
	err := p.cfg.Profile.RecordCall(one)
	if err != nil {
		p.log.Error("the call was not noted", "error", err)
	}
	p.presence.rewatch()
	p.notify()
}

var _ io.Closer = (*Phone)(nil)
