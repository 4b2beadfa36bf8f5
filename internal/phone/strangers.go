package phone

import (
	"context"
	"crypto/ed25519"
	"sync"
	"time"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/rtmfp/flash"
)

const (
	// strangersWaiting bounds refused callers who are not written down yet; more than that at once are no people.
	strangersWaiting = 16
	// strangersEvery is the pace at which they are written down in the long run, and strangersBurst how many may come at once:
	// a flood of made-up callers must not wash away those who are real.
	strangersEvery = 10 * time.Second
	strangersBurst = 20
)

// strangers writes down who was refused for being no contact, with the identity if a directory knows whose the peer ID is. Its
// goroutine ends with the phone's context.
type strangers struct {
	phone  *Phone
	queue  chan refusedCaller
	mu     sync.Mutex
	tokens float64 // how many may still come
	filled time.Time
}

type refusedCaller struct {
	name     string
	id       flash.PeerID
	identity ed25519.PublicKey // nil: to be looked up
	where    string
	at       time.Time
}

func newStrangers(p *Phone) *strangers {
	return &strangers{phone: p, queue: make(chan refusedCaller, strangersWaiting), tokens: strangersBurst, filled: time.Now()}
}

// note takes a refused caller; it does not wait.
func (s *strangers) note(c mesh.Caller, claims []ed25519.PublicKey, where string) {
	now := time.Now()
	r := refusedCaller{name: c.Name, id: c.PeerID, at: now}
	if len(claims) == 1 {
		r.identity, r.where = claims[0], where
	}
	s.mu.Lock()
	s.tokens = min(strangersBurst, s.tokens+now.Sub(s.filled).Seconds()/strangersEvery.Seconds())
	s.filled = now
	enough := s.tokens < 1
	if !enough {
		s.tokens--
	}
	s.mu.Unlock()
	if enough || r.name == "" {
		return
	}
	select {
	case s.queue <- r:
	default:
	}
}

func (s *strangers) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-s.queue:
			s.write(ctx, r)
		}
	}
}

// write looks for the identity of a refused caller and writes the request down.
func (s *strangers) write(ctx context.Context, r refusedCaller) {
	if r.identity == nil {
		r.identity, r.where = s.phone.identityOf(ctx, r.name, r.id)
	}
	if s.phone.judge(r.name, identities(r.identity)) == blockedCaller {
		return
	}
	if err := s.phone.cfg.Profile.AddRequest(r.name, r.identity, r.where, r.at); err != nil {
		s.phone.log.Warn("a contact request was not noted", "error", err)
		return
	}
	s.phone.notify()
}

func identities(one ed25519.PublicKey) []ed25519.PublicKey {
	if one == nil {
		return nil
	}
	return []ed25519.PublicKey{one}
}

// identityOf asks the directories which identity has signed that the peer ID is theirs, under the name that the caller says.
func (p *Phone) identityOf(ctx context.Context, name string, id flash.PeerID) (identity ed25519.PublicKey, where string) {
	p.mu.Lock()
	found := p.setup.found
	p.mu.Unlock()
	if found == nil {
		return nil, ""
	}
	ctx, cancel := context.WithTimeout(ctx, serviceTimeout)
	defer cancel()
	people, err := found.Find(ctx, name)
	if err != nil {
		return nil, ""
	}
	for _, one := range people {
		for _, w := range one.Ways {
			if w.Record.Identity != nil && w.Record.PeerID == id.String() {
				return one.Identity, w.Where
			}
		}
	}
	return nil, ""
}
