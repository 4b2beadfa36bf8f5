// Package phonetest gives tests of phones a service on loopback.
package phonetest

import (
	"net"
	"net/http/httptest"
	"testing"

	"sundog.dev/sundog/idmanager/http/directory"
	"sundog.dev/sundog/internal/cluster"
	"sundog.dev/sundog/rtmfp/rendezvous"
)

// Service is a rendezvous service with a directory. It ends with the test.
type Service struct {
	Server, Directory string // as users give them
	Rendezvous        *rendezvous.Service
	DirectoryServer   *httptest.Server
}

// NewService starts a service.
func NewService(t *testing.T) *Service {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	s, err := rendezvous.New(conn, rendezvous.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	c, err := cluster.Open(t.Context(), cluster.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	d, err := directory.NewServer(t.Context(), directory.Config{Cluster: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	h := httptest.NewServer(d)
	t.Cleanup(func() {
		d.Drain() // or Close would wait for streams
		h.Close()
	})
	return &Service{Server: "rtmfp://" + s.LocalAddr().String(), Directory: h.URL, Rendezvous: s, DirectoryServer: h}
}
