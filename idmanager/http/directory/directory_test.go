package directory

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"io"
	nethttp "net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/idmanager/http/v1"
	"sundog.dev/sundog/internal/cluster"
	"sundog.dev/sundog/internal/source"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	idAnn = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	idBob = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
)

// world is a directory on a cluster of its own, with a clock that tests may move.
type world struct {
	*testing.T
	*Server
	cluster *cluster.Cluster
	from    string // where requests come from

	mu    sync.Mutex
	ahead time.Duration
}

// newWorld starts a directory. It ends with the test.
func newWorld(t *testing.T, change ...func(*Config)) *world {
	t.Helper()
	w := &world{T: t, from: "192.0.2.1:4711"}
	var err error
	if w.cluster, err = cluster.Open(t.Context(), cluster.Config{Dir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.cluster.Close() })
	w.Server = w.serve(change...)
	return w
}

// fuzzWorld is a directory for a fuzz target. What it is asked, many times over, is not limited on loopback.
func fuzzWorld(f *testing.F) *Server {
	f.Helper()
	c, err := cluster.Open(f.Context(), cluster.Config{Dir: f.TempDir()})
	if err != nil {
		f.Fatal(err)
	}
	s, err := NewServer(f.Context(), Config{Cluster: c, Limits: Limits{KeyRate: 1e6, KeyBurst: 1e6}})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _, _ = s.Close(), c.Close() })
	return s
}

// serve starts an instance on the world's cluster.
func (w *world) serve(change ...func(*Config)) *Server {
	w.Helper()
	cfg := Config{Cluster: w.cluster, Now: w.now, Name: "test"}
	for _, c := range change {
		c(&cfg)
	}
	s, err := NewServer(w.Context(), cfg)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = s.Close() })
	return s
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.ahead)
}

// pass moves the clock.
func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ahead += d
}

// do sends a request, and has it and its answer compared with the OpenAPI description.
func (w *world) do(method, target, contentType, body string) *httptest.ResponseRecorder {
	w.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.RemoteAddr = w.from
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	answer := httptest.NewRecorder()
	w.ServeHTTP(answer, r)
	described(w.T, r, []byte(body), answer.Code, answer.Header(), answer.Body.Bytes())
	return answer
}

func (w *world) get(target string) *httptest.ResponseRecorder {
	w.Helper()
	return w.do(nethttp.MethodGet, target, "", "")
}

func (w *world) post(target string, value any) *httptest.ResponseRecorder {
	w.Helper()
	body, err := json.Marshal(value)
	if err != nil {
		w.Fatal(err)
	}
	return w.do(nethttp.MethodPost, target, "application/json", string(body))
}

// old sends a query to reg.cgi.
func (w *world) old(query string) string {
	w.Helper()
	return w.get("/reg.cgi?" + query).Body.String()
}

// person has an identity key.
type person struct {
	name string
	key  ed25519.PrivateKey
}

func newPerson(t testing.TB, name string) person {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return person{name, key}
}

func (p person) identity() v1.Bytes { return v1.Bytes(p.key.Public().(ed25519.PublicKey)) }

// sign makes a registration.
func (p person) sign(t testing.TB, peerID string, at time.Time) v1.Registration {
	t.Helper()
	reg, err := idmanager.Sign(p.key, idmanager.Record{Name: p.name, PeerID: peerID}, at)
	if err != nil {
		t.Fatal(err)
	}
	return v1.FromRegistration(reg)
}

// register must succeed; it returns the token.
func (w *world) register(p person, peerID string) string {
	w.Helper()
	w.pass(2 * time.Millisecond) // later than what was signed before
	var done v1.Registered
	answer := w.post("/v1/register", p.sign(w.T, peerID, w.now()))
	w.decode(answer, &done)
	if answer.Code != nethttp.StatusOK && answer.Code != nethttp.StatusCreated || done.Token == "" {
		w.Fatalf("registering %s: %d %s", p.name, answer.Code, answer.Body)
	}
	return done.Token
}

func (w *world) decode(answer *httptest.ResponseRecorder, into any) {
	w.Helper()
	if err := v1.Decode(bytes.TrimSpace(answer.Body.Bytes()), into); err != nil {
		w.Fatalf("%d %s: %v", answer.Code, answer.Body, err)
	}
}

// refused expects an Error.
func (w *world) refused(what string, answer *httptest.ResponseRecorder, status int, code string) v1.Error {
	w.Helper()
	var e v1.Error
	w.decode(answer, &e)
	if answer.Code != status || e.Code != code || e.Message == "" || e.Time == 0 {
		w.Errorf("%s: %d %s, want %d %s", what, answer.Code, answer.Body, status, code)
	}
	return e
}

// name looks one up.
func (w *world) name(name string) v1.Name {
	w.Helper()
	return w.nameAt(name, w.get("/v1/names?name="+url.QueryEscape(name)))
}

func (w *world) nameAt(name string, answer *httptest.ResponseRecorder) v1.Name {
	w.Helper()
	var all v1.Names
	if w.decode(answer, &all); answer.Code != nethttp.StatusOK || len(all.Names) != 1 {
		w.Fatalf("looking %s up: %d %s", name, answer.Code, answer.Body)
	}
	return all.Names[0]
}

// here expects somebody to be registered with that peer ID, signed.
func (w *world) here(p person, peerID string) {
	w.Helper()
	got := w.name(p.name)
	if got.State != v1.Here || got.Registration == nil || got.Registration.PeerID != peerID || !bytes.Equal(got.Identity, p.identity()) {
		w.Errorf("%s: %+v, want them here with %s", p.name, got, peerID)
		return
	}
	if _, err := got.Registration.Verify(); err != nil {
		w.Errorf("%s: %v", p.name, err)
	}
}

// away expects a name to be known, and nobody to be registered under it.
func (w *world) away(p person) {
	w.Helper()
	if got := w.name(p.name); got.State != v1.Away || got.Registration != nil || got.PeerID != "" || !bytes.Equal(got.Identity, p.identity()) {
		w.Errorf("%s: %+v, want them away", p.name, got)
	}
}

// eventually waits for something that another goroutine does.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

// readAll is a body's text.
func readAll(t testing.TB, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func sourcePrefix(address string) netip.Prefix { return source.Of(netip.MustParseAddr(address)) }
