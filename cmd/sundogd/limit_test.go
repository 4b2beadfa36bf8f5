package main

import (
	"errors"
	"net"
	"testing"
)

// pipes is a listener whose connections are pipes.
type pipes struct{ accepted chan net.Conn }

func (p pipes) Accept() (net.Conn, error) {
	near, far := net.Pipe()
	p.accepted <- far
	return near, nil
}
func (pipes) Close() error   { return nil }
func (pipes) Addr() net.Addr { return nil }

func TestConnectionsBeyondTheLimitWait(t *testing.T) {
	inner := pipes{make(chan net.Conn, 10)}
	l := limitConnections(inner, 2)
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
