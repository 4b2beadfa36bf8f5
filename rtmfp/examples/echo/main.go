// Command echo is the smallest pair of RTMFP programs: a server that sends every message back, and a client that sends it
// the lines of its standard input.
//
//	go run ./rtmfp/examples/echo -serve 127.0.0.1:1935
//	go run ./rtmfp/examples/echo 127.0.0.1:1935
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"sync"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// uri names the server to its clients. It is no address: that is given to Dial.
const uri = "rtmfp://echo.example/"

// answerWait is how long the server may take to answer at first; Dial alone would try for 95 s.
const answerWait = 10 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "echo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("echo", flag.ContinueOnError)
	serveAt := flags.String("serve", "", "be the server, at this UDP `address`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *serveAt != "" {
		return serve(ctx, *serveAt, out)
	}
	if flags.NArg() != 1 {
		return errors.New("one argument, please: the server's address")
	}
	addr, err := netip.ParseAddrPort(flags.Arg(0))
	if err != nil {
		return fmt.Errorf("the server's address, %q: %w", flags.Arg(0), err)
	}
	return send(ctx, addr, in, out)
}

// listen opens a socket and an endpoint with a fresh identity on it.
func listen(address string, server bool) (*rtmfp.Endpoint, error) {
	addr, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return nil, err
	}
	conn, err := net.ListenUDP("udp", addr)
	if err != nil {
		return nil, err
	}
	profile, err := flashcrypto.NewProfile(flashcrypto.Options{Server: server})
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: profile})
}

// serve is the server: one goroutine for each session, and one for each of its flows.
func serve(ctx context.Context, address string, out io.Writer) error {
	end, err := listen(address, true)
	if err != nil {
		return err
	}
	var running sync.WaitGroup
	defer running.Wait()
	defer func() { _ = end.Close() }() // ends all sessions, and so the goroutines
	fmt.Fprintln(out, "listening at", end.LocalAddr())
	for {
		session, err := end.Accept(ctx)
		if err != nil {
			return nil // interrupted
		}
		fmt.Fprintln(out, "a session with", session.FarAddr())
		running.Go(func() {
			for {
				flow, err := session.AcceptFlow(ctx)
				if err != nil {
					return
				}
				running.Go(func() { echo(ctx, flow) })
			}
		})
	}
}

// echo answers the messages of a flow in another, which is associated to it.
func echo(ctx context.Context, flow *rtmfp.RecvFlow) {
	back, err := flow.Session().OpenFlow([]byte("echo"), rtmfp.FlowOptions{ReturnOf: flow})
	for err == nil {
		var message []byte
		if message, err = flow.Read(ctx); err == nil {
			_, err = back.Write(ctx, message, rtmfp.MessageOptions{})
		}
	}
	if back != nil {
		_ = back.Close()
	}
}

// send is the client.
func send(ctx context.Context, addr netip.AddrPort, in io.Reader, out io.Writer) error {
	end, err := listen(":0", false)
	if err != nil {
		return err
	}
	defer func() { _ = end.Close() }()
	dialling, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	session, err := end.Dial(dialling, flashcrypto.AncillaryEPD(uri), addr)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no answer from %v for %v: see that the server is running, and that UDP gets through to there", addr, answerWait)
	}
	if err != nil {
		return fmt.Errorf("dialling: %w", err)
	}
	flow, err := session.OpenFlow([]byte("lines"), rtmfp.FlowOptions{})
	if err != nil {
		return err
	}
	var back *rtmfp.RecvFlow // comes with the first answer
	said := lines(ctx, in)
	for {
		var line string
		var more bool
		select {
		case line, more = <-said:
		case <-session.Done():
			return fmt.Errorf("the server has gone: %w", session.Err())
		case <-ctx.Done():
		}
		if !more {
			return nil // at the end, or interrupted
		}
		start := time.Now()
		if _, err := flow.Write(ctx, []byte(line), rtmfp.MessageOptions{}); err != nil {
			return fmt.Errorf("writing: %w", err)
		}
		if back == nil {
			if back, err = session.AcceptFlow(ctx); err != nil {
				return fmt.Errorf("waiting for an answer: %w", err)
			}
		}
		answer, err := back.Read(ctx)
		if err != nil {
			return fmt.Errorf("waiting for an answer: %w", err)
		}
		fmt.Fprintf(out, "%s (%v)\n", answer, time.Since(start).Round(time.Microsecond))
	}
}

// lines passes on what in says, until it or ctx ends. A read of the standard input cannot be interrupted: its goroutine may
// outlive the rest.
func lines(ctx context.Context, in io.Reader) <-chan string {
	said := make(chan string)
	go func() {
		defer close(said)
		for s := bufio.NewScanner(in); s.Scan(); {
			select {
			case said <- s.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return said
}
