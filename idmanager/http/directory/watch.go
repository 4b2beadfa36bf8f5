package directory

import (
	"context"
	crand "crypto/rand"
	"errors"
	"math/rand/v2"
	nethttp "net/http"
	"slices"
	"strconv"
	"time"

	"sundog.dev/sundog/idmanager/http/v1"
	"sundog.dev/sundog/internal/source"
)

// watchQuery is GET /v1/watch.
func (s *Server) watchQuery(w nethttp.ResponseWriter, r *nethttp.Request) error {
	names, err := namesOf(r, v1.MaxWatched)
	if err != nil {
		return err
	}
	return s.watch(w, r, v1.Watch{Names: names})
}

// watchBody is POST /v1/watch.
func (s *Server) watchBody(w nethttp.ResponseWriter, r *nethttp.Request) error {
	var body v1.Watch
	if err := readJSON(w, r, v1.MaxWatchBody, &body); err != nil {
		return err
	}
	if body.Own == nil || len(body.Names) > 0 {
		if err := countNames(len(body.Names), v1.MaxWatched); err != nil {
			return err
		}
	}
	return s.watch(w, r, body)
}

// watch serves a stream until its end.
func (s *Server) watch(w nethttp.ResponseWriter, r *nethttp.Request, body v1.Watch) error {
	if s.draining.Load() {
		return &refusal{nethttp.StatusServiceUnavailable, v1.Error{
			Code: v1.CodeDraining, Message: "This instance is about to stop; others may go on.", RetryAfterSeconds: 1 + rand.IntN(3),
		}}
	}
	from := source.Of(sourceOf(r))
	if !s.streams.enter(from) {
		return &refusal{nethttp.StatusServiceUnavailable, v1.Error{
			Code: v1.CodeFull, Message: "There are as many streams open as there may be, in all or from your address.", RetryAfterSeconds: 5 + rand.IntN(10),
		}}
	}
	defer s.streams.leave(from)
	st := &stream{s: s, w: nethttp.NewResponseController(w), body: w, in: newInbox(), names: make(map[string]*watched, len(body.Names))}
	for _, name := range body.Names {
		key, err := v1.Fold(name)
		if err != nil {
			return err
		}
		if st.names[key] == nil {
			st.names[key] = &watched{asked: name}
			st.keys = append(st.keys, key)
		}
	}
	if more := len(st.keys)/namesPerToken - 1; more > 0 {
		if err := s.admit(r, float64(more)); err != nil {
			return err
		}
	}
	if body.Own != nil {
		if err := st.setOwn(r.Context(), *body.Own); err != nil {
			return tokenError(err)
		}
	}
	told := st.keys
	if st.own != nil && st.names[st.own.key] == nil {
		told = append(slices.Clone(told), st.own.key)
	}
	s.hub.join(st.in, told)
	defer s.hub.leave(st.in, told)

	// The server's time-outs are those of short requests.
	if err := errors.Join(st.w.SetReadDeadline(time.Time{}), st.w.SetWriteDeadline(time.Time{})); err != nil && !errors.Is(err, nethttp.ErrNotSupported) {
		return err
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would keep events back
	w.WriteHeader(nethttp.StatusOK)
	st.run(r.Context())
	if st.own != nil && !st.own.ended {
		s.afterStream(st.own)
	}
	return nil
}

// stream is one client's stream. Its request's goroutine owns it.
type stream struct {
	s     *Server
	w     *nethttp.ResponseController
	body  nethttp.ResponseWriter
	in    *inbox
	keys  []string // of names, in the order of the request
	names map[string]*watched
	ready bool // all names have been told
	own   *own
	out   []byte // not yet written
}

// watched is a name, and what the client knows of it.
type watched struct {
	asked string
	told  bool
	late  bool // it is to be looked up again, since the store did not answer
	last  known
}

// own is the client's own registration, which the stream keeps alive.
type own struct {
	key      string
	stream   string // this one's name in the presence bucket
	token    []byte // its hash
	revision uint64 // the last one that we know to be ours
	renew    time.Time
	noted    time.Time // when it was stored whose the peer ID is
	ended    bool
}

// setOwn renews the client's own registration for the first time.
func (st *stream) setOwn(ctx context.Context, r v1.Refresh) error {
	key, err := v1.Fold(r.Name)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	hash, id := hashToken(r.Token), crand.Text()
	p, revision, err := st.s.renew(ctx, key, hash, id)
	if err != nil {
		return err
	}
	st.own = &own{key: key, stream: id, token: hash, revision: revision, noted: time.UnixMilli(p.Registration.Time)}
	st.noteOwn(ctx, &p)
	st.planRenewal()
	return nil
}

// planRenewal spreads renewals, so that those of clients that came together do not stay together.
func (st *stream) planRenewal() {
	st.own.renew = st.s.cfg.Now().Add(st.s.cfg.Refresh - rand.N(st.s.cfg.Refresh/5+1))
}

// noteOwn stores whose the peer ID is, long before that would be forgotten.
func (st *stream) noteOwn(ctx context.Context, p *presence) {
	if now := st.s.cfg.Now(); now.Sub(st.own.noted) > peerTTL/2 {
		st.own.noted = now
		st.s.notePeer(ctx, p.Registration.PeerID, st.own.key)
	}
}

// run tells all names, then changes, until the client goes, reads no more, or the server drains.
func (st *stream) run(ctx context.Context) {
	hint := retryHint + rand.N(retrySpread)
	st.out = append(st.out, "retry: "+strconv.FormatInt(hint.Milliseconds(), 10)+"\n\n"...)
	for _, name := range st.names {
		name.late = true
	}
	st.overdue(ctx)
	tick := time.NewTicker(min(heartbeat, st.s.cfg.Refresh/4+1))
	defer tick.Stop()
	for st.flush() {
		select {
		case <-st.in.wake:
			for key, n := range st.in.take() {
				st.hear(ctx, key, n)
			}
		case <-tick.C:
			st.out = append(st.out, ":\n\n"...)
			st.overdue(ctx)
			st.renew(ctx)
		case <-st.s.drain:
			wait := retryHint + rand.N(retrySpread)
			st.event(v1.EventEnd, v1.End{RetryAfterMillis: int(wait.Milliseconds()), Instances: st.s.instances()})
			st.flush()
			return
		case <-ctx.Done():
			return
		}
	}
}

// hear takes a piece of news.
func (st *stream) hear(ctx context.Context, key string, n news) {
	if st.own != nil && st.own.key == key && !st.own.ended {
		st.hearOwn(ctx, n)
	}
	name := st.names[key]
	switch {
	case name == nil:
	case n.presence != nil && n.presence.here(st.s.cfg.Now(), st.s.expiry):
		st.tell(name, st.s.knownBy(n.presence, n.revision))
	default:
		st.lookUp(ctx, key)
	}
}

// hearOwn finds out whether the client's own registration has ended.
func (st *stream) hearOwn(ctx context.Context, n news) {
	p := n.presence
	switch {
	case n.revision != 0 && n.revision <= st.own.revision:
		return
	case p == nil: // expired, or who knows
		st.renewNow(ctx)
	case !p.here(st.s.cfg.Now(), st.s.expiry):
		st.endOwn(v1.OwnGone)
	case !p.has(st.own.token):
		st.endOwn(v1.OwnReplaced)
	default:
		st.own.revision = n.revision
	}
}

func (st *stream) endOwn(state string) {
	st.own.ended = true
	st.event(v1.EventOwn, v1.Own{State: state})
}

func (st *stream) renew(ctx context.Context) {
	if st.own != nil && !st.own.ended && !st.s.cfg.Now().Before(st.own.renew) {
		st.renewNow(ctx)
	}
}

// renewNow writes the own registration anew. If the store does not answer, the next tick tries again.
func (st *stream) renewNow(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	p, revision, err := st.s.renew(ctx, st.own.key, st.own.token, "")
	var ended errEnded
	switch {
	case errors.As(err, &ended):
		st.endOwn(ended.state)
	case err == nil:
		st.own.revision = revision
		st.planRenewal()
		st.noteOwn(ctx, &p)
	}
}

// lookUp finds out what there is to tell of a name. If the store does not answer, what was told last stands until the next attempt.
func (st *stream) lookUp(ctx context.Context, key string) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	name := st.names[key]
	k, err := st.s.lookUp(ctx, name.asked, key, st.s.presence.Get)
	if name.late = err != nil; !name.late {
		st.tell(name, k)
	}
}

