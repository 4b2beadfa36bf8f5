package phone

import (
	"bytes"
	"context"
	"sync"
	"time"

	"sundog.dev/sundog/internal/profile"
	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/trust"
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

// strangers writes down who was refused for being no contact, with the identity that they have proved. Its
// goroutine ends with the phone's context.
type strangers struct {
	phone  *Phone
	queue  chan refusedCaller
	mu     sync.Mutex
	tokens float64 // how many may still come
	filled time.Time
}

type refusedCaller struct {
	mesh.FarEnd
	at time.Time
}

func newStrangers(p *Phone) *strangers {
	return &strangers{phone: p, queue: make(chan refusedCaller, strangersWaiting), tokens: strangersBurst, filled: time.Now()}
}

// note takes a refused caller; it does not wait.
func (s *strangers) note(f mesh.FarEnd) {
	now := time.Now()
	s.mu.Lock()
	s.tokens = min(strangersBurst, s.tokens+now.Sub(s.filled).Seconds()/strangersEvery.Seconds())
	s.filled = now
	enough := s.tokens < 1
	if !enough {
		s.tokens--
	}
	s.mu.Unlock()
	if enough || f.Name == "" {
		return
	}
	select {
	case s.queue <- refusedCaller{f, now}:
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

// write writes a refused caller down, with where the identity is known. If a directory confirms that the caller is the contact of
// that name, whose identity was not known, then it is from now on, and the call was one that the user has missed.
func (s *strangers) write(ctx context.Context, r refusedCaller) {
	list := s.phone.cfg.Profile
	signed := s.phone.signedBy(ctx, r.Name, r.PeerID)
	if !bytes.Equal(signed.identity, r.Identity[:]) {
		signed = claim{}
	}
	var err error
	switch j := s.phone.judge(r.FarEnd, []claim{signed}); {
	case j.blocked:
		return
	case j.standing == trust.FirstSeen && j.person != nil:
		where := profile.Found{Directory: signed.where}
		if err = list.Remember(j.person.Name, r.Identity[:], signed.name, where); err == nil {
			err = list.RecordCall(profile.Call{Name: r.Name, Identity: r.Identity[:], Found: where, At: r.at, Missed: true})
		}
	case r.Identity == Identity{}:
		err = list.AddRequest(r.Name, nil, "", r.at)
	default:
		err = list.AddRequest(r.Name, r.Identity[:], signed.where, r.at)
	}
	if err != nil {
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
				return claim{name: w.Record.Name, identity: w.Record.Identity, where: w.Where, owned: len(w.Record.Addresses) == 0}
			}
		}
	}
	return claim{}
}
