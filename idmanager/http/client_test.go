package http

import (
	"context"
	"errors"
	"net"
	nethttp "net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/idmanager"
)

func TestTheClientFindsWhomTheServerKnows(t *testing.T) {
	h := newOldScript()
	ann, bob := newClient(t, h), newClient(t, h)
	mustRegister(t, ann, "Ann & <Co>", strings.ToUpper(idAnn))

	wantRecord(t, bob, "Ann & <Co>", idmanager.Record{Name: "Ann & <Co>", PeerID: idAnn})
	wantRecord(t, bob, "ANN & <co>", idmanager.Record{Name: "Ann & <Co>", PeerID: idAnn})
	wantError(t, bob, "Carol", idmanager.ErrUnknownName)
	wantError(t, bob, " ", idmanager.ErrUnknownName)

	if err := ann.Unregister(context.Background()); err != nil {
		t.Fatal(err)
	}
	wantError(t, bob, "Ann & <Co>", idmanager.ErrOffline)
	if err := ann.Unregister(context.Background()); err != nil {
		t.Errorf("unregistering twice: %v", err)
	}
	if err := ann.Refresh(context.Background()); !errors.Is(err, ErrNotRegistered) {
		t.Errorf("refreshing nothing: %v", err)
	}
}

func TestTheRefreshIntervalKeepsARegistrationAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newOldScript()
		ann, bob := newClient(t, h), newClient(t, h)
		mustRegister(t, ann, "Ann", idAnn)
		time.Sleep(RefreshInterval)
		if err := ann.Refresh(context.Background()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2*RefreshInterval - time.Second) // one refresh is lost
		wantRecord(t, bob, "Ann", idmanager.Record{Name: "Ann", PeerID: idAnn})
		time.Sleep(time.Second)
		wantError(t, bob, "Ann", idmanager.ErrUnknownName)
	})
}

