package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// order is what the phones are to do, and done what came of it.
type order struct {
	Do     string        `json:"do"` // connect, introduce or relay
	Length time.Duration `json:"length"`
}

type done struct {
	IDs    []string        `json:"ids,omitempty"`
	Count  int             `json:"count"`
	Failed int             `json:"failed"`
	Took   time.Duration   `json:"took"`
	Delays []time.Duration `json:"delays,omitempty"` // p50, p95, p99
	Error  string          `json:"error,omitempty"`
}

const (
	// atOnce is how many clients connect, or are introduced, at a time: more would only wait for each other.
	atOnce = 32

	// patience is how long one of them may take.
	patience = 30 * time.Second
)

// phone is the RTMFP side of one client.
type phone struct {
	nc *flash.NetConnection
	id flash.PeerID
}

// crowd are all of them.
type crowd struct {
	service string
	phones  []*phone
	signals sync.Map // of relay, by mark: a channel to close when it has come

	mu     sync.Mutex
	delays []time.Duration
	count  atomic.Int64
}

// servePhones carries out orders until there are no more.
func servePhones(ctx context.Context, service string, n int, in io.Reader, out io.Writer) error {
	c := &crowd{service: service, phones: make([]*phone, n)}
	orders := bufio.NewScanner(in)
	answers := json.NewEncoder(out)
	for orders.Scan() {
		var o order
		if err := json.Unmarshal(orders.Bytes(), &o); err != nil {
			return err
		}
		var d done
		began := time.Now()
		switch o.Do {
		case "connect":
			d = c.connect(ctx)
		case "introduce":
			d = c.introduce(ctx, o.Length)
		case "relay":
			d = c.relay(ctx, o.Length)
		}
		d.Took = time.Since(began)
		if err := answers.Encode(d); err != nil {
			return err
		}
	}
	return nil // the sockets end with the process
}

// plainConn hides that a conn is a *net.UDPConn: the batches that an endpoint has for those cost more memory than ten thousand
// clients may take here.
type plainConn struct{ rtmfp.PacketConn }

// newPhone opens a phone on an address of its own in 127.0.0.0/8, since the service bounds what one address may ask for.
func (c *crowd) newPhone(ctx context.Context, i int) (*phone, error) {
	ip := net.IPv4(127, 1+byte(i>>16), byte(i>>8), byte(i))
	if byte(i) == 255 || byte(i) == 0 {
		ip = net.IPv4(127, 100+byte(i>>16), byte(i>>8), 1)
	}
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: ip})
	if err != nil {
		return nil, err
	}
	identity, err := flashcrypto.NewProfile(flashcrypto.Options{Groups: []flashcrypto.Group{flashcrypto.Group31}})
	if err != nil {
		return nil, err
	}
	endpoint, err := rtmfp.NewEndpoint(plainConn{conn}, rtmfp.Config{Crypto: identity})
	if err != nil {
		return nil, err
	}
	p := &phone{id: identity.Fingerprint()}
	p.nc = flash.NewNetConnection(flash.Config{
		Endpoint: endpoint, NearID: p.id, Interfaces: func() ([]net.Addr, error) { return nil, nil },
	})
	if err := p.nc.Connect(ctx, "rtmfp://"+c.service); err != nil {
		_ = p.nc.Close()
		return nil, err
	}
	go func() {
		for {
			e, err := p.nc.Next(ctx)
			if err != nil {
				return
			}
			if call, ok := e.(flash.Invocation); ok && call.Command == "onRelay" {
				c.relayed(call.Args)
			}
		}
	}()
	return p, nil
}

// each calls f for numbers below n, some at a time, until ctx ends.
func each(ctx context.Context, n, atOnce int, f func(i int)) {
	var next atomic.Int64
	var working sync.WaitGroup
	for range atOnce {
		working.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				f(i)
			}
		})
	}
	working.Wait()
}

func (c *crowd) connect(ctx context.Context) (d done) {
	var mu sync.Mutex
	var failed error
	ctx2, cancel := context.WithCancel(ctx)
	defer cancel()
	each(ctx2, len(c.phones), atOnce, func(i int) {
		p, err := c.newPhone(ctx, i)
		if err != nil {
			mu.Lock()
			failed = fmt.Errorf("client %d: %w", i, err)
			mu.Unlock()
			cancel()
			return
		}
		c.phones[i] = p
	})
	if failed != nil {
		d.Error = failed.Error()
		return d
	}
	for _, p := range c.phones {
		d.IDs = append(d.IDs, p.id.String())
	}
	d.Count = len(c.phones)
	return d
}

// introduce has pairs of phones open sessions to each other by the service.
func (c *crowd) introduce(ctx context.Context, length time.Duration) (d done) {
	ending, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	c.reset()
	var failed atomic.Int64
	each(ending, 1<<30, atOnce, func(int) {
		a, b := c.phones[rand.IntN(len(c.phones))], c.phones[rand.IntN(len(c.phones))]
		if a == b {
			return
		}
		opening, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		began := time.Now()
		peer, err := a.nc.OpenPeer(opening, b.id)
		if err != nil {
			failed.Add(1)
			return
		}
		c.note(time.Since(began))
		_ = peer.Close()
	})
	d.Count, d.Failed, d.Delays = int(c.count.Load()), int(failed.Load()), c.percentiles()
	return d
}

// relay has phones send each other call signals. Each is awaited before the next, so that what is measured is the service and not
// a queue in front of it.
func (c *crowd) relay(ctx context.Context, length time.Duration) (d done) {
	const (
		underWay = 8 * atOnce
		lost     = 2 * time.Second
	)
	ending, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	c.reset()
	var failed atomic.Int64
	each(ending, 1<<30, underWay, func(i int) {
		from, to := c.phones[rand.IntN(len(c.phones))], c.phones[rand.IntN(len(c.phones))]
		arrived := make(chan struct{})
		mark := strconv.Itoa(i)
		c.signals.Store(mark, arrived)
		defer c.signals.Delete(mark)
		began := time.Now()
		if err := from.nc.Invoke("relay", to.id.String(), "invite", mark); err != nil {
			failed.Add(1)
			return
		}
		select {
		case <-arrived:
			c.note(time.Since(began))
		case <-time.After(lost):
			failed.Add(1)
		}
	})
	d.Count, d.Failed, d.Delays = int(c.count.Load()), int(failed.Load()), c.percentiles()
	return d
}

// relayed takes a relayed signal: sender, action and mark.
func (c *crowd) relayed(args []amf.Value) {
	if len(args) != 3 {
		return
	}
	if mark, ok := args[2].(string); ok {
		if arrived, ok := c.signals.LoadAndDelete(mark); ok {
			close(arrived.(chan struct{}))
		}
	}
}

func (c *crowd) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.delays = nil
	c.count.Store(0)
}

func (c *crowd) note(d time.Duration) {
	c.count.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.delays = append(c.delays, d)
}

func (c *crowd) percentiles() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return percentiles(c.delays)
}

// percentiles are p50, p95 and p99.
func percentiles(d []time.Duration) []time.Duration {
	if len(d) == 0 {
		return nil
	}
	slices.Sort(d)
	at := func(p float64) time.Duration { return d[min(len(d)-1, int(p*float64(len(d))))] }
	return []time.Duration{at(.5), at(.95), at(.99)}
}
