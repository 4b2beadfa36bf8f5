// Command chat lets people talk who find each other through a rendezvous service.
//
//	go run ./cmd/sundogd                                             # or any other service
//	go run ./rtmfp/examples/chat -name Ann rtmfp://127.0.0.1           # prints Ann's peer ID
//	go run ./rtmfp/examples/chat -name Bob rtmfp://127.0.0.1 PEER-ID    # calls Ann
//
// The service introduces the peers to each other; what they say goes straight from one to the other, over sessions of
// their own. Each publishes a stream "chat" and plays that of each peer.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"sync"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

const stream, handler = "chat", "onChat" // which takes a name and a text

// answerWait is how long the service may take to answer at first; Connect alone would try for 95 s.
const answerWait = 10 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "chat:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("chat", flag.ContinueOnError)
	name := flags.String("name", "somebody", "the `name` that others see")
	bind := flags.String("bind", ":0", "the local UDP `address`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() < 1 {
		return errors.New("arguments: the service's URI, and the peer IDs of whom to call")
	}
	var peers []flash.PeerID
	for _, text := range flags.Args()[1:] {
		id, err := flashcrypto.ParseFingerprint(text)
		if err != nil {
			return fmt.Errorf("%q: %w", text, err)
		}
		peers = append(peers, id)
	}
	nc, err := listen(*bind)
	if err != nil {
		return err
	}
	c := &chat{nc: nc, out: out}
	defer c.running.Wait()
	defer func() { _ = nc.Close() }() // ends all sessions, and so the goroutines
	return c.talk(ctx, *name, flags.Arg(0), peers, in)
}

// listen opens a socket, an endpoint with a fresh identity on it, and a NetConnection on that.
func listen(bind string) (*flash.NetConnection, error) {
	addr, err := net.ResolveUDPAddr("udp", bind)
	if err != nil {
		return nil, err
	}
	conn, err := net.ListenUDP("udp", addr)
	if err != nil {
		return nil, err
	}
	profile, err := flashcrypto.NewProfile(flashcrypto.Options{})
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	end, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: profile})
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return flash.NewNetConnection(flash.Config{Endpoint: end, NearID: profile.Fingerprint()}), nil
}

// chat is one participant.
type chat struct {
	nc      *flash.NetConnection
	running sync.WaitGroup

	mu  sync.Mutex
	out io.Writer
}

func (c *chat) print(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fmt.Fprintf(c.out, format+"\n", args...)
}

// talk connects to the service, calls the peers, and says to all who listen what comes in.
func (c *chat) talk(ctx context.Context, name, service string, peers []flash.PeerID, in io.Reader) error {
	connecting, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	err := c.nc.Connect(connecting, service)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no answer from %s for %v: see that the service is running, and that UDP gets through to there", service, answerWait)
	}
	if err != nil {
		return fmt.Errorf("connecting to the service: %w", err)
	}
	own, err := c.nc.Publish(stream, nil)
	if err != nil {
		return err
	}
	c.print("your peer ID is %v", c.nc.NearID())
	c.running.Go(func() {
		for {
			peer, err := c.nc.AcceptPeer(ctx)
			if err != nil {
				return
			}
			c.running.Go(func() { c.listen(ctx, peer) })
		}
	})
	for _, id := range peers {
		peer, err := c.nc.OpenPeer(ctx, id)
		if err != nil {
			return fmt.Errorf("calling %v: %w", id, err)
		}
		c.running.Go(func() { c.listen(ctx, peer) })
	}
	said := lines(ctx, in)
	for {
		var line string
		var more bool
		select {
		case line, more = <-said:
		case <-ctx.Done():
		}
		if !more {
			return nil // at the end, or interrupted
		}
		if err := own.Send(handler, name, line); err != nil {
			return err
		}
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

// listen prints what a peer says, until it goes.
func (c *chat) listen(ctx context.Context, peer *flash.Peer) {
	heard, err := peer.Play(stream)
	for err == nil {
		var m flash.Message
		if m, err = heard.Read(ctx); err != nil {
			break
		}
		if m.Type == flash.MessageStatus && m.Status.Code == flash.CodePlayStart {
			c.print("%v is here", peer.ID())
		}
		if called, args, err := m.Data(); err == nil && called == handler && len(args) == 2 {
			c.print("%q: %q", args...)
		}
	}
	c.print("%v has gone", peer.ID())
}
