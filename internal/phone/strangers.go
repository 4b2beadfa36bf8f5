package phone

import (
	"context"
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
	name   string
	id     flash.PeerID
	signed claim // without an identity: to be looked up
	at     time.Time
}

func newStrangers(p *Phone) *strangers {
	return &strangers{phone: p, queue: make(chan refusedCaller, strangersWaiting), tokens: strangersBurst, filled: time.Now()}
}

// note takes a refused caller; it does not wait.
func (s *strangers) note(c mesh.FarEnd, claims []claim) {
	now := time.Now()
	r := refusedCaller{name: c.Name, id: c.PeerID, at: now}
	if len(claims) == 1 {
		r.signed = claims[0]
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
	if r.signed.identity == nil {
		r.signed = s.phone.signedBy(ctx, r.name, r.id)
	}
	name := r.name
	var claims []claim
	if r.signed.identity != nil {
		claims, name = []claim{r.signed}, r.signed.name
	}
	if kind := s.phone.judge(name, claims); kind == blockedCaller {
		return
	}
	if err := s.phone.cfg.Profile.AddRequest(name, r.signed.identity, r.signed.where, r.at); err != nil {
		s.phone.log.Warn("a contact request was not noted", "error", err)
		return
	}
	s.phone.notify()
}

// signedBy asks the directories who has signed that the peer ID is theirs, under the name that the caller says.
func (p *Phone) signedBy(ctx context.Context, name string, id flash.PeerID) claim {
	p.mu.Lock()
	found := p.setup.found
	p.mu.Unlock()
	if found == nil {
		return claim{}
	}
	ctx, cancel := context.WithTimeout(ctx, serviceTimeout)
	defer cancel()
	people, err := found.Find(ctx, name)
	if err != nil {
		return claim{}
	}
	for _, one := range people {
		for _, w := range one.Ways {
			if w.Record.Identity != nil && w.Record.PeerID == id.String() {
				return claim{name: w.Record.Name, identity: w.Record.Identity, where: w.Where}
			}
		}
	}
	return claim{}
}
