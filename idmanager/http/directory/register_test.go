package directory

import (
	"crypto/ed25519"
	"fmt"
	nethttp "net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/idmanager/http/v1"
)

func TestANameBelongsToTheFirstKey(t *testing.T) {
	w := newWorld(t)
	ann, mallory := newPerson(t, "Ann"), newPerson(t, "ANN")
	if answer := w.post("/v1/register", ann.sign(t, idAnn, w.now())); answer.Code != nethttp.StatusCreated {
		t.Fatalf("the first registration: %d %s", answer.Code, answer.Body)
	}
	w.here(ann, idAnn)
	w.refused("another key", w.post("/v1/register", mallory.sign(t, idBob, w.now())), nethttp.StatusConflict, v1.CodeNameTaken)
	w.refused("another key withdraws it", w.post("/v1/unregister", mallory.sign(t, "", w.now())), nethttp.StatusConflict, v1.CodeNameTaken)
	w.here(ann, idAnn)
	w.register(ann, idBob)
	w.here(ann, idBob)
	w.pass(w.expiry)
	w.away(ann)
	w.refused("another key, while the owner is away", w.post("/v1/register", mallory.sign(t, idBob, w.now())), nethttp.StatusConflict, v1.CodeNameTaken)
}

func TestOfManyWhoWantANameOneGetsIt(t *testing.T) {
	w := newWorld(t)
	var won atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		p := newPerson(t, "Ann")
		body := p.sign(t, idAnn, w.now())
		all.Go(func() {
			switch answer := w.post("/v1/register", body); answer.Code {
			case nethttp.StatusCreated:
				won.Add(1)
			case nethttp.StatusConflict:
			default:
				t.Errorf("%d %s", answer.Code, answer.Body)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d keys own one name", won.Load())
	}
}

func TestNamesThatLookTheSameAreOne(t *testing.T) {
	w := newWorld(t)
	zoe := newPerson(t, "Zoë  von Straße")
	zoe.name, _ = v1.Normalise(zoe.name)
	w.register(zoe, idAnn)
	for _, spelling := range []string{"Zoë von Straße", " zoe\u0308  VON STRASSE ", "ZOË VON STRAẞE"} {
		if got := w.name(spelling); got.State != v1.Here || got.Name != "Zoë von Straße" {
			t.Errorf("%q: %+v", spelling, got)
		}
	}
	if got := w.name("Zoe von Straße"); got.State != v1.Unknown {
		t.Errorf("without the dots it is another name: %+v", got)
	}
	zoe.name = "ZOË VON STRASSE"
	w.register(zoe, idAnn)
	w.pass(w.expiry)
	if got := w.name("zoë von strasse"); got.Name != "ZOË VON STRASSE" {
		t.Errorf("the owner may spell it otherwise: %+v", got)
	}
}

func TestRepeatedRegistrationsAreRefused(t *testing.T) {
	w := newWorld(t)
	ann := newPerson(t, "Ann")
	before := ann.sign(t, idBob, w.now())
	w.pass(10 * time.Millisecond)
	first := ann.sign(t, idAnn, w.now())
	if answer := w.post("/v1/register", first); answer.Code != nethttp.StatusCreated {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	replayed := func(what, path string, reg v1.Registration) {
		t.Helper()
		if e := w.refused(what, w.post(path, reg), nethttp.StatusConflict, v1.CodeReplayed); e.After < reg.Time {
			t.Errorf("%s: to be signed after %d, was signed at %d", what, e.After, reg.Time)
		}
	}
	replayed("the same again", "/v1/register", first)
	replayed("one signed before it", "/v1/register", before)
	w.here(ann, idAnn)

	w.pass(10 * time.Millisecond)
	withdrawal := ann.sign(t, "", w.now())
	if answer := w.post("/v1/unregister", withdrawal); answer.Code != nethttp.StatusOK {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	replayed("what was withdrawn", "/v1/register", first)
	w.away(ann)
	w.register(ann, idBob)
	replayed("the withdrawal again", "/v1/unregister", withdrawal)
	w.here(ann, idBob)
	w.PeerGone(idBob)
	eventually(t, "the peer has gone, and the registration stays", func() bool { return w.name("Ann").State == v1.Away })
	replayed("what ended with the peer", "/v1/register", first)
}

func TestWhatWasSignedAtAnotherTimeIsRefused(t *testing.T) {
	w := newWorld(t)
	ann := newPerson(t, "Ann")
	w.pass(time.Hour)
	for what, off := range map[string]time.Duration{"stale": -clockTolerance - time.Second, "from the future": clockTolerance + time.Second, "very stale": -1e6 * time.Hour} {
		e := w.refused(what, w.post("/v1/register", ann.sign(t, idAnn, w.now().Add(off))), nethttp.StatusForbidden, v1.CodeWrongTime)
		if away := w.now().Sub(time.UnixMilli(e.Time)); away < -time.Minute || away > time.Minute {
			t.Errorf("%s: the directory's time is %d", what, e.Time)
		}
		w.refused(what, w.post("/v1/unregister", ann.sign(t, "", w.now().Add(off))), nethttp.StatusForbidden, v1.CodeWrongTime)
	}
	if got := w.name("Ann"); got.State != v1.Unknown {
		t.Errorf("refused, and yet there: %+v", got)
	}
	for _, off := range []time.Duration{-clockTolerance + time.Second, clockTolerance - time.Second} {
		if answer := w.post("/v1/register", ann.sign(t, idAnn, w.now().Add(off))); answer.Code >= 300 {
			t.Errorf("%v off: %d %s", off, answer.Code, answer.Body)
		}
	}
}

// The presence bucket is in memory: after its loss the directory does not know what it has seen before.
func TestWhatWasSignedBeforeTheDirectoryBeganIsRefused(t *testing.T) {
	w := newWorld(t)
	w.refused("from before", w.post("/v1/register", newPerson(t, "Ann").sign(t, idAnn, w.epoch.Add(-time.Millisecond))),
		nethttp.StatusConflict, v1.CodeReplayed)
	if other := w.serve(); !other.epoch.Equal(w.epoch.Truncate(time.Millisecond)) {
		t.Errorf("another instance of the same directory began at %v, the first at %v", other.epoch, w.epoch)
	}
}

func TestForgedRegistrationsAreRefused(t *testing.T) {
	w := newWorld(t)
	ann, mallory := newPerson(t, "Ann"), newPerson(t, "Ann")
	w.register(ann, idAnn)
	for what, change := range map[string]func(*v1.Registration){
		"signed by another key": func(r *v1.Registration) { *r = mallory.sign(t, idBob, w.now()); r.Identity = ann.identity() },
		"another peer ID":       func(r *v1.Registration) { r.PeerID = idBob },
		"another time":          func(r *v1.Registration) { r.Time++ },
		"another name":          func(r *v1.Registration) { r.Name = "Bob" },
		"another service":       func(r *v1.Registration) { r.Rendezvous = "rtmfp://elsewhere.example" },
		"another nonce":         func(r *v1.Registration) { r.Nonce = make(v1.Bytes, 16) },
		"a short nonce":         func(r *v1.Registration) { r.Nonce = r.Nonce[:15] },
		"no signature":          func(r *v1.Registration) { r.Signature = nil },
		"no key":                func(r *v1.Registration) { r.Identity = nil },
		"half a peer ID":        func(r *v1.Registration) { r.PeerID = idBob[:32] },
		"a peer ID of letters":  func(r *v1.Registration) { r.PeerID = strings.Repeat("x", 64) },
	} {
		w.pass(2 * time.Millisecond)
		reg := ann.sign(t, idAnn, w.now())
		change(&reg)
		w.refused(what, w.post("/v1/register", reg), nethttp.StatusForbidden, v1.CodeForged)
	}
	w.here(ann, idAnn)
}

func TestWithdrawing(t *testing.T) {
	w := newWorld(t)
	ann := newPerson(t, "Ann")
	if answer := w.post("/v1/unregister", ann.sign(t, "", w.now())); answer.Code != nethttp.StatusOK {
		t.Errorf("what was never registered: %d %s", answer.Code, answer.Body)
	}
	if got := w.name("Ann"); got.State != v1.Unknown {
		t.Errorf("withdrawing takes the name: %+v", got)
	}
	desk := w.register(ann, idAnn)
	laptop := w.register(ann, idBob)
	w.pass(2 * time.Millisecond)
	if answer := w.post("/v1/unregister", v1.Unregister{Registration: ann.sign(t, "", w.now()), Token: desk}); answer.Code != nethttp.StatusOK {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	w.here(ann, idBob) // the other device's
	w.pass(2 * time.Millisecond)
	if answer := w.post("/v1/unregister", v1.Unregister{Registration: ann.sign(t, "", w.now()), Token: laptop}); answer.Code != nethttp.StatusOK {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	w.away(ann)
	w.refused("refreshing it", w.post("/v1/refresh", v1.Refresh{Name: "Ann", Token: laptop}), nethttp.StatusForbidden, v1.CodeUnknownToken)
}

func TestRegistrationsExpireUnlessRefreshed(t *testing.T) {
	w := newWorld(t)
	ann := newPerson(t, "Ann")
	token := w.register(ann, idAnn)
	for range 4 {
		w.pass(w.cfg.Refresh)
		if answer := w.post("/v1/refresh", v1.Refresh{Name: "ann", Token: token}); answer.Code != nethttp.StatusOK {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
	}
	w.refused("a wrong token", w.post("/v1/refresh", v1.Refresh{Name: "Ann", Token: token + "x"}), nethttp.StatusForbidden, v1.CodeReplaced)
	w.refused("no token", w.post("/v1/refresh", v1.Refresh{Name: "Ann"}), nethttp.StatusForbidden, v1.CodeReplaced)
	w.refused("another name", w.post("/v1/refresh", v1.Refresh{Name: "Bob", Token: token}), nethttp.StatusForbidden, v1.CodeUnknownToken)
	w.pass(2 * w.cfg.Refresh) // one was lost
	w.here(ann, idAnn)
	w.pass(w.cfg.Refresh)
	w.away(ann)
	w.refused("too late", w.post("/v1/refresh", v1.Refresh{Name: "Ann", Token: token}), nethttp.StatusForbidden, v1.CodeUnknownToken)
	second := w.register(ann, idAnn)
	w.register(ann, idBob)
	w.refused("taken over by another device", w.post("/v1/refresh", v1.Refresh{Name: "Ann", Token: second}), nethttp.StatusForbidden, v1.CodeReplaced)
}

func TestAKeyOwnsSoManyNames(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Limits.NamesPerKey = 3 })
	p := newPerson(t, "")
	for i := range 3 {
		p.name = fmt.Sprint("name ", i)
		w.register(p, idAnn)
	}
	p.name = "one more"
	w.refused("beyond", w.post("/v1/register", p.sign(t, idAnn, w.now())), nethttp.StatusForbidden, v1.CodeTooManyNames)
	p.name = "name 1"
	w.register(p, idBob)

	// Somebody's list that holds a name which another has got, by a crash between two writes.
	victim := newPerson(t, "")
	list := encode(owned{Names: []string{"name 0", "name 1", "name 2"}})
	if _, err := w.owners.Put(t.Context(), string(victim.identity()), list, 0); err != nil {
		t.Fatal(err)
	}
	victim.name = "mine"
	w.register(victim, idAnn)
}

func TestTooManyRequests(t *testing.T) {
	w := newWorld(t, func(c *Config) {
		c.Limits = Limits{SourceRate: 1, SourceBurst: 20, KeyRate: 1, KeyBurst: 3, ClaimRate: 0.01, ClaimBurst: 5}
	})
	limited := func(what string, request func() int, wait time.Duration) {
		t.Helper()
		code := 0
		for range 100 {
			if code = request(); code == nethttp.StatusTooManyRequests {
				break
			}
		}
		if code != nethttp.StatusTooManyRequests {
			t.Errorf("%s: never refused", what)
		}
		w.pass(wait)
		if code := request(); code >= 300 {
			t.Errorf("%s: %d after %v", what, code, wait)
		}
	}
	limited("requests of one address", func() int { return w.get("/v1").Code }, time.Second)
	w.from = "192.0.2.2:1"
	if code := w.get("/v1").Code; code != nethttp.StatusOK {
		t.Errorf("another address: %d", code)
	}
	limited("old requests", func() int { return w.get("/reg.cgi?friends=x").Code }, time.Second)
	many := "/v1/names?" + strings.Repeat("name=x&", v1.MaxNames)
	w.from = "192.0.2.3:1"
	limited("many names", func() int { return w.get(many).Code }, 10*time.Second)

	hosts := 0
	elsewhere := func() { hosts++; w.from = fmt.Sprintf("198.51.100.%d:1", hosts) }
	ann := newPerson(t, "Ann")
	limited("requests of one key", func() int {
		elsewhere()
		w.pass(2 * time.Millisecond)
		return w.post("/v1/register", ann.sign(t, idAnn, w.now())).Code
	}, time.Second)

	w.from = "203.0.113.1:1"
	claimed := 0
	limited("new names of one address", func() int {
		w.pass(time.Second)
		claimed++
		return w.post("/v1/register", newPerson(t, fmt.Sprint("claim ", claimed)).sign(t, idAnn, w.now())).Code
	}, 100*time.Second)
	w.from = "127.0.0.1:1"
	for range 100 {
		if code := w.get("/v1").Code; code != nethttp.StatusOK {
			t.Fatalf("a proxy on the same machine: %d", code)
		}
	}
}

// Identity keys are public, and so are registrations: nobody can keep an owner from registering by what they send in the owner's name.
func TestOthersCannotUseUpWhatAKeyMayAsk(t *testing.T) {
	w := newWorld(t, func(c *Config) {
		c.Limits = Limits{KeyRate: 0.001, KeyBurst: 2}
		c.Relay = relayOf(new(ed25519.PublicKey))
	})
	ann := newPerson(t, "Ann")
	first := ann.sign(t, idAnn, w.now())
	if answer := w.post("/v1/register", first); answer.Code != nethttp.StatusCreated {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	w.from = "198.51.100.1:1"
	forged := ann.sign(t, idBob, w.now())
	forged.Signature[0] ^= 1
	relay, err := v1.SignRelayRequest(ann.key, w.now())
	if err != nil {
		t.Fatal(err)
	}
	relay.Signature[0] ^= 1
	for range 5 {
		w.refused("a forged one", w.post("/v1/register", forged), nethttp.StatusForbidden, v1.CodeForged)
		w.refused("a forged withdrawal", w.post("/v1/unregister", v1.Unregister{Registration: withoutPeer(forged)}), nethttp.StatusForbidden, v1.CodeForged)
		w.refused("a forged relay request", w.post("/v1/relay", relay), nethttp.StatusForbidden, v1.CodeForged)
		w.refused("a repeated one", w.post("/v1/register", first), nethttp.StatusConflict, v1.CodeReplayed)
	}
	w.register(ann, idBob)
	w.here(ann, idBob)
}

func withoutPeer(r v1.Registration) v1.Registration {
	r.PeerID = ""
	return r
}

func TestLookingUpSeveral(t *testing.T) {
	w := newWorld(t)
	ann := newPerson(t, "Ann")
	w.register(ann, idAnn)
	w.old("username=Bob&identity=" + idBob)
	w.old("username=Carol&identity=0")
	var all v1.Names
	w.decode(w.get("/v1/names?name=bob&name=Nobody&name=ANN&name=ann&name=Carol&other=1"), &all)
	var got []string
	for _, n := range all.Names {
		got = append(got, n.Name+" "+n.State)
	}
	if strings.Join(got, ", ") != "Bob here, Nobody unknown, Ann here, Ann here, Carol away" {
		t.Errorf("got %q", got)
	}
	if n := all.Names[0]; n.PeerID != idBob || n.Identity != nil || n.Registration != nil {
		t.Errorf("an old client: %+v", n)
	}
	if n := all.Names[2]; n.PeerID != "" || n.Registration == nil {
		t.Errorf("a signed one: %+v", n)
	}
}

func TestRelayCredentials(t *testing.T) {
	var asked ed25519.PublicKey
	w := newWorld(t)
	ann := newPerson(t, "Ann")
	request := func(at time.Time) v1.RelayRequest {
		t.Helper()
		r, err := v1.SignRelayRequest(ann.key, at)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	w.refused("no relay", w.post("/v1/relay", request(w.now())), nethttp.StatusNotFound, v1.CodeNoRelay)
	w.cfg.Relay = relayOf(&asked)
	var got v1.Relay
	if w.decode(w.post("/v1/relay", request(w.now())), &got); got.Username != "u" || got.Password != "p" || got.Time == 0 || !asked.Equal(ann.key.Public()) {
		t.Errorf("%+v for %x", got, asked)
	}
	w.refused("stale", w.post("/v1/relay", request(w.now().Add(-time.Hour))), nethttp.StatusForbidden, v1.CodeWrongTime)
	forged := request(w.now())
	forged.Identity = newPerson(t, "Bob").identity()
	w.refused("forged", w.post("/v1/relay", forged), nethttp.StatusForbidden, v1.CodeForged)
	// What was signed for one purpose serves no other.
	reg := ann.sign(t, "", w.now())
	w.refused("a registration", w.post("/v1/relay", v1.RelayRequest{Identity: reg.Identity, Time: reg.Time, Nonce: reg.Nonce, Signature: reg.Signature}),
		nethttp.StatusForbidden, v1.CodeForged)
}

func TestTwoInstancesAreOneDirectory(t *testing.T) {
	w := newWorld(t)
	other := &world{T: t, Server: w.serve(), cluster: w.cluster, from: w.from}
	ann := newPerson(t, "Ann")
	token := w.register(ann, idAnn)
	other.here(ann, idAnn)
	if answer := other.post("/v1/refresh", v1.Refresh{Name: "Ann", Token: token}); answer.Code != nethttp.StatusOK {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	other.PeerGone(idAnn)
	eventually(t, "gone at one instance, and there at the other", func() bool { return w.name("Ann").State == v1.Away })
	if body := other.old("username=Ann&identity=" + idBob); !strings.Contains(body, "<update>false</update>") {
		t.Errorf("%s", body)
	}
}

func TestWhoHasComeBackWithAnotherPeerIDIsNotGone(t *testing.T) {
	w := newWorld(t)
	ann := newPerson(t, "Ann")
	w.register(ann, idAnn)
	w.register(ann, idBob)
	for _, id := range []string{idAnn, strings.Repeat("00", 32), "rubbish"} {
		if err := w.endPeer(gonePeer{id, w.now()}); err != nil {
			t.Error(err)
		}
	}
	w.here(ann, idBob)
	gone := gonePeer{idBob, w.now()} // and that is found out about late
	w.register(ann, idBob)
	if err := w.endPeer(gone); err != nil {
		t.Error(err)
	}
	w.here(ann, idBob)
	w.Drain()
	w.PeerGone(idBob) // its client moves
	if len(w.gone) != 0 {
		t.Error("a client that moves to another instance is taken for gone")
	}
}

// Whose a peer ID is is known for as long as its registration is kept alive, and not much longer.
func TestAPeerIsKnownWhileItsRegistrationIsKept(t *testing.T) {
	w := newWorld(t)
	ann := newPerson(t, "Ann")
	token := w.register(ann, strings.ToUpper(idAnn))
	forget := func() {
		t.Helper()
		if err := w.peers.Delete(t.Context(), idAnn); err != nil {
			t.Fatal(err)
		}
	}
	known := func(what string, want bool) {
		t.Helper()
		if _, err := w.peers.Get(t.Context(), idAnn); (err == nil) != want {
			t.Errorf("%s: %v", what, err)
		}
	}
	known("registered", true)
	forget()
	w.post("/v1/refresh", v1.Refresh{Name: "Ann", Token: token})
	known("refreshed", true)
	st := w.keep(token)
	forget()
	for range 20 { // 2 min each
		w.pass(2 * time.Minute)
		st.renewNow(t.Context())
	}
	known("the stream was open for long", true)
	forget()
	w.keep(token)
	known("another stream was opened", true)
	w.PeerGone(idAnn)
	eventually(t, "the peer has gone, and is still there", func() bool { return w.name("Ann").State == v1.Away })
}

func TestALostStoreIsTold(t *testing.T) {
	w := newWorld(t)
	ann := newPerson(t, "Ann")
	reg := ann.sign(t, idAnn, w.now())
	_ = w.cluster.Close()
	w.refused("registering", w.post("/v1/register", reg), nethttp.StatusServiceUnavailable, v1.CodeUnavailable)
	w.refused("looking up", w.get("/v1/names?name="+url.QueryEscape("Ann")), nethttp.StatusServiceUnavailable, v1.CodeUnavailable)
	if body := w.old("username=a&identity=b&friends=a"); body != xmlHead+"<result>\n\t<update>false</update>\n\t<friend>\n\t\t<user>a</user>\n\t</friend>\n</result>\n" {
		t.Errorf("%s", body)
	}
	if w.Stats().StoreErrors == 0 {
		t.Error("not counted")
	}
}

// signedName is a registration of a name that is not in its normal form.
func signedName(t *testing.T, p person, name string, at time.Time) v1.Registration {
	t.Helper()
	reg, err := idmanager.Sign(p.key, idmanager.Record{Name: name, PeerID: idAnn}, at)
	if err != nil {
		t.Fatal(err)
	}
	return v1.FromRegistration(reg)
}
