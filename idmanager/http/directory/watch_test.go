package directory

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	nethttp "net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"sundog.dev/sundog/idmanager/http/v1"
)

// patience is how long a stream in a test may last.
const patience = 20 * time.Second

// listener is an open stream.
type listener struct {
	t      *testing.T
	events *v1.EventReader
	close  func()
}

// listen opens a stream at a real server.
func (w *world) listen(url string, watch v1.Watch) *listener {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	r, err := nethttp.NewRequestWithContext(ctx, nethttp.MethodPost, url+"/v1/watch", bytes.NewReader(encode(watch)))
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := (&nethttp.Client{Transport: &nethttp.Transport{DisableKeepAlives: true}}).Do(r) //nolint:bodyclose // the listener's close does
	if err != nil {
		w.Fatal(err)
	}
	l := &listener{t: w.T, events: v1.NewEventReader(resp.Body), close: func() {
		cancel()
		_ = resp.Body.Close()
	}}
	w.Cleanup(l.close)
	if resp.StatusCode != nethttp.StatusOK || resp.Header.Get("Content-Type") != "text/event-stream" {
		w.Fatalf("%d %s", resp.StatusCode, readAll(w.T, resp.Body))
	}
	return l
}

// next is the next event that is not a comment.
func (l *listener) next() v1.Event {
	l.t.Helper()
	for {
		e, err := l.events.Next()
		if err != nil {
			l.t.Fatalf("the stream has ended: %v", err)
		}
		if len(e.Data) > 0 {
			valid(l.t, e.Kind, at(description, "components", "responses", "Stream", "x-events", e.Kind), e.Data)
			return e
		}
	}
}

// wants expects an event of that kind and returns its data.
func (l *listener) wants(kind string, into any) {
	l.t.Helper()
	e := l.next()
	if e.Kind != kind {
		l.t.Fatalf("event %s %s, want %s", e.Kind, e.Data, kind)
	}
	if err := json.Unmarshal(e.Data, into); err != nil {
		l.t.Fatal(err)
	}
}

// tells expects a state of a name.
func (l *listener) tells(name, state, peerID string) {
	l.t.Helper()
	var n v1.Name
	l.wants(v1.EventName, &n)
	id := n.PeerID
	if n.Registration != nil {
		id = n.Registration.PeerID
		if _, err := n.Registration.Verify(); err != nil {
			l.t.Error(err)
		}
	}
	if n.Name != name || n.State != state || id != peerID {
		l.t.Fatalf("told of %s %s %s, want %s %s %s", n.Name, n.State, id, name, state, peerID)
	}
}

func (l *listener) ready() {
	l.t.Helper()
	l.wants(v1.EventReady, new(v1.Ready))
}

// ends expects the stream to end.
func (l *listener) ends() {
	l.t.Helper()
	for {
		e, err := l.events.Next()
		if err == nil && len(e.Data) == 0 {
			continue
		}
		if err != io.EOF { //nolint:errorlint // it is never wrapped
			l.t.Fatalf("event %s %s, %v; want the end", e.Kind, e.Data, err)
		}
		return
	}
}

// start serves an instance over loopback.
func (w *world) start(s *Server) string {
	server := httptest.NewServer(s)
	w.Cleanup(func() {
		s.Drain()
		server.Close()
	})
	return server.URL
}

