package main

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"testing"
)

// pipes is a listener whose connections are pipes, from the addresses that it is given.
type pipes struct {
	accepted chan net.Conn
	from     chan string
}

type pipe struct {
	net.Conn
	from string
}

func (p pipe) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(p.from)) }

func (p pipes) Accept() (net.Conn, error) {
	from, ok := <-p.from
	if !ok {
		return nil, net.ErrClosed
	}
	near, far := net.Pipe()
	p.accepted <- far
	return pipe{near, from}, nil
}
func (pipes) Close() error   { return nil }
func (pipes) Addr() net.Addr { return nil }

func TestConnectionsBeyondTheLimitWait(t *testing.T) {
	inner := pipes{make(chan net.Conn, 10), make(chan string, 10)}
	for range 3 {
		inner.from <- "192.0.2.1:1"
	}
	l := limitConnections(inner, 2, 3, nil)
	conns := make(chan net.Conn)
	ended := make(chan error)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				ended <- err
				return
			}
			conns <- c
		}
	}()
	first, second := <-conns, <-conns
	if n := len(inner.accepted); n != 2 {
		t.Fatalf("%d connections taken", n)
	}
	_ = first.Close()
	_ = first.Close() // gives one slot back, not two
	<-conns
	if n := len(inner.accepted); n != 3 {
		t.Errorf("%d connections taken", n)
	}
	_ = l.Close()
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("accepting ended by %v", err)
	}
	_ = second.Close()
}

func TestOneSourceDoesNotTakeAllConnections(t *testing.T) {
	inner := pipes{make(chan net.Conn, 10), make(chan string, 10)}
	l := limitConnections(inner, 100, 1, nil)
	taken := func(addresses ...string) (conns []net.Conn) {
		for _, a := range addresses {
			inner.from <- a
		}
		inner.from <- "127.0.0.1:1" // is always taken, and so ends the wait
		for {
			c, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			if c.RemoteAddr().String() == "127.0.0.1:1" {
				return conns
			}
			conns = append(conns, c)
		}
	}
	first := taken("192.0.2.1:1", "192.0.2.1:2", "192.0.2.2:1", "[2001:db8::1]:1", "[2001:db8::2]:1", "[2001:db8:0:1::1]:1")
	var got []string
	for _, c := range first {
		got = append(got, c.RemoteAddr().String())
	}
	if want := []string{"192.0.2.1:1", "192.0.2.2:1", "[2001:db8::1]:1", "[2001:db8:0:1::1]:1"}; !slices.Equal(got, want) {
		t.Errorf("taken: %v, want %v", got, want)
	}
	_ = first[0].Close()
	if len(taken("192.0.2.1:3", "192.0.2.1:4")) != 1 {
		t.Error("the place of a closed connection is not given again, or twice")
	}
}