// overdue looks those up who were not found out about yet, and of whom nothing was heard for so long that they must have gone, or their
// going was missed. If the store does not answer for one, the others wait for the next time.
func (st *stream) overdue(ctx context.Context) {
	now := st.s.cfg.Now()
	for _, key := range st.keys {
		name := st.names[key]
		if name.late || !name.last.until.IsZero() && now.After(name.last.until) {
			if st.lookUp(ctx, key); name.late {
				return
			}
		}
	}
	st.sayReady()
}

// sayReady says, once, that all names have been told.
func (st *stream) sayReady() {
	if st.ready {
		return
	}
	for _, name := range st.names {
		if !name.told {
			return
		}
	}
	st.ready = true
	st.event(v1.EventReady, v1.Ready{Time: st.s.cfg.Now().UnixMilli()})
}

// tell adds an event, if the client does not know that already.
func (st *stream) tell(name *watched, k known) {
	if k.revision != 0 && k.revision < name.last.revision {
		return // it has been overtaken
	}
	if !name.told || !same(&name.last.name, &k.name) {
		st.event(v1.EventName, k.name)
		name.told = true
	}
	name.last = k
}

// same reports whether two states say the same.
func same(a, b *v1.Name) bool {
	return a.State == b.State && a.Name == b.Name && a.PeerID == b.PeerID && (a.Registration == nil) == (b.Registration == nil) &&
		slices.Equal(a.Identity, b.Identity) && (a.Registration == nil || slices.Equal(a.Registration.Signature, b.Registration.Signature))
}

