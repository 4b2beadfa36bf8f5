package http

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	nethttp "net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/idmanager/http/directory"
	"sundog.dev/sundog/idmanager/http/v1"
	"sundog.dev/sundog/internal/cluster"
)

func newKey(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// eventually waits for something that another goroutine does.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

// answers is a handler of several paths that counts what it is asked.
type answers map[string]func(nethttp.ResponseWriter, *nethttp.Request)

func (a answers) ServeHTTP(w nethttp.ResponseWriter, r *nethttp.Request) {
	if f := a[r.URL.Path]; f != nil {
		f(w, r)
		return
	}
	nethttp.NotFound(w, r)
}

func saysJSON(status int, value any) func(nethttp.ResponseWriter, *nethttp.Request) {
	return func(w nethttp.ResponseWriter, _ *nethttp.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(value)
	}
}

func TestTheDialectIsFoundOut(t *testing.T) {
	oldReply := says("<result><friend><user>Bob</user><identity>" + idBob + "</identity></friend></result>").ServeHTTP
	directoryHere := saysJSON(200, v1.Directory{API: v1.Version, Time: time.Now().UnixMilli()})
	names := saysJSON(200, v1.Names{Names: []v1.Name{{Name: "Bob", State: v1.Here, PeerID: idAnn}}})
	for what, tt := range map[string]struct {
		v1   func(nethttp.ResponseWriter, *nethttp.Request)
		want string // Bob's peer ID; "": no answer
	}{
		"/v1":              {directoryHere, idAnn},
		"not found":        {nil, idBob},
		"a web page":       {says("<html>Welcome</html>").ServeHTTP, idBob},
		"nothing":          {says("").ServeHTTP, idBob},
		"other JSON":       {saysJSON(200, map[string]int{"version": 3}), idBob},
		"an endless page":  {says(strings.Repeat("x", 2*maxReply)).ServeHTTP, idBob},
		"forbidden":        {saysJSON(403, "no"), idBob},
		"it fails":         {saysJSON(500, "no"), ""},
		"it is overloaded": {saysJSON(503, v1.Error{Code: v1.CodeUnavailable, Message: "Not now."}), ""},
		"too many":         {saysJSON(429, v1.Error{Code: v1.CodeTooManyRequests, Message: "Not now.", RetryAfterSeconds: 5}), ""},
	} {
		c := newClient(t, answers{"/v1": tt.v1, "/v1/names": names, "/reg.cgi": oldReply})
		for range 2 {
			got, err := c.LookUp(t.Context(), "Bob")
			if got.PeerID != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("%s: %+v, %v", what, got, err)
			}
			if err != nil && !strings.Contains(err.Error(), "directory.example") {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
}

func TestTheURLOfAnOldScriptIsAskedNothingElse(t *testing.T) {
	c, err := New("http://directory.example/ids/reg.php?app=2", Options{Signer: newKey(t), Client: &nethttp.Client{Transport: inProcess{nethttp.HandlerFunc(
		func(w nethttp.ResponseWriter, r *nethttp.Request) {
			if r.URL.Path != "/ids/reg.php" {
				t.Errorf("asked for %s", r.URL)
			}
			_, _ = w.Write([]byte("<result><update>true</update></result>"))
		})}}})
	if err != nil {
		t.Fatal(err)
	}
	mustRegister(t, c, "Ann", idAnn)
}

func TestALoginPageIsNotTakenForAnOldDirectoryForEver(t *testing.T) {
	url := startDirectory(t)
	var home atomic.Bool
	portal := httptest.NewServer(nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
		if home.Load() {
			nethttp.Redirect(w, r, url+r.URL.RequestURI(), nethttp.StatusTemporaryRedirect)
			return
		}
		_, _ = w.Write([]byte("<html>Accept the terms</html>"))
	}))
	defer portal.Close()
	c := newSigner(t, portal.URL, newKey(t))
	if err := c.Register(t.Context(), idmanager.Record{Name: "Ann", PeerID: idAnn}); err == nil {
		t.Error("registered at a login page")
	}
	home.Store(true)
	mustRegister(t, c, "Ann", idAnn)
	if got, err := newSigner(t, url, nil).LookUp(t.Context(), "Ann"); err != nil || got.Identity == nil {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAWrongClockIsCorrected(t *testing.T) {
	for _, off := range []time.Duration{-50 * time.Hour, 50 * time.Hour} {
		url := startDirectory(t, func(c *directory.Config) { c.Now = func() time.Time { return time.Now().Add(off) } })
		c := newSigner(t, url, newKey(t))
		mustRegister(t, c, "Ann", idAnn)
		c.clock.set(time.Now().UnixMilli()) // it was put right, or wrong, meanwhile
		mustRegister(t, c, "Ann", idBob)
		if got, err := c.LookUp(t.Context(), "Ann"); err != nil || got.PeerID != idBob {
			t.Errorf("%v: %+v, %v", off, got, err)
		}
	}
}

func TestOnlyWhatItsOwnerSignedIsBelieved(t *testing.T) {
	key, other := newKey(t), newKey(t)
	sign := func(key ed25519.PrivateKey, name, id string) *v1.Registration {
		reg, err := idmanager.Sign(key, idmanager.Record{Name: name, PeerID: id}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		r := v1.FromRegistration(reg)
		return &r
	}
	forged := sign(key, "Bob", idBob)
	forged.PeerID = idAnn
	stolen := sign(key, "Bob", idBob)
	stolen.Identity = v1.Bytes(other.Public().(ed25519.PublicKey))
	for what, tt := range map[string]struct {
		name v1.Name
		want error
	}{
		"signed":                {v1.Name{Name: "Bob", State: v1.Here, Registration: sign(key, "Bob", idBob)}, nil},
		"another peer ID":       {v1.Name{Name: "Bob", State: v1.Here, Registration: forged}, idmanager.ErrOffline},
		"another key":           {v1.Name{Name: "Bob", State: v1.Here, Registration: stolen}, idmanager.ErrOffline},
		"somebody else's":       {v1.Name{Name: "Bob", State: v1.Here, Registration: sign(key, "Rob", idBob)}, idmanager.ErrOffline},
		"a withdrawal":          {v1.Name{Name: "Bob", State: v1.Here, Registration: sign(key, "Bob", "")}, idmanager.ErrOffline},
		"away":                  {v1.Name{Name: "Bob", State: v1.Away}, idmanager.ErrOffline},
		"unknown":               {v1.Name{Name: "Bob", State: v1.Unknown}, idmanager.ErrUnknownName},
		"a state of the future": {v1.Name{Name: "Bob", State: "asleep"}, idmanager.ErrOffline},
	} {
		c := newClient(t, answers{"/v1": saysJSON(200, v1.Directory{API: 1}), "/v1/names": saysJSON(200, v1.Names{Names: []v1.Name{tt.name}})})
		got, err := c.LookUp(t.Context(), "Bob")
		if !errors.Is(err, tt.want) || err == nil && (got.PeerID != idBob || !got.Identity.Equal(key.Public())) || err != nil && got.Identity != nil {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
	}
	c := newClient(t, answers{"/v1": saysJSON(200, v1.Directory{API: 1}), "/v1/names": saysJSON(200, v1.Names{Names: []v1.Name{{Name: "Bob", State: v1.Here, PeerID: idBob, Identity: stolen.Identity}}})})
	if got, err := c.LookUp(t.Context(), "Bob"); err != nil || got.PeerID != idBob || got.Identity != nil {
		t.Errorf("what nobody has signed: %+v, %v", got, err)
	}
}

func TestStolenNames(t *testing.T) {
	url := startDirectory(t)
	mustRegister(t, newSigner(t, url, newKey(t)), "Ann", idAnn)
	mallory := newSigner(t, url, newKey(t))
	err := mallory.Register(t.Context(), idmanager.Record{Name: "ann", PeerID: idBob})
	if !errors.Is(err, idmanager.ErrNameTaken) || !strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("by another key: %v", err)
	}
	old, err := New(url, Options{}) // has no key
	if err != nil {
		t.Fatal(err)
	}
	if err := old.Register(t.Context(), idmanager.Record{Name: "ANN", PeerID: idBob}); !errors.Is(err, idmanager.ErrRefused) {
		t.Errorf("without a key: %v", err)
	}
	if got, err := old.LookUp(t.Context(), "ANN"); err != nil || got.PeerID != idAnn || got.Identity == nil {
		t.Errorf("%+v, %v", got, err)
	}
	mustRegister(t, old, "Old", idBob)
	if got, err := mallory.LookUp(t.Context(), "old"); err != nil || got.PeerID != idBob || got.Identity != nil {
		t.Errorf("an old client: %+v, %v", got, err)
	}
}

func TestABadCertificateIsNotTrusted(t *testing.T) {
	server := httptest.NewUnstartedServer(says("hello"))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	c, err := New(server.URL, Options{Signer: newKey(t)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.LookUp(t.Context(), "Ann"); !errors.Is(err, idmanager.ErrUntrusted) || !strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("got %v", err)
	}
}

// instances are two servers of one directory.
type instances struct {
	cluster *cluster.Cluster
	list    []v1.Instance
	drained atomic.Bool // the first one
	servers []*httptest.Server
	parts   []*directory.Server
}

func startInstances(t *testing.T) *instances {
	t.Helper()
	i := new(instances)
	var err error
	if i.cluster, err = cluster.Open(t.Context(), cluster.Config{Dir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = i.cluster.Close() })
	for n := range 2 {
		d, err := directory.NewServer(t.Context(), directory.Config{Cluster: i.cluster, Instances: i.now})
		if err != nil {
			t.Fatal(err)
		}
		i.parts, i.servers = append(i.parts, d), append(i.servers, httptest.NewUnstartedServer(d))
		i.list = append(i.list, v1.Instance{ID: fmt.Sprint(n), HTTP: "http://" + i.servers[n].Listener.Addr().String()})
		t.Cleanup(func() { i.kill(n) })
	}
	for _, s := range i.servers {
		s.Start()
	}
	return i
}

// now are the instances as they are at this moment.
func (i *instances) now() []v1.Instance {
	list := slices.Clone(i.list)
	list[0].Draining = i.drained.Load()
	return list
}

// kill ends an instance without a word.
func (i *instances) kill(n int) {
	_ = i.servers[n].Listener.Close()
	i.servers[n].CloseClientConnections()
	i.servers[n].Close()
	_ = i.parts[n].Close()
}

func TestWhenAnInstanceDiesAnotherOneServes(t *testing.T) {
	i := startInstances(t)
	ann, bob := newSigner(t, i.list[0].HTTP, newKey(t)), newSigner(t, i.list[1].HTTP, newKey(t))
	mustRegister(t, ann, "Ann", idAnn)
	mustRegister(t, bob, "Bob", idBob)
	events, err := ann.Watch(t.Context(), []string{"Bob"})
	if err != nil {
		t.Fatal(err)
	}
	if e := <-events; e.Record.PeerID != idBob {
		t.Fatalf("%+v", e)
	}
	eventually(t, "no stream", func() bool { return i.parts[0].Stats().Streams == 1 && i.parts[1].Stats().Streams == 1 })
	select {
	case <-ann.Broken():
		t.Error("a stream was opened anew, and that is told as broken")
	default:
	}
	i.kill(0)
	<-ann.Broken()
	if got, err := ann.LookUp(t.Context(), "Bob"); err != nil || got.PeerID != idBob {
		t.Errorf("a look-up: %+v, %v", got, err)
	}
	eventually(t, "the stream does not go on", func() bool { return i.parts[1].Stats().Streams == 2 })
	mustRegister(t, bob, "Bob", idAnn)
	if e := <-events; e.Record.PeerID != idAnn {
		t.Errorf("%+v", e)
	}
	if err := ann.Refresh(t.Context()); err != nil {
		t.Error(err)
	}
}

// beforeWatch does something before the nth stream is asked for.
type beforeWatch struct {
	nethttp.RoundTripper
	n  atomic.Int32
	do func()
}

func (b *beforeWatch) RoundTrip(r *nethttp.Request) (*nethttp.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/watch") && b.n.Add(-1) == 0 {
		b.do()
	}
	return b.RoundTripper.RoundTrip(r)
}

func TestAServiceThatGoesWhileTheStreamIsOpenedAnewIsMissed(t *testing.T) {
	i := startInstances(t)
	ann := newSigner(t, i.list[0].HTTP, newKey(t))
	second := &beforeWatch{RoundTripper: ann.opt.Client.Transport, do: func() { i.kill(0); i.kill(1) }}
	second.n.Store(2)
	ann.opt.Client.Transport = second
	mustRegister(t, ann, "Ann", idAnn)
	eventually(t, "no stream", func() bool { return i.parts[0].Stats().Streams == 1 })
	if _, err := ann.Watch(t.Context(), []string{"Bob"}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ann.Broken():
	case <-time.After(20 * time.Second):
		t.Error("nobody was told")
	}
}

func TestDrainedClientsGoElsewhere(t *testing.T) {
	i := startInstances(t)
	ann := newSigner(t, i.list[0].HTTP, newKey(t))
	mustRegister(t, ann, "Ann", idAnn)
	eventually(t, "no stream", func() bool { return i.parts[0].Stats().Streams == 1 })
	i.drained.Store(true)
	i.parts[0].Drain()
	eventually(t, "the client stays away", func() bool { return i.parts[1].Stats().Streams == 1 })
	select {
	case <-ann.Broken():
		t.Error("an instance that drains is told as broken")
	default:
	}
}

func TestWhatTheDirectoryLosesIsRegisteredAgain(t *testing.T) {
	i := startInstances(t)
	key := newKey(t)
	ann, carol := newSigner(t, i.list[0].HTTP, key), newSigner(t, i.list[0].HTTP, nil)
	mustRegister(t, ann, "Ann", idAnn)
	eventually(t, "no stream", func() bool { return i.parts[0].Stats().Streams == 1 })
	i.parts[1].PeerGone(idAnn)
	<-ann.Broken()
	is := func(id string) func() bool {
		return func() bool { r, err := carol.LookUp(t.Context(), "Ann"); return err == nil && r.PeerID == id }
	}
	eventually(t, "not registered again", is(idAnn))

	laptop := newSigner(t, i.list[0].HTTP, key) // takes our place
	mustRegister(t, laptop, "Ann", idBob)
	eventually(t, "nobody has told us", func() bool {
		ann.mu.Lock()
		defer ann.mu.Unlock()
		return ann.mine.replaced
	})
	if err := ann.Refresh(t.Context()); err != nil || !is(idBob)() {
		t.Errorf("two devices fight: %v", err)
	}
	if err := laptop.Unregister(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the place is free, and we do not take it", is(idAnn))
}

func TestRelayCredentialsOfTheService(t *testing.T) {
	key := newKey(t)
	url := startDirectory(t, func(c *directory.Config) {
		c.Relay = func(_ context.Context, identity ed25519.PublicKey) (v1.Relay, error) {
			if !identity.Equal(key.Public()) {
				return v1.Relay{}, errors.New("somebody else")
			}
			return v1.Relay{URLs: []string{"turn:192.0.2.1:3478"}, Username: "u", Password: "p", Expires: time.Now().Add(time.Hour).UnixMilli()}, nil
		}
	})
	r, until, err := newSigner(t, url, key).RelayCredentials(t.Context())
	if left := time.Until(until); err != nil || r.Username != "u" || left < 50*time.Minute || left > time.Hour+time.Minute {
		t.Errorf("%+v for %v, %v", r, left, err)
	}
	for _, c := range []*Client{newSigner(t, startDirectory(t), key), newClient(t, newOldScript())} {
		if _, _, err := c.RelayCredentials(t.Context()); !errors.Is(err, ErrNoRelay) {
			t.Errorf("no relay: %v", err)
		}
	}
}

func TestInstancesMustBeAsSafeAsTheDirectory(t *testing.T) {
	c, err := New("https://a.example/x", Options{})
	if err != nil {
		t.Fatal(err)
	}
	c.hosts.set([]v1.Instance{
		{HTTP: "http://b.example"},
		{HTTP: "https://c.example/v1"},
		{HTTP: "ftp://d.example"},
		{HTTP: "://"},
		{},
		{HTTP: "https://u:p@e.example"},
		{HTTP: "https://f.example", Draining: true},
		{HTTP: "https://a.example/x/"},
		{HTTP: "https:///v1"},
	})
	var got []string
	for _, u := range c.hosts.order(time.Now()) {
		got = append(got, u.String())
	}
	if strings.Join(got, " ") != "https://a.example/x https://c.example" {
		t.Errorf("%q", got)
	}
}

func TestASilentInstanceDoesNotHoldUpALookUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		alive := answers{"/v1/names": saysJSON(200, v1.Names{Names: []v1.Name{{Name: "Bob", State: v1.Here, PeerID: idBob}}})}
		c, err := New("http://a.example", Options{Client: &nethttp.Client{Transport: byHost{"a.example": silent{}, "b.example": inProcess{alive}}}})
		if err != nil {
			t.Fatal(err)
		}
		c.dialects.set(dialectV1)
		c.hosts.set([]v1.Instance{{HTTP: "http://b.example"}})
		for _, want := range []time.Duration{attemptTimeout, 0} { // the second time it is not asked any more
			began := time.Now()
			if got, err := c.LookUp(t.Context(), "Bob"); err != nil || got.PeerID != idBob || time.Since(began) != want {
				t.Errorf("%+v, %v after %v", got, err, time.Since(began))
			}
		}
	})
}

type byHost map[string]nethttp.RoundTripper

func (b byHost) RoundTrip(r *nethttp.Request) (*nethttp.Response, error) {
	return b[r.URL.Host].RoundTrip(r)
}
