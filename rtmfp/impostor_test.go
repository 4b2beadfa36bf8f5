package rtmfp

import (
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// Anybody may show the certificate of a service, whose keys are ephemeral. A session that such a stranger opens to one of
// the service's clients does not end the client's own, nor is it given to the next Dial.
func TestStrangerWithTheServicesCertificate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 5 * time.Millisecond})
		client, service := w.node("client", addrA), w.node("service", addrB)
		near, _ := w.connect(client, service)
		time.Sleep(2 * glarePeriod)

		stranger := w.impostor(service)
		if _, err := stranger.Dial(w.ctx(5*time.Second), client.profile.epd(), addrA); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if err := near.Err(); err != nil {
			t.Errorf("the client's session with the service: %v", err)
		}
		if s, err := client.Dial(w.ctx(5*time.Second), service.profile.epd(), addrB); err != nil || s != near {
			t.Errorf("Dial does not give the client's own session (%v)", err)
		}
	})
}

// While a client is dialling a service by its URI, a stranger whose certificate that URI would select does not take the
// service's place, whichever of the two would prevail in glare.
func TestStrangerDuringTheDialOfAService(t *testing.T) {
	for _, name := range []string{"c", "a client with a long name"} {
		for _, kind := range []string{"service", "site"} {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, vnet.Link{Latency: 5 * time.Millisecond})
				client := w.node(name, addrA)
				stranger := w.node(kind, addrC)
				go func() { _, _ = stranger.Dial(w.ctx(5*time.Second), client.profile.epd(), addrA) }()
				// Nobody is at addrB.
				if s, err := client.Dial(w.ctx(20*time.Second), []byte("A"+kind), addrB); err == nil {
					t.Errorf("%s: the Dial for %s was given a session with %v", name, kind, s.FarAddr())
				}
			})
		}
	}
}

// impostor is an endpoint at addrC with the certificate of another, and able to agree on keys with it.
func (w *world) impostor(of *node) *Endpoint {
	conn, err := w.net.Listen(addrC)
	if err != nil {
		w.t.Fatal(err)
	}
	e, err := NewEndpoint(conn, Config{Crypto: of.profile})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = e.Close() })
	return e
}