func (st *stream) event(kind string, value any) {
	st.s.counters.events.Add(1)
	st.out = v1.AppendEvent(st.out, kind, value)
}

// flush writes what there is, and reports whether the client still reads.
func (st *stream) flush() bool {
	if len(st.out) == 0 {
		return true
	}
	_ = st.w.SetWriteDeadline(time.Now().Add(writeTimeout))
	_, err := st.body.Write(st.out)
	if err == nil {
		err = st.w.Flush()
	}
	if cap(st.out) > 16<<10 {
		st.out = nil // of the beginning, mostly
	}
	st.out = st.out[:0]
	if isTimeout(err) {
		st.s.counters.slowReaders.Add(1)
	}
	return err == nil
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// afterStream ends a registration when its stream has ended and no other has taken over for a while.
func (s *Server) afterStream(o *own) {
	if s.draining.Load() {
		return
	}
	s.start(func() {
		t := time.NewTimer(streamGrace)
		defer t.Stop()
		select {
		case <-t.C:
		case <-s.drain:
			return
		}
		ctx, cancel := context.WithTimeout(s.ctx, storeTimeout)
		defer cancel()
		if err := s.end(ctx, o.key, o.unkept); err != nil {
			s.cfg.Log.Warn("the registration of a client that has gone could not be ended", "error", err)
		}
	})
}

// unkept reports whether nobody has done anything for a registration since its stream ended. A newer stream may have been open before that,
// while this one's connection had broken unnoticed.
func (o *own) unkept(p *presence, revision uint64) bool {
	return p.has(o.token) && p.Stream == o.stream && revision == o.revision
}
