// Command filetransfer sends a file to a peer, shows how far it is, and checks at the end that it has arrived whole.
//
//	go run ./rtmfp/examples/filetransfer -receive 127.0.0.1:1935 downloads/
//	go run ./rtmfp/examples/filetransfer film.mkv 127.0.0.1:1935 FINGERPRINT
//
// The receiver prints the fingerprint of its identity, by which the sender knows that it is the receiver whom it reaches.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// answerWait is how long the receiver may take to answer at first; Dial alone would try for 95 s.
const answerWait = 10 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "filetransfer:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("filetransfer", flag.ContinueOnError)
	receiveAt := flags.String("receive", "", "receive files at this UDP `address`, into the folder that is the argument")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case *receiveAt != "" && flags.NArg() == 1:
		return receive(ctx, *receiveAt, flags.Arg(0), out)
	case *receiveAt == "" && flags.NArg() == 3:
		addr, err := netip.ParseAddrPort(flags.Arg(1))
		if err != nil {
			return fmt.Errorf("the receiver's address, %q: %w", flags.Arg(1), err)
		}
		peer, err := flashcrypto.ParseFingerprint(flags.Arg(2))
		if err != nil {
			return err
		}
		return send(ctx, flags.Arg(0), addr, peer, out)
	}
	return errors.New("arguments: -receive address folder, or file address fingerprint")
}

// listen opens a socket and an endpoint with a fresh identity on it.
func listen(address string) (*rtmfp.Endpoint, flashcrypto.Fingerprint, error) {
	var none flashcrypto.Fingerprint
	addr, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return nil, none, err
	}
	conn, err := net.ListenUDP("udp", addr)
	if err != nil {
		return nil, none, err
	}
	profile, err := flashcrypto.NewProfile(flashcrypto.Options{})
	if err != nil {
		return nil, none, errors.Join(err, conn.Close())
	}
	end, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: profile})
	return end, profile.Fingerprint(), err
}

// offer is the metadata of a file's flow.
type offer struct {
	Name string
	Size int64
}

// send sends the file's bytes and their SHA-256 in a flow. The receiver answers with what it has computed.
func send(ctx context.Context, name string, addr netip.AddrPort, peer flashcrypto.Fingerprint, out io.Writer) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	metadata, err := json.Marshal(offer{info.Name(), info.Size()})
	if err != nil {
		return err
	}
	end, _, err := listen(":0")
	if err != nil {
		return err
	}
	defer func() { _ = end.Close() }()
	dialling, stop := context.WithTimeout(ctx, answerWait)
	defer stop()
	session, err := end.Dial(dialling, peer.EPD(), addr)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no answer from %v for %v: see that the receiver is running, and that UDP gets through to there", addr, answerWait)
	}
	if err != nil {
		return fmt.Errorf("dialling: %w", err)
	}
	// What is written and not acknowledged is bounded by the buffer; Write waits when it is full.
	flow, err := session.OpenFlow(metadata, rtmfp.FlowOptions{Priority: rtmfp.PriorityBulk, Buffer: 16 << 20})
	if err != nil {
		return err
	}
	sum, said := sha256.New(), &progress{out: out, name: info.Name(), size: info.Size()}
	message := make([]byte, 64<<10)
	for {
		n, err := io.ReadFull(file, message)
		if n > 0 {
			_, _ = sum.Write(message[:n])
			if _, err := flow.Write(ctx, message[:n], rtmfp.MessageOptions{}); err != nil {
				return fmt.Errorf("sending: %w", err)
			}
			said.add(n)
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		} else if err != nil {
			return err
		}
	}
	if _, err := flow.Write(ctx, sum.Sum(nil), rtmfp.MessageOptions{}); err != nil {
		return fmt.Errorf("sending: %w", err)
	}
	// A receiver that cannot keep the file rejects the flow, and answers nothing.
	waiting, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-flow.Done():
			cancel(flow.Err())
		case <-waiting.Done():
		}
	}()
	back, err := session.AcceptFlow(waiting)
	if err != nil {
		return fmt.Errorf("waiting for the receiver: %w", context.Cause(waiting))
	}
	answer, err := back.Read(ctx)
	if err != nil || !bytes.Equal(answer, sum.Sum(nil)) {
		return errors.Join(errors.New("the receiver has not got it whole"), err)
	}
	fmt.Fprintf(out, "%s has arrived whole, SHA-256 %x\n", info.Name(), sum.Sum(nil))
	return nil
}
