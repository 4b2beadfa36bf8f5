package rtmfp

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"sundog.dev/sundog/internal/source"
)

// sessionState is a state of RFC 7016 §3.5; the opening states are type opening's.
type sessionState uint8

const (
	stateOpen      sessionState = iota
	stateNearClose              // we have asked for the end
	stateFarClose               // the far end has; lingering to answer late requests
	stateClosed
)

// Session is an open session with a far endpoint (RFC 7016 §3.5). It has no goroutine of its own:
// the endpoint's run loop works for it.
type Session struct {
	e               *Endpoint
	far             Certificate
	epd             string // canonical
	keys            SessionKeys
	initiator       bool
	nearID, farID   uint32
	answer          answerKey // a responder's: which IIKeying opened it
	rikeying        []byte    // a responder's answer to that
	created         time.Time
	done            chan struct{} // closed when state leaves the open and closing ones
	newFlow         chan struct{} // capacity 1: a blocked AcceptFlow may look again
	closingForUser  chan struct{} // closed when no flow can be used any more
	state           sessionState  // the rest is guarded by e.mu
	err             error
	farAddr         netip.AddrPort
	shown           bool // the far end has shown the keys
	queued          bool // in e.accepted
	dialed          bool // a Dial has returned it
	dirty           bool
	acceptForwarded bool
	forwards        source.Bucket
	lastSent        time.Time
	lastReceived    time.Time
	stats           counters
	log             *sessionLog // nil: off

	clock    clock
	cc       congestion
	dc       *delayControl // made with the first data to a far end that gives feedback
	pacer    pacer
	coupling coupling
	live     liveness
	pings    source.Bucket // that are answered
	quiet    silence
	mob      mobility
	path     pathMTU

	detour *Detour // that it goes by; nil: none

	pieces *packetPieces // of packets that come in fragments; nil until the first

	sendFlows  map[uint64]*SendFlow
	active     [PriorityControl + 1][]*SendFlow
	nextFlowID uint64
	sent       transmissions
	detect     lossDetection
	sentLog    sentLog
	ecnOut     ecnSender

	recvFlows     map[uint64]*RecvFlow
	backlog       []*RecvFlow // to be accepted
	openRecvFlows int
	lingering     []*RecvFlow // completed, oldest first
	linger        alarm
	recvBytes     int // of all receiving flows, with overhead
	acks          ackState
	feedback      feedbackOut
	ecnIn         ecnReceiver

	confirm   alarm
	closer    alarm
	closeWait time.Duration
	out       outbox
}

// outbox is what waits to be sent besides acknowledgements and data.
type outbox struct {
	ping         bool
	pingReplies  [][]byte
	control      [][]byte // whole chunks
	controlBytes int
	closeRequest bool
	closeAck     bool
}

func newSession(e *Endpoint, far Certificate, keys SessionKeys, addr netip.AddrPort, now time.Time) *Session {
	s := &Session{
		e:              e,
		far:            far,
		epd:            string(far.CanonicalEPD()),
		keys:           keys,
		farAddr:        addr,
		created:        now,
		lastSent:       now,
		lastReceived:   now,
		done:           make(chan struct{}),
		closingForUser: make(chan struct{}),
		newFlow:        make(chan struct{}, 1),
		sendFlows:      make(map[uint64]*SendFlow),
		nextFlowID:     1,
		recvFlows:      make(map[uint64]*RecvFlow),
	}
	s.log = e.events.session(s)
	s.clock.init()
	s.cc.init()
	s.live.init(s, now)
	s.quiet.alarm.fire = func(now time.Time) { s.quiet.check(s, now) }
	s.mob.init()
	s.path.init()
	s.confine(now)
	s.acks.delay.fire = func(time.Time) {
		s.acks.now = true
		s.markDirty()
	}
	s.cc.timeout.fire = s.timedOut
	s.cc.pace.fire = s.paced
	s.detect.init(s)
	s.pacer.wait.fire = func(time.Time) { s.markDirty() }
	s.feedback.wait.fire = func(time.Time) { s.feedback.fire(s) }
	s.linger.fire = s.reapFlows
	s.closer.fire = s.closeAlarm
	return s
}

// markDirty has the run loop flush the session.
func (s *Session) markDirty() {
	if !s.dirty {
		s.dirty = true
		s.e.dirty = append(s.e.dirty, s)
	}
}

// FarCertificate is the far end's certificate; its fingerprint is the peer ID.
func (s *Session) FarCertificate() Certificate { return s.far }

// NearCertificate is our own certificate, as the far end has it.
func (s *Session) NearCertificate() Certificate { return s.e.near }

// NearNonce and FarNonce are the session's nonces (RFC 7425 §4.6.5), 32 bytes.
func (s *Session) NearNonce() []byte { return slices.Clone(s.keys.NearNonce) }

// FarNonce is the far end's nonce.
func (s *Session) FarNonce() []byte { return slices.Clone(s.keys.FarNonce) }

// FarAddr is the far end's present address; it may change (RFC 7016 §3.5.3).
func (s *Session) FarAddr() netip.AddrPort {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	return s.farAddr
}

// OldClients reports whether the session's endpoint is one for old clients (CryptoProfile).
func (s *Session) OldClients() bool { return s.e.crypto.OldClients() }

// Initiator reports whether the near end opened the session.
func (s *Session) Initiator() bool { return s.initiator }

// AcceptFlow returns the next receiving flow, associated ones too. A flow buffers up to
// its window until it is accepted and read; the backlog is bounded.
func (s *Session) AcceptFlow(ctx context.Context) (*RecvFlow, error) {
	for {
		// Those that came before the session's end can still be read.
		if f, err := s.tryAcceptFlow(); f != nil || err != nil {
			return f, err
		}
		select {
		case <-s.newFlow:
		case <-s.closingForUser:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// tryAcceptFlow returns a flow if there is one; nil and nil if there may be one later.
func (s *Session) tryAcceptFlow() (*RecvFlow, error) {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	if len(s.backlog) == 0 {
		return nil, s.err
	}
	f := s.backlog[0]
	if s.backlog = s.backlog[1:]; len(s.backlog) == 0 {
		s.backlog = nil
	} else {
		s.signalFlow()
	}
	return f, nil
}

func (s *Session) signalFlow() {
	select {
	case s.newFlow <- struct{}{}:
	default:
	}
}

// SetAcceptForwarded says whether FIHellos from this session are answered:
// whether the far end may introduce others to us. Off at first.
func (s *Session) SetAcceptForwarded(on bool) {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	s.acceptForwarded = on
}

// Done is closed when the session has ended; Err then says why.
func (s *Session) Done() <-chan struct{} { return s.done }

// Err is nil while the session is open, ErrClosed after an orderly close by
// either end, ErrTimeout after silence.
func (s *Session) Err() error {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	return s.err
}

// takeAccepted reports whether Accept may return the session. One that has ended already may have left
// messages.
func (s *Session) takeAccepted() bool {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	s.queued = false
	return !s.dialed
}
