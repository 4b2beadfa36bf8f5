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

	conn *net.UDPConn
}

// NewService starts a service.
func NewService(t *testing.T) *Service {
	t.Helper()
	s := &Service{}
	s.rendezvous(t, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
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
	s.Directory, s.DirectoryServer = h.URL, h
	return s
}

// rendezvous starts the introduction service at an address.
func (s *Service) rendezvous(t *testing.T, addr *net.UDPAddr) {
	t.Helper()
	conn, err := net.ListenUDP("udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	r, err := rendezvous.New(conn, rendezvous.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	s.Server, s.Rendezvous, s.conn = "rtmfp://"+r.LocalAddr().String(), r, conn
}

// Kill ends the introduction service as if its process was killed: it says nothing more to anybody. With it, the streams of the
// directory break.
func (s *Service) Kill(t *testing.T) {
	t.Helper()
	if err := s.conn.Close(); err != nil {
		t.Fatal(err)
	}
	s.DirectoryServer.CloseClientConnections()
}

// Restart starts the introduction service again at the same address, where nobody's session is known any more.
func (s *Service) Restart(t *testing.T) {
	t.Helper()
	addr := s.Rendezvous.LocalAddr()
	_ = s.Rendezvous.Close()
	s.rendezvous(t, net.UDPAddrFromAddrPort(addr))
}