func TestAStreamTellsWhoIsThereAndWhatChanges(t *testing.T) {
	w := newWorld(t)
	other := w.serve()
	ann, bob := newPerson(t, "Ann"), newPerson(t, "Bob")
	w.register(ann, idAnn)
	l := w.listen(w.start(other), v1.Watch{Names: []string{"ANN", "bob", "Carol", "ann"}})
	l.tells("Ann", v1.Here, idAnn)
	l.tells("bob", v1.Unknown, "")
	l.tells("Carol", v1.Unknown, "")
	l.ready()

	token := w.register(bob, idBob) // at another instance
	l.tells("Bob", v1.Here, idBob)
	w.post("/v1/refresh", v1.Refresh{Name: "Bob", Token: token}) // is nothing new
	w.old("username=Carol&identity=" + idAnn)
	l.tells("Carol", v1.Here, idAnn)
	w.register(ann, strings.Repeat("ab", 32))
	l.tells("Ann", v1.Here, strings.Repeat("ab", 32))
	w.pass(2 * time.Millisecond)
	if answer := w.post("/v1/unregister", ann.sign(t, "", w.now())); answer.Code != nethttp.StatusOK {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	l.tells("Ann", v1.Away, "")
	w.old("username=carol&identity=0")
	l.tells("carol", v1.Away, "")
	w.PeerGone(idBob)
	l.tells("Bob", v1.Away, "")
	if n := other.Stats(); n.Streams != 1 || n.Events != 10 {
		t.Errorf("%+v", n)
	}
	l.close()
	eventually(t, "the stream is not given up", func() bool { return other.Stats().Streams == 0 })
	other.hub.mu.RLock()
	defer other.hub.mu.RUnlock()
	if len(other.hub.watchers) != 0 {
		t.Errorf("still watched: %v", other.hub.watchers)
	}
}

func TestAStreamCanBeOpenedByABrowser(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := nethttp.NewRequestWithContext(ctx, nethttp.MethodGet, w.start(w.Server)+"/v1/watch?name=Ann", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Last-Event-ID", "17")
	resp, err := (&nethttp.Client{Transport: &nethttp.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewReader(resp.Body)
	for _, want := range []string{"retry: ", "\n", "event: name\n", `data: {"name":"Ann","state":"unknown"}`, "\n", "event: ready\n"} {
		if line, err := lines.ReadString('\n'); err != nil || !strings.HasPrefix(line, want) {
			t.Fatalf("%q, %v; want %q", line, err, want)
		}
	}
}

func TestAStreamKeepsOnesRegistrationAlive(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Refresh = 400 * time.Millisecond })
	ann := newPerson(t, "Ann")
	l := w.listen(w.start(w.Server), v1.Watch{Own: &v1.Refresh{Name: "Ann", Token: w.register(ann, idAnn)}})
	l.ready()
	begun := w.Stats().Refreshes
	eventually(t, "nothing is renewed", func() bool { return w.Stats().Refreshes > begun+4 })
	w.here(ann, idAnn)

	w.register(ann, idBob)
	var own v1.Own
	if l.wants(v1.EventOwn, &own); own.State != v1.OwnReplaced {
		t.Errorf("another device has taken the place: %+v", own)
	}

	l = w.listen(w.start(w.Server), v1.Watch{Own: &v1.Refresh{Name: "Ann", Token: w.register(ann, idAnn)}, Names: []string{"Ann"}})
	l.tells("Ann", v1.Here, idAnn)
	l.ready()
	w.PeerGone(idAnn)
	for range 2 { // in this order
		e := l.next()
		if e.Kind == v1.EventOwn && !strings.Contains(string(e.Data), v1.OwnGone) || e.Kind == v1.EventName && !strings.Contains(string(e.Data), v1.Away) {
			t.Errorf("%s %s", e.Kind, e.Data)
		}
	}
}

func TestARegistrationThatExpiresIsTold(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Refresh = 200 * time.Millisecond })
	ann := newPerson(t, "Ann")
	w.register(ann, idAnn)
	l := w.listen(w.start(w.Server), v1.Watch{Names: []string{"Ann"}})
	l.tells("Ann", v1.Here, idAnn)
	l.ready()
	l.tells("Ann", v1.Away, "")
}

func TestWhoeverLosesTheStreamAndDoesNotComeBackIsGone(t *testing.T) {
	w := newWorld(t)
	ann := newPerson(t, "Ann")
	token := w.register(ann, idAnn)
	first, second := w.keep(token), w.keep(token) // the second stream maybe at another instance
	ends := func(st *stream) {
		t.Helper()
		if err := w.end(t.Context(), "ann", st.own.unkept); err != nil {
			t.Fatal(err)
		}
	}
	ends(first)
	w.here(ann, idAnn)
	// A stream whose connection has broken unnoticed hears of all that the newer one does, and goes on to renew.
	first.renewNow(t.Context())
	ends(first)
	w.here(ann, idAnn)
	ends(second)
	w.here(ann, idAnn)
	second.renewNow(t.Context())
	ends(second)
	w.away(ann)
}

// keep opens a stream for Ann's registration, which nobody serves.
func (w *world) keep(token string) *stream {
	w.Helper()
	st := &stream{s: w.Server}
	if err := st.setOwn(w.Context(), v1.Refresh{Name: "Ann", Token: token}); err != nil {
		w.Fatal(err)
	}
	return st
}

