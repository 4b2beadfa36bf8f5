package phone

import (
	"cmp"
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
	// MaxPeers bounds how many others may be in a call; 0: eight.
	MaxPeers int
	// UplinkCap is the most that a call may send to all together, in bit/s on the link; 0: no limit. SaveData: the user pays for data.
	UplinkCap int
	SaveData  bool
	Log       *slog.Logger

	firstRetry time.Duration // the first pause between tries of a service or directory; 0: firstRetry
	network    func() string // tells the local network from others; nil: localNetwork
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

	changes atomic.Uint64 // of the list of people, so far

	own atomic.Pointer[string] // name; for the agent, which asks with its own lock held

	mu            sync.Mutex
	closed        bool
	name          string
	setup         *setup // empty while it is being changed, too
	changing      string // the host of the service that is being set; "": none is
	status        ServiceStatus
	statusChanged chan struct{} // closed at the next change of status
	test          *testLine
	calls         map[*Call]bool // that have not ended
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
	if cfg.network == nil {
		cfg.network = localNetwork
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
		media:         newMediaRoom(cfg.Sources, cmp.Or(cfg.MaxPeers, mesh.DefaultMaxPeers), cfg.Log),
		incoming:      make(chan *Call, 4),
		changed:       make(chan struct{}, 1),
		statusChanged: make(chan struct{}),
		setup:         &setup{},
		calls:         map[*Call]bool{},
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
		MaxPeers: cfg.MaxPeers,
		Uplink:   heldUplink(cfg.Profile.Uplink(), cfg.network(), time.Now()),
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
	p.changes.Add(1)
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

var _ io.Closer = (*Phone)(nil)
