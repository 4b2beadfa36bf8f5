package main

import (
	"bufio"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEveryLineComesBack(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	serving, stop := context.WithCancel(ctx)
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(serving, []string{"-serve", "127.0.0.1:0"}, nil, w)
		_ = w.Close()
	}()
	server := bufio.NewScanner(r)
	server.Scan()
	address := strings.TrimPrefix(server.Text(), "listening at ")
	go func() { _, _ = io.Copy(io.Discard, r) }()

	var out strings.Builder
	if err := run(ctx, []string{address}, strings.NewReader("one\n\nthree\n"), &out); err != nil {
		t.Error(err)
	}
	lines := strings.Split(out.String(), "\n")
	if len(lines) != 4 || !strings.HasPrefix(lines[0], "one (") || !strings.HasPrefix(lines[1], " (") || !strings.HasPrefix(lines[2], "three (") {
		t.Errorf("came back: %q", lines)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestBadArguments(t *testing.T) {
	for _, args := range [][]string{nil, {"example.org"}, {"a", "b"}, {"-serve", "nonsense"}, {"-what"}} {
		if err := run(context.Background(), args, nil, io.Discard); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
}

// An interrupt ends a client that waits for the next line, and so does the server's end.
func TestAClientWithoutALineEnds(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for _, c := range []struct {
		name        string
		interrupted bool
	}{{"interrupted", true}, {"the server ends", false}} {
		t.Run(c.name, func(t *testing.T) {
			serving, stop := context.WithCancel(ctx)
			defer stop()
			r, w := io.Pipe()
			served := make(chan error, 1)
			go func() { served <- run(serving, []string{"-serve", "127.0.0.1:0"}, nil, w) }()
			server := bufio.NewScanner(r)
			server.Scan()
			address := strings.TrimPrefix(server.Text(), "listening at ")
			running, interrupt := context.WithCancel(ctx)
			defer interrupt()
			in, types := io.Pipe()
			ended := make(chan error, 1)
			go func() { ended <- run(running, []string{address}, in, io.Discard) }()
			server.Scan() // a session
			if c.interrupted {
				interrupt()
			} else {
				stop()
			}
			if err := <-ended; (err == nil) != c.interrupted {
				t.Errorf("it ends with %v", err)
			}
			_ = types.Close()
			stop()
			if err := <-served; err != nil {
				t.Error(err)
			}
		})
	}
}
