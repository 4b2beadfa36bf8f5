package directory

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	nethttp "net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/idmanager/http/v1"
	"sundog.dev/sundog/internal/cluster"
)

// benchWorld is a directory without limits.
func benchWorld(b *testing.B) *Server {
	b.Helper()
	c, err := cluster.Open(b.Context(), cluster.Config{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	s, err := NewServer(b.Context(), Config{Cluster: c, Limits: Limits{KeyRate: 1e9, KeyBurst: 1e9, NamesPerKey: 1 << 30}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _, _ = s.Close(), c.Close() })
	return s
}

// ask sends a request to the handler, which must succeed.
func ask(b *testing.B, s *Server, method, target string, body []byte) {
	r := httptest.NewRequest(method, target, bytes.NewReader(body))
	r.RemoteAddr = "127.0.0.1:1"
	r.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	s.ServeHTTP(answer, r)
	if answer.Code >= 300 {
		b.Fatalf("%d %s", answer.Code, answer.Body)
	}
}

// signing makes registrations of one key, each later than the one before.
func signing(b *testing.B, key ed25519.PrivateKey, name string, at time.Time) []byte {
	reg, err := idmanager.Sign(key, idmanager.Record{Name: name, PeerID: idAnn}, at)
	if err != nil {
		b.Fatal(err)
	}
	return encode(v1.FromRegistration(reg))
}

func BenchmarkLookUp(b *testing.B) {
	s, ann := benchWorld(b), newPerson(b, "Ann")
	ask(b, s, nethttp.MethodPost, "/v1/register", signing(b, ann.key, "Ann", time.Now()))
	ask(b, s, nethttp.MethodGet, "/reg.cgi?username=Bob&identity="+idBob, nil)
	for what, target := range map[string]string{
		"signed": "/v1/names?name=Ann", "unknown": "/v1/names?name=Nobody", "reg.cgi": "/reg.cgi?friends=Bob",
		"64names": "/v1/names?" + strings.Repeat("name=Ann&", v1.MaxNames),
	} {
		b.Run(what, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					ask(b, s, nethttp.MethodGet, target, nil)
				}
			})
		})
	}
}

// BenchmarkRegister registers: names that their keys own already, and new ones, which are written to disk.
func BenchmarkRegister(b *testing.B) {
	s := benchWorld(b)
	var names atomic.Int64
	b.Run("again", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			p, at := newPerson(b, fmt.Sprint("again ", names.Add(1))), time.Now()
			for pb.Next() {
				at = at.Add(time.Millisecond)
				if time.Until(at) > time.Minute { // the directory takes no more
					at = time.Now()
					p = newPerson(b, fmt.Sprint("again ", names.Add(1)))
				}
				ask(b, s, nethttp.MethodPost, "/v1/register", signing(b, p.key, p.name, at))
			}
		})
	})
	b.Run("new", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				p := newPerson(b, fmt.Sprint("new ", names.Add(1)))
				ask(b, s, nethttp.MethodPost, "/v1/register", signing(b, p.key, p.name, time.Now()))
			}
		})
	})
}

// BenchmarkRenew is what each client that is there costs once in refreshInterval.
func BenchmarkRenew(b *testing.B) {
	s, ann := benchWorld(b), newPerson(b, "Ann")
	ask(b, s, nethttp.MethodPost, "/v1/register", signing(b, ann.key, "Ann", time.Now()))
	p, _, _, err := read[presence](b.Context(), s.presence.Get, "ann")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := s.renew(b.Context(), "ann", p.Token, ""); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWatchFanOut tells a change to 1000 streams.
func BenchmarkWatchFanOut(b *testing.B) {
	const watchers = 1000
	s := benchWorld(b)
	streams := make([]*stream, watchers)
	for i := range streams {
		w := httptest.NewRecorder()
		streams[i] = &stream{s: s, w: nethttp.NewResponseController(w), body: w, in: newInbox(), names: map[string]*watched{"ann": {asked: "Ann"}}, keys: []string{"ann"}}
		s.hub.join(streams[i].in, streams[i].keys)
	}
	ann := newPerson(b, "Ann")
	values := make([][]byte, 2)
	for i := range values {
		values[i] = encode(presence{Registration: ann.sign(b, idAnn, time.Now()), Renewed: time.Now().UnixMilli()})
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		s.tellPresence(cluster.Entry{Key: "ann", Value: values[i%2], Revision: uint64(i + 1)})
		for _, st := range streams {
			<-st.in.wake
			for key, n := range st.in.take() {
				st.hear(b.Context(), key, n)
			}
			st.flush()
			st.body.(*httptest.ResponseRecorder).Body.Reset()
		}
	}
	b.ReportMetric(float64(b.N)*watchers/b.Elapsed().Seconds(), "events/s")
}
