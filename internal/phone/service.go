package phone

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"time"

	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
)

const (
	// serviceTimeout is how long a service or directory may take before the
	// user is told; much less than the 90 s of Flash.
	serviceTimeout = 7 * time.Second
	// instanceTimeout is how long one of several instances of a service may take: the next one answers at once.
	instanceTimeout = 3 * time.Second

	// The pauses between tries: quick at first, for a service that restarts.
	firstRetry = time.Second
	lastRetry  = 15 * time.Second
	// quickRetry bounds the pauses for quickFor after a service was lost: a restart takes seconds, and whoever waited in longer
	// and longer pauses before it would not notice its end.
	quickRetry = 2 * time.Second
	quickFor   = time.Minute

	// answerWithin is how long a service that is doubted may take to answer: several round trips of a slow path.
	answerWithin = 2 * time.Second
	// answerLook is how often that is looked at.
	answerLook = 50 * time.Millisecond

	// maxInstances bounds what is believed of a service's list of its instances.
	maxInstances = 16
)

// service keeps the line to one rendezvous service connected. Its goroutine, run, ends with close.
type service struct {
	phone  *Phone
	log    *slog.Logger
	server string // as the user, or somebody's record, gave it
	where  string // its host
	line   *line

	lost   chan struct{} // a value: the connection was lost
	doubts chan struct{} // a value: something says that the service is gone
	hurry  chan struct{} // a value: somebody waits for the service, so try at once
	cancel context.CancelFunc
	done   chan struct{}

	// Under the phone's mu.
	state     ServiceState // never NoService
	sentence  string       // of ServiceFailed
	instance  string       // the URL that we are connected to, or were last
	instances []string     // those that serve as well, as the service or its directory has told
	doubted   bool         // it is being asked whether it still answers
}

// newService makes the line to a service, bound to an address or, for the zero value, to any.
func (p *Phone) newService(server string, bind netip.AddrPort) (*service, error) {
	where, err := checkServer(server)
	if err != nil {
		return nil, err
	}
	l, err := p.newLine(bind)
	if err != nil {
		return nil, err
	}
	return &service{
		phone: p, log: p.log.With("service", where), server: server, where: where, line: l,
		lost: make(chan struct{}, 1), doubts: make(chan struct{}, 1), hurry: make(chan struct{}, 1),
		done: make(chan struct{}), state: ServiceConnecting, instance: server,
	}, nil
}

func (s *service) start() {
	ctx, cancel := context.WithCancel(s.phone.ctx)
	s.cancel = cancel
	s.line.attach(s.onStatus)
	go s.run(ctx)
}

// onStatus is told by the agent what the service leg does.
func (s *service) onStatus(st flash.Status) {
	if st.Code == flash.CodeConnectClosed || st.Code == flash.CodeConnectFailed {
		poke(s.lost)
	}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// close ends the calls over this service and waits.
func (s *service) close() {
	if s.cancel != nil {
		s.cancel()
		<-s.done
	}
	s.line.close(s.log)
}

func (s *service) setState(state ServiceState, sentence string) {
	s.phone.changeStatus(func() { s.state, s.sentence = state, sentence })
}

// run connects, and begins again when the connection is lost: with the same instance, then with others.
func (s *service) run(ctx context.Context) {
	defer close(s.done)
	pause := s.phone.cfg.firstRetry
	var lostAt time.Time
	for try := 0; ; try++ {
		err := s.connect(ctx, s.candidate(try))
		if err == nil {
			s.learnInstances()
			s.setState(ServiceReachable, "")
			err = s.stay(ctx)
			pause, lostAt = s.phone.cfg.firstRetry, time.Now()
			try = -1
		}
		if ctx.Err() != nil {
			return
		}
		s.log.Warn("service", "error", err)
		s.setState(ServiceFailed, err.Error()+" Trying again.")
		s.learnInstances()
		if n := s.otherInstances(); try >= 0 && try < n {
			continue // the next one at once
		}
		select {
		case <-ctx.Done():
			return
		case <-s.hurry:
		case <-time.After(pause):
		}
		most := lastRetry
		if time.Since(lostAt) < quickFor {
			most = quickRetry
		}
		pause = max(s.phone.cfg.firstRetry, min(2*pause, most))
	}
}

// candidate is the instance to try: the last one first, and what the user said among the others.
func (s *service) candidate(try int) string {
	s.phone.mu.Lock()
	defer s.phone.mu.Unlock()
	all := append([]string{s.instance, s.server}, s.instances...)
	var distinct []string
	for _, one := range all {
		if !slices.ContainsFunc(distinct, func(d string) bool { return sameService(d, one) }) {
			distinct = append(distinct, one)
		}
	}
	return distinct[try%len(distinct)]
}

// otherInstances is how many there are to try besides the last one.
func (s *service) otherInstances() int {
	s.phone.mu.Lock()
	defer s.phone.mu.Unlock()
	n := len(s.instances)
	if !slices.ContainsFunc(s.instances, func(i string) bool { return sameService(i, s.server) }) {
		n++
	}
	return n - 1
}

// connect connects to one instance. Its errors are sentences.
func (s *service) connect(ctx context.Context, instance string) error {
	timeout := serviceTimeout
	if s.otherInstances() > 0 {
		timeout = instanceTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for _, old := range []chan struct{}{s.lost, s.doubts, s.hurry} { // of an earlier connection
		select {
		case <-old:
		default:
		}
	}
	if err := s.line.nc.Connect(ctx, instance); err != nil {
		return connectError(s.where, err)
	}
	s.phone.changeStatus(func() { s.instance, s.doubted = instance, false })
	s.phone.renewListings() // they say where we are introduced
	return nil
}

// stay returns when the service was lost, or does not answer any more.
func (s *service) stay(ctx context.Context) error {
	lost := &sentence{fmt.Sprintf("The connection to the service at %s was lost.", s.where), flash.ErrNotConnected}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.lost:
			return lost
		case <-s.hurry: // it is there already
		case <-s.doubts:
			there := s.answers(ctx)
			s.phone.changeStatus(func() { s.doubted = false })
			if !there {
				s.line.nc.Disconnect()
				return lost
			}
		}
	}
}