func TestRequestsAreThoseOfTheOldClient(t *testing.T) {
	var got []string
	h := nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
		if r.URL.Path == "/v1" { // which the client asks for first
			nethttp.NotFound(w, r)
			return
		}
		got = append(got, r.Method+" "+r.URL.RequestURI())
		_, _ = w.Write([]byte("<result><update>true</update><friend><user>B b</user><identity>" + idBob + "</identity></friend></result>"))
	})
	synctest.Test(t, func(t *testing.T) { // the clock stands at the start of 2000
		c := newClient(t, h)
		mustRegister(t, c, "A&a", idAnn)
		_ = c.Refresh(context.Background())
		_, _ = c.LookUp(context.Background(), "B b")
		_ = c.Unregister(context.Background())
	})
	want := []string{
		"GET /reg.cgi?username=A%26a&identity=" + idAnn,
		"GET /reg.cgi?username=A%26a&identity=" + idAnn + "&time=946684800000",
		"GET /reg.cgi?friends=B+b&time=946684800000",
		"GET /reg.cgi?username=A%26a&identity=0",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("requests\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestBaseAddresses(t *testing.T) {
	for base, want := range map[string]string{
		"http://a.example":                "http://a.example/reg.cgi",
		"http://a.example:8035/":          "http://a.example:8035/reg.cgi",
		"https://a.example/phone/":        "https://a.example/phone/reg.cgi",
		"https://a.example/v1.2/phone":    "https://a.example/v1.2/phone/reg.cgi",
		"http://a.example/cgi-bin/id.cgi": "http://a.example/cgi-bin/id.cgi",
		"http://a.example/reg.php?app=2":  "http://a.example/reg.php?app=2",
		" http://a.example ":              "http://a.example/reg.cgi",
	} {
		if c, err := New(base, Options{}); err != nil || c.script.String() != want {
			t.Errorf("%q: %v, %v; want %s", base, c, err, want)
		}
	}
	for _, base := range []string{"", "a.example", "ftp://a.example", "http://", "http://a b/", "rtmfp://a.example", "://"} {
		if _, err := New(base, Options{}); err == nil || !strings.Contains(err.Error(), "directory address") {
			t.Errorf("%q: %v", base, err)
		}
	}
	if c, _ := New("https://user:secret@a.example:8035/x", Options{}); c.Where() != "a.example:8035" {
		t.Errorf("where: %q", c.Where())
	}
}

func TestRegisteringWhatCannotBeStored(t *testing.T) {
	c := newClient(t, newOldScript())
	for name, r := range map[string]idmanager.Record{
		"no name":       {PeerID: idAnn},
		"a long name":   {Name: strings.Repeat("x", maxName+1), PeerID: idAnn},
		"no peer ID":    {Name: "Ann"},
		"half a ID":     {Name: "Ann", PeerID: idAnn[:32]},
		"no hex digits": {Name: "Ann", PeerID: strings.Repeat("x", 64)},
	} {
		if err := c.Register(context.Background(), r); !errors.Is(err, idmanager.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c = newClient(t, says("<result><update>false</update></result>"))
	if err := c.Register(context.Background(), idmanager.Record{Name: "Ann", PeerID: idAnn}); !errors.Is(err, idmanager.ErrRefused) {
		t.Errorf("update false: %v", err)
	}
	if err := c.Refresh(context.Background()); !errors.Is(err, ErrNotRegistered) {
		t.Errorf("a refused registration is refreshed: %v", err)
	}
}

func TestFailuresNameTheHost(t *testing.T) {
	for name, h := range map[string]nethttp.Handler{
		"a web page":       says("<html><body>Welcome</body></html>"),
		"nothing":          says(""),
		"no friend":        says("<result></result>"),
		"a strange ID":     says("<result><friend><user>Bob</user><identity>hello</identity></friend></result>"),
		"an endless reply": says("<result>" + strings.Repeat(" ", maxReply)),
		"not found":        nethttp.NotFoundHandler(),
	} {
		_, err := newClient(t, h).LookUp(context.Background(), "Bob")
		if err == nil || !strings.Contains(err.Error(), "directory.example") ||
			errors.Is(err, idmanager.ErrUnknownName) || errors.Is(err, idmanager.ErrOffline) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// silent never answers.
type silent struct{}

func (silent) RoundTrip(r *nethttp.Request) (*nethttp.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// unreachable cannot connect.
type unreachable struct{}

func (unreachable) RoundTrip(*nethttp.Request) (*nethttp.Response, error) {
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
}

func TestASilentDirectoryIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := New("http://directory.example", Options{Client: &nethttp.Client{Transport: silent{}}})
		start := time.Now()
		_, err := c.LookUp(context.Background(), "Bob")
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "directory.example does not answer") {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took > 8*time.Second {
			t.Errorf("took %v", took)
		}
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(time.Second, cancel)
		if _, err := c.LookUp(ctx, "Bob"); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	})
}

func TestAnUnreachableDirectorySaysWhyWithoutTheNamesAskedFor(t *testing.T) {
	c, _ := New("http://directory.example", Options{Client: &nethttp.Client{Transport: unreachable{}}})
	_, err := c.LookUp(context.Background(), "Bob")
	if err == nil || !strings.Contains(err.Error(), "connection refused") || strings.Contains(err.Error(), "Bob") {
		t.Errorf("got %v", err)
	}
}

func TestWatchTellsWhoComesAndGoes(t *testing.T) {
	for name, one := range map[string]bool{"a server that takes many names": false, "a clone that takes one": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := newOldScript()
				h := nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
					if q := r.URL.Query(); one && len(q["friends"]) > 1 {
						q["friends"] = q["friends"][len(q["friends"])-1:]
						r.URL.RawQuery = q.Encode()
					}
					server.ServeHTTP(w, r)
				})
				ann, bob := newClient(t, h), newClient(t, h)
				mustRegister(t, ann, "Ann", idAnn)

				ctx, cancel := context.WithCancel(context.Background())
				events, err := newClient(t, h).Watch(ctx, []string{"ann", "Bob", "Carol"})
				if err != nil {
					t.Fatal(err)
				}
				want := func(r idmanager.Record) {
					t.Helper()
					if got := <-events; !got.Record.Equal(r) {
						t.Errorf("event %+v, want %+v", got.Record, r)
					}
				}
				want(idmanager.Record{Name: "Ann", PeerID: idAnn})
				mustRegister(t, bob, "Bob", idBob)
				want(idmanager.Record{Name: "Bob", PeerID: idBob})
				mustRegister(t, ann, "Ann", idBob)
				want(idmanager.Record{Name: "Ann", PeerID: idBob})
				_ = bob.Unregister(context.Background())
				want(idmanager.Record{Name: "Bob"})
				cancel()
				if e, open := <-events; open {
					t.Errorf("after the end: %+v", e)
				}
			})
		})
	}
}

func TestWatchKeepsPeopleWhileTheDirectoryIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newOldScript()
		var away atomic.Bool
		h := nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
			if away.Load() {
				nethttp.Error(w, "down", nethttp.StatusServiceUnavailable)
				return
			}
			server.ServeHTTP(w, r)
		})
		c := newClient(t, h)
		mustRegister(t, c, "Ann", idAnn)
		ctx, cancel := context.WithCancel(context.Background())
		events, _ := c.Watch(ctx, []string{"Ann"})
		<-events
		away.Store(true)
		select {
		case e := <-events:
			t.Errorf("an event while the directory is away: %+v", e)
		case <-time.After(5 * time.Minute):
		}
		cancel()
		for range events {
		}
	})
}

func TestWatchIsBounded(t *testing.T) {
	c := newClient(t, says("<result/>"))
	if _, err := c.Watch(context.Background(), make([]string, maxWatched+1)); err == nil {
		t.Error("any number of names is watched")
	}
}
