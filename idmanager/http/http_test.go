package http

import (
	"context"
	"errors"
	nethttp "net/http"
	"net/http/httptest"
	"testing"

	"go.uber.org/goleak"

	"sundog.dev/sundog/idmanager"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inProcess is a round tripper that asks a handler directly, from a remote
// address that is not loopback.
type inProcess struct{ handler nethttp.Handler }

func (p inProcess) RoundTrip(r *nethttp.Request) (*nethttp.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.RemoteAddr = "192.0.2.7:4711"
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	return w.Result(), nil
}

func newClient(t *testing.T, h nethttp.Handler) *Client {
	t.Helper()
	c, err := New("http://directory.example", Options{Client: &nethttp.Client{Transport: inProcess{h}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// says answers every request with the same body.
func says(body string) nethttp.Handler {
	return nethttp.HandlerFunc(func(w nethttp.ResponseWriter, _ *nethttp.Request) { _, _ = w.Write([]byte(body)) })
}

const (
	idAnn = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	idBob = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
)

func mustRegister(t *testing.T, c *Client, name, id string) {
	t.Helper()
	if err := c.Register(context.Background(), idmanager.Record{Name: name, PeerID: id}); err != nil {
		t.Fatal(err)
	}
}

// wantRecord looks a name up and compares.
func wantRecord(t *testing.T, c *Client, name string, want idmanager.Record) {
	t.Helper()
	if got, err := c.LookUp(context.Background(), name); err != nil || !got.Equal(want) {
		t.Errorf("%q is %+v, %v; want %+v", name, got, err, want)
	}
}

// wantError looks a name up and expects it not to be found.
func wantError(t *testing.T, c *Client, name string, want error) {
	t.Helper()
	if got, err := c.LookUp(context.Background(), name); !errors.Is(err, want) || !got.Equal(idmanager.Record{}) {
		t.Errorf("%q is %+v, %v; want %v", name, got, err, want)
	}
}
