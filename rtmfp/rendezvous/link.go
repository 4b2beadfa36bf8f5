package rendezvous

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"sundog.dev/sundog/internal/source"
)

// link is a service's connection to the other instances.
//
//	initiator ── IHello ──► this instance ── ask ──► all others
//	initiator ◄─ Redirect ─ this instance ◄─ found ─ the one that has the target ── FIHello ──► target
//
//	client ── relay ──► this instance ── seek ──► all others
//	                    this instance ◄── here ── the one that has the target
//	                    this instance ── relay ─► the same ── onRelay ──► target
//
// It owns one goroutine, which sends, so that nobody else waits for the network; close ends it. What comes is handled on the
// Cluster's goroutines, and takes no longer than a look into a map and a write to a queue.
type link struct {
	s       *Service
	cluster Cluster
	id      instanceID
	leave   func()
	out     chan clusterLetter
	cancel  context.CancelFunc
	done    chan struct{}

	mu      sync.Mutex
	closed  bool
	pending map[uint64]*question
	waiting int // bytes of relay commands in pending

	// Guarded by the service's mutex.
	strangers, clients source.Bucket
	relays             *source.Limiter
}

// clusterLetter is a message on its way out; to nobody: to all.
type clusterLetter struct {
	to      string
	message []byte
}

// question is something that other instances were asked.
type question struct {
	timer *time.Timer
	bytes int
	// answer is called with the answer, or nil when there was none in time; once, and with no lock held.
	answer func(*clusterMessage)
}

// newLink joins the other instances; nil if there are none to be.
func newLink(s *Service) (*link, error) {
	if s.cfg.Cluster == nil {
		return nil, nil
	}
	l := &link{
		s: s, cluster: s.cfg.Cluster, out: make(chan clusterLetter, clusterQueue), done: make(chan struct{}),
		pending: make(map[uint64]*question), relays: source.NewLimiter(relayAwayRate, relayAwayBurst),
	}
	_, _ = rand.Read(l.id[:]) // never fails
	var err error
	if l.leave, err = l.cluster.Join(l.id.String(), l.deliver); err != nil {
		return nil, fmt.Errorf("rendezvous: joining the other instances: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	l.cancel = cancel
	go l.send(ctx)
	return l, nil
}

// close leaves the others, and gives up what they were asked.
func (l *link) close() {
	if l == nil {
		return
	}
	l.leave()
	l.mu.Lock()
	l.closed = true
	for _, q := range l.pending {
		q.timer.Stop()
	}
	l.pending = nil
	l.mu.Unlock()
	l.cancel()
	<-l.done
}

// send is the sending goroutine.
func (l *link) send(ctx context.Context) {
	defer close(l.done)
	for {
		select {
		case letter := <-l.out:
			if err := l.cluster.Send(letter.to, letter.message); err != nil {
				l.s.counters.clusterLost.Add(1)
			}
		case <-ctx.Done():
			return
		}
	}
}

// write queues a message, to all or one, unless too many wait.
func (l *link) write(to instanceID, m clusterMessage) {
	m.sender = l.id
	letter := clusterLetter{message: m.append(nil)}
	if to != (instanceID{}) {
		letter.to = to.String()
	}
	select {
	case l.out <- letter:
	default:
		l.s.counters.clusterLost.Add(1)
	}
}

var errBusy = errors.New("rendezvous: too many questions to other instances wait for their answers")

// question sends a message and has answer called with what comes back, or with nil after a while.
func (l *link) question(to instanceID, m clusterMessage, size int, answer func(*clusterMessage)) error {
	q := &question{bytes: size, answer: answer}
	l.mu.Lock()
	if l.closed || len(l.pending) >= maxQuestions || l.waiting+size > maxWaitingBytes {
		l.mu.Unlock()
		return errBusy
	}
	for m.query == 0 || l.pending[m.query] != nil {
		m.query = randomQuery()
	}
	query := m.query
	l.pending[query] = q
	l.waiting += size
	q.timer = time.AfterFunc(questionTimeout, func() { l.answered(query, nil) })
	l.mu.Unlock()
	l.write(to, m)
	return nil
}

// randomQuery is a number that nobody guesses.
func randomQuery() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.BigEndian.Uint64(b[:])
}

// answered hands an answer to who waits for it. Late ones, second ones and those that nobody asked for are dropped.
func (l *link) answered(query uint64, m *clusterMessage) {
	l.mu.Lock()
	q := l.pending[query]
	if q == nil {
		l.mu.Unlock()
		if m != nil {
			l.s.counters.clusterLate.Add(1)
		}
		return
	}
	delete(l.pending, query)
	l.waiting -= q.bytes
	q.timer.Stop()
	l.mu.Unlock()
	q.answer(m)
}

// deliver handles what another instance says.
func (l *link) deliver(b []byte) {
	m, err := parseClusterMessage(b)
	switch {
	case errors.Is(err, errForeign):
		l.s.counters.clusterForeign.Add(1)
		return
	case err != nil:
		l.s.counters.clusterMalformed.Add(1)
		return
	case m.sender == l.id:
		return
	}
	switch m.kind {
	case kindAsk:
		l.asked(m)
	case kindSeek:
		if l.s.find(m.client) != nil {
			l.write(m.sender, clusterMessage{kind: kindHere, query: m.query})
		}
	case kindRelay:
		taken := l.relayed(m)
		if m.query != 0 {
			l.write(m.sender, clusterMessage{kind: kindRelayed, query: m.query, taken: taken})
		}
	case kindArrived:
		l.arrived(m)
	case kindFound, kindHere, kindRelayed:
		l.answered(m.query, &m)
	}
}

// announce tells the others that a client has come.
func (l *link) announce(c *client) {
	if l != nil {
		l.write(instanceID{}, clusterMessage{kind: kindArrived, client: c.id, time: c.since.UnixNano()})
	}
}

// arrived ends the session with a client that has come to another instance since: the last one wins. Clocks may differ:
// whoever has been here for longer than that is in any case the older one.
func (l *link) arrived(m clusterMessage) {
	c := l.s.find(m.client)
	if c == nil || time.Since(c.since) <= clockSkew && c.since.UnixNano() > m.time {
		return
	}
	l.s.counters.movedAway.Add(1)
	l.s.forget(c) // it has not left
	_ = c.session.Close()
}
