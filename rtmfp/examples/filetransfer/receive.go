package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"sundog.dev/sundog/rtmfp"
)

// receive takes files into a folder until ctx ends.
func receive(ctx context.Context, address, folder string, out io.Writer) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	end, id, err := listen(address)
	if err != nil {
		return err
	}
	var running sync.WaitGroup
	defer running.Wait()
	defer func() { _ = end.Close() }() // ends all sessions, and so the goroutines
	fmt.Fprintln(out, end.LocalAddr(), id)
	for {
		session, err := end.Accept(ctx)
		if err != nil {
			return nil // interrupted
		}
		running.Go(func() {
			for {
				flow, err := session.AcceptFlow(ctx)
				if err != nil {
					return
				}
				running.Go(func() {
					if err := take(ctx, flow, folder, out); err != nil {
						fmt.Fprintln(out, "a file was not received:", err)
						flow.Reject(0)
					}
				})
			}
		})
	}
}

// take takes one file, which gets its name only when it is whole.
func take(ctx context.Context, flow *rtmfp.RecvFlow, folder string, out io.Writer) error {
	var o offer
	if err := json.Unmarshal(flow.Metadata(), &o); err != nil {
		return err
	}
	if !filepath.IsLocal(o.Name) || o.Name != filepath.Base(o.Name) || o.Size < 0 {
		return fmt.Errorf("%q of %d bytes is no file", o.Name, o.Size)
	}
	part, err := os.CreateTemp(folder, "*.part")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(part.Name()) }() // nothing, once it is renamed
	sum, err := takeBytes(ctx, flow, part, &progress{out: out, name: o.Name, size: o.Size})
	if err = errors.Join(err, part.Close()); err != nil {
		return err
	}
	if err := os.Rename(part.Name(), filepath.Join(folder, o.Name)); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s has arrived whole from %v\n", o.Name, flow.Session().FarAddr())
	back, err := flow.Session().OpenFlow(nil, rtmfp.FlowOptions{ReturnOf: flow})
	if err != nil {
		return err
	}
	_, err = back.Write(ctx, sum, rtmfp.MessageOptions{})
	return errors.Join(err, back.Close())
}

// takeBytes reads the file's bytes, and after them their SHA-256, which it checks and returns.
func takeBytes(ctx context.Context, flow *rtmfp.RecvFlow, to io.Writer, said *progress) ([]byte, error) {
	sum := sha256.New()
	for said.done < said.size {
		message, err := flow.Read(ctx)
		if err != nil {
			return nil, err
		}
		if said.add(len(message)); said.done > said.size {
			return nil, fmt.Errorf("the file is longer than %d bytes", said.size)
		}
		_, _ = sum.Write(message)
		if _, err := to.Write(message); err != nil {
			return nil, err
		}
	}
	want, err := flow.Read(ctx)
	if err == nil && !bytes.Equal(want, sum.Sum(nil)) {
		err = errors.New("the bytes are not those that were sent")
	}
	return want, err
}

// progress says once a second how far a file is.
type progress struct {
	out        io.Writer
	name       string
	size, done int64
	start      time.Time
	said       time.Time
}

func (p *progress) add(n int) {
	now := time.Now()
	if p.done == 0 {
		p.start, p.said = now, now
	}
	p.done += int64(n)
	if now.Sub(p.said) >= time.Second {
		p.said = now
		rate := float64(p.done) / 1e6 / now.Sub(p.start).Seconds()
		fmt.Fprintf(p.out, "%s: %d %%, %.1f MB/s\n", p.name, 100*p.done/p.size, rate)
	}
}