// doubt says that the service may be gone, since its directory is: whether it answers is seen at once, not when the session's own
// keep-alive finds out.
func (s *service) doubt() {
	if s == nil {
		return
	}
	s.phone.changeStatus(func() { s.doubted = s.state == ServiceReachable })
	poke(s.doubts)
}

// answers sends the service something that it acknowledges if it still knows the session (our addresses, RFC 7425 §5.3.3) and
// reports whether it does.
func (s *service) answers(ctx context.Context) bool {
	session := s.line.nc.Service()
	if session == nil {
		return false
	}
	asked := time.Now()
	if err := s.line.nc.SendPeerInfo(); err != nil {
		return false
	}
	patience := time.NewTimer(answerWithin)
	defer patience.Stop()
	look := time.NewTicker(answerLook)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return true // nobody asks any more
		case <-session.Done():
			return false
		case <-patience.C:
			return false
		case <-look.C:
			if session.Stats().LastReceived.After(asked) {
				return true
			}
		}
	}
}

// learnInstances takes the service's word for which other instances there are, as the answer to connect has it, and its
// directory's, which is newer.
func (s *service) learnInstances() {
	if told, ok := s.line.nc.ServiceInfo().Get("instances").(amf.Array); ok {
		var list []string
		for _, one := range told {
			if text, ok := one.(string); ok {
				list = append(list, text)
			}
		}
		s.setInstances(list)
	}
	s.phone.mu.Lock()
	listings := s.phone.setup.listings
	s.phone.mu.Unlock()
	for _, l := range listings {
		if l.service == s {
			s.setInstances(l.instances())
		}
	}
}

// setInstances takes another list of instances, as far as they can be addresses of services. They get the key of the user's.
func (s *service) setInstances(list []string) {
	var good []string
	for _, one := range list {
		if !strings.HasPrefix(one, "rtmfp://") {
			one = "rtmfp://" + one
		}
		one = withPathOf(one, s.server)
		if _, err := checkServer(one); err == nil && !slices.Contains(good, one) && len(good) < maxInstances {
			good = append(good, one)
		}
	}
	if len(good) > 0 {
		s.phone.changeStatus(func() { s.instances = good })
	}
}

// serves reports whether an address is that of this service, by one of its instances.
func (s *service) serves(rendezvous string) bool {
	s.phone.mu.Lock()
	defer s.phone.mu.Unlock()
	return sameService(rendezvous, s.server) || sameService(rendezvous, s.instance) ||
		slices.ContainsFunc(s.instances, func(i string) bool { return sameService(rendezvous, i) })
}

// awaitConnected waits until the service is connected.
func (s *service) awaitConnected(ctx context.Context) error {
	poke(s.hurry)
	p := s.phone
	for {
		p.mu.Lock()
		state, text, changed := s.state, s.sentence, p.statusChanged
		p.mu.Unlock()
		if state == ServiceReachable {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %s", flash.ErrNotConnected, text)
		case <-s.done:
			return fmt.Errorf("%w: another service was chosen", flash.ErrNotConnected)
		case <-changed:
		}
	}
}