// What the store does not answer at once is told later, and the stream is not ready before.
func TestAStreamCatchesUpWhenTheStoreAnswersAgain(t *testing.T) {
	w := newWorld(t)
	w.register(newPerson(t, "Ann"), idAnn)
	ann, bob := &watched{asked: "Ann", late: true}, &watched{asked: "Bob", late: true}
	st := &stream{s: w.Server, keys: []string{"ann", "bob"}, names: map[string]*watched{"ann": ann, "bob": bob}}
	away, cancel := context.WithCancel(t.Context())
	cancel()
	if st.overdue(away); len(st.out) > 0 || !ann.late || !bob.late {
		t.Fatalf("told without an answer: %s", st.out)
	}
	st.overdue(t.Context())
	st.overdue(t.Context())
	l := listener{t: t, events: v1.NewEventReader(bytes.NewReader(st.out))}
	l.tells("Ann", v1.Here, idAnn)
	l.tells("Bob", v1.Unknown, "")
	l.ready()
	l.ends()
	st.out = nil
	st.lookUp(away, "bob") // news that could not be looked into
	w.register(newPerson(t, "Bob"), idBob)
	st.overdue(t.Context())
	l = listener{t: t, events: v1.NewEventReader(bytes.NewReader(st.out))}
	l.tells("Bob", v1.Here, idBob)
	l.ends()
}

func TestDrainingSendsClientsElsewhere(t *testing.T) {
	w := newWorld(t, func(c *Config) {
		c.Instances = func() []v1.Instance {
			return []v1.Instance{{ID: "b", RTMFP: []string{"rtmfp://b.example"}, HTTP: "http://b.example"}}
		}
	})
	ann := newPerson(t, "Ann")
	url := w.start(w.Server)
	l := w.listen(url, v1.Watch{Own: &v1.Refresh{Name: "Ann", Token: w.register(ann, idAnn)}})
	l.ready()
	w.Drain()
	w.Drain()
	var end v1.End
	if l.wants(v1.EventEnd, &end); len(end.Instances) != 1 || end.Instances[0].ID != "b" || end.RetryAfterMillis < 1 || end.RetryAfterMillis > 3000 {
		t.Errorf("%+v", end)
	}
	l.ends()
	w.here(ann, idAnn)
	w.refused("a new stream", w.get("/v1/watch?name=Ann"), nethttp.StatusServiceUnavailable, v1.CodeDraining)
	if w.get("/v1").Code != nethttp.StatusOK {
		t.Error("requests are refused, too")
	}
}

func TestStreamsAreBounded(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Limits = Limits{Streams: 3, SourceStreams: 2} })
	c := &w.streams
	a, b := sourcePrefix("192.0.2.1"), sourcePrefix("192.0.2.2")
	for i, step := range []struct {
		from netip.Prefix
		in   bool
	}{{a, true}, {a, true}, {a, false}, {b, true}, {b, false}} { // two of one source, three in all
		if c.enter(step.from) != step.in {
			t.Errorf("stream %d: let in: %v", i, !step.in)
		}
	}
	w.refused("beyond", w.get("/v1/watch?name=Ann"), nethttp.StatusServiceUnavailable, v1.CodeFull)
	c.leave(a)
	if !c.enter(b) || len(c.bySource) != 2 {
		t.Error("what is left is not given again")
	}
}

// A reader that takes nothing is dropped, and what waits for it does not grow.
func TestASlowReaderIsDropped(t *testing.T) {
	near, far := net.Pipe() // has no buffer
	t.Cleanup(func() { _, _ = near.Close(), far.Close() })
	st := &stream{s: newWorld(t).Server, w: nethttp.NewResponseController(stuck{near}), body: stuck{near}}
	st.out = []byte("event")
	if st.flush() {
		t.Error("written to nobody")
	}
	if st.s.Stats().SlowReaders != 1 {
		t.Error("not counted")
	}
	in := newInbox()
	for range 1000 {
		in.put("ann", news{})
	}
	if len(in.new) != 1 || len(in.wake) != 1 {
		t.Errorf("%d pieces of news wait", len(in.new))
	}
}

// stuck is a response whose reader takes nothing; its time-out is over at once.
type stuck struct{ net.Conn }

func (stuck) Header() nethttp.Header { return nethttp.Header{} }
func (stuck) WriteHeader(int)        {}
func (s stuck) SetWriteDeadline(time.Time) error {
	return s.Conn.SetWriteDeadline(time.Now().Add(-time.Second))
}

func TestEveryStreamLooksAgainWhenChangesMayHaveBeenMissed(t *testing.T) {
	w := newWorld(t)
	w.register(newPerson(t, "Ann"), idAnn)
	l := w.listen(w.start(w.Server), v1.Watch{Names: []string{"Ann"}})
	l.tells("Ann", v1.Here, idAnn)
	l.ready()
	before := w.Stats().LookUps
	w.hub.tellAll()
	eventually(t, "nobody looks", func() bool { return w.Stats().LookUps > before })
}
