package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sundog.dev/sundog/rtmfp/rendezvous"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// person is a chat that runs.
type person struct {
	t     *testing.T
	types io.WriteCloser
	sees  *bufio.Scanner
	ended chan error
}

func start(ctx context.Context, t *testing.T, args ...string) *person {
	in, types := io.Pipe()
	sees, out := io.Pipe()
	p := &person{t, types, bufio.NewScanner(sees), make(chan error, 1)}
	go func() {
		p.ended <- run(ctx, append([]string{"-bind", "127.0.0.1:0"}, args...), in, out)
		_ = out.Close()
	}()
	return p
}

// until reads on to a line with the text.
func (p *person) until(text string) string {
	p.t.Helper()
	for p.sees.Scan() {
		if strings.Contains(p.sees.Text(), text) {
			return p.sees.Text()
		}
	}
	p.t.Fatalf("%q never came", text)
	return ""
}

func (p *person) say(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.types, text+"\n"); err != nil {
		p.t.Error(err)
	}
}

func (p *person) leave() {
	p.t.Helper()
	_ = p.types.Close()
	go func() {
		for p.sees.Scan() {
		}
	}()
	if err := <-p.ended; err != nil {
		p.t.Error(err)
	}
}

func TestTwoFindEachOtherThroughAServiceAndTalk(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	service, err := rendezvous.New(conn, rendezvous.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = service.Close() }()
	uri := "rtmfp://" + service.LocalAddr().String()

	ann := start(ctx, t, "-name", "Ann", uri)
	annsID := strings.TrimPrefix(ann.until("your peer ID is "), "your peer ID is ")
	bob := start(ctx, t, "-name", "Bob", uri, annsID)
	bob.until(annsID + " is here")
	ann.until(" is here")
	ann.say("hello")
	bob.until(`"Ann": "hello"`)
	bob.say("good day")
	ann.until(`"Bob": "good day"`)
	bob.leave()
	ann.until(" has gone")
	ann.leave()

	// An interrupt ends a chat in which nobody types.
	interruptible, interrupt := context.WithCancel(ctx)
	cid := start(interruptible, t, uri)
	cid.until("your peer ID is ")
	interrupt()
	if err := <-cid.ended; err != nil {
		t.Error(err)
	}
	_ = cid.types.Close()
}

func TestWhatCannotBeIsAnError(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	for _, args := range [][]string{nil, {"-what"}, {"http://example.org"}, {"-bind", "nonsense", "rtmfp://127.0.0.1"}, {"-bind", "127.0.0.1:0", "rtmfp://127.0.0.1:9"}, {"rtmfp://127.0.0.1:9", "no peer ID"}} {
		if err := run(ctx, args, strings.NewReader(""), io.Discard); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
}
