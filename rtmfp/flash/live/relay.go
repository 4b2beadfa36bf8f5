package live

import (
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sundog.dev/sundog/rtmfp/flash"
)

// Config is what a Relay may be told. The zero value is fit for use.
type Config struct {
	// MaxStreams and MaxPlayers bound the names in use, and those who play; 0: 1000 and 10,000.
	MaxStreams, MaxPlayers int
	// AudioLifetime and VideoLifetime are how long a message is tried to be delivered; 0: 2 s and 3 s.
	AudioLifetime, VideoLifetime time.Duration
	// IdleAfter is how long nothing may come from a publisher before it is told (NetStream.Publish.Idle); 0: 10 s.
	IdleAfter time.Duration
	// Patience is how long a player may take no picture at all, although it wants them, before it is let go; 0: 15 s.
	Patience time.Duration
	// Log receives what an operator may want to know; nil discards it.
	Log *slog.Logger
}

// Relay passes live streams on. It has no goroutine of its own and needs no Close: it ends with its clients.
type Relay struct {
	cfg Config

	mu      sync.Mutex // before a channel's
	names   map[string]*channel
	players int

	publications, subscriptions, dropped, slow atomic.Uint64
}

// Stats are the counts of a Relay.
type Stats struct {
	Names, Players              int    // at present
	Publications, Subscriptions uint64 // since it began
	Dropped                     uint64 // audio and video messages that were not sent, since a player did not keep up
	Slow                        uint64 // players that were let go for it
}

// New makes a relay.
func New(cfg Config) *Relay {
	orElse(&cfg.MaxStreams, defaultStreams)
	orElse(&cfg.MaxPlayers, defaultPlayers)
	orElse(&cfg.AudioLifetime, defaultAudioLifetime)
	orElse(&cfg.VideoLifetime, defaultVideoLifetime)
	orElse(&cfg.IdleAfter, defaultIdleAfter)
	orElse(&cfg.Patience, defaultPatience)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Relay{cfg: cfg, names: make(map[string]*channel)}
}

func orElse[T comparable](v *T, otherwise T) {
	var zero T
	if *v == zero {
		*v = otherwise
	}
}

// Stats counts.
func (r *Relay) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Stats{
		Names: len(r.names), Players: r.players,
		Publications: r.publications.Load(), Subscriptions: r.subscriptions.Load(),
		Dropped: r.dropped.Load(), Slow: r.slow.Load(),
	}
}

// Publish implements flash.Broker. A name that is being published is NetStream.Publish.BadName; recording is
// NetStream.Record.NoAccess.
func (r *Relay) Publish(s *flash.ServerStream, name string, kind flash.PublishKind) (flash.Publication, error) {
	if kind != flash.PublishLive {
		return nil, refusal(flash.CodeRecordNoAccess, "nothing is recorded here")
	}
	c := r.take(name)
	if c == nil {
		return nil, refusal(flash.CodePublishDenied, "too many streams")
	}
	p := &publication{channel: c, stream: s}
	if !c.publish(p) {
		r.release(c)
		return nil, refusal(flash.CodePublishBadName, c.name+" is published already")
	}
	r.publications.Add(1)
	r.cfg.Log.Debug("published", "name", c.name, "by", s.Client().String())
	return p, nil
}

// Play implements flash.Broker. Whatever the options ask for, it is the live stream, now or once it is published.
func (r *Relay) Play(s *flash.ServerStream, name string, _ flash.PlayOptions) (flash.Subscription, error) {
	r.mu.Lock()
	full := r.players >= r.cfg.MaxPlayers
	if !full {
		r.players++
	}
	r.mu.Unlock()
	if full {
		return nil, refusal(flash.CodePlayFailed, "too many players")
	}
	c := r.take(name)
	if c == nil {
		r.left()
		return nil, refusal(flash.CodePlayFailed, "too many streams")
	}
	r.subscriptions.Add(1)
	return &player{channel: c, stream: s, waiting: true, stale: make(map[flash.MessageType]bool)}, nil
}

func refusal(code, why string) error {
	return &flash.StatusError{Status: flash.Status{Code: code, Level: flash.LevelError, Description: why}}
}

// take finds the channel of a name, or makes one; nil beyond MaxStreams. Each take has its release.
func (r *Relay) take(name string) *channel {
	name, _, _ = strings.Cut(name, "?")
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.names[name]
	if c == nil {
		if len(r.names) >= r.cfg.MaxStreams {
			return nil
		}
		c = &channel{relay: r, name: name, players: make(map[*player]struct{})}
		r.names[name] = c
	}
	c.users++
	return c
}

func (r *Relay) release(c *channel) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.users--; c.users == 0 {
		delete(r.names, c.name)
	}
}

// left counts a player out.
func (r *Relay) left() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.players--
}
