package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"sundog.dev/sundog/idmanager/http/v1"
)

const (
	// watched is how many names each client watches.
	watched = 10

	// delayRate is how many registrations a second are followed to their watchers: few enough that they do not wait for each other.
	delayRate = 20
)

// streams are the clients' streams of events, a connection each.
type streams struct {
	b       *bench
	mu      sync.Mutex
	conns   []net.Conn
	probes  map[string]probe // by name
	delays  []time.Duration
	reading sync.WaitGroup
	broken  atomic.Int64
}

// probe is a registration that is followed to its watchers.
type probe struct {
	signed int64 // ms
	sent   time.Time
}

// openStreams opens a stream for each client and waits until each has been told the state of all its names.
func (b *bench) openStreams(ctx context.Context) (*streams, error) {
	s := &streams{b: b, probes: make(map[string]probe)}
	before := b.service.processor()
	n, took, err := b.each(ctx, len(b.owners), func(_ context.Context, i int) error { return s.open(&b.owners[i]) })
	if err != nil {
		s.close()
		return nil, err
	}
	b.rate("streams opened", n, took, b.service.processor()-before, "")
	return s, nil
}

func (s *streams) close() {
	s.mu.Lock()
	for _, c := range s.conns {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.reading.Wait()
}

// open opens the stream of one client. It is read by one goroutine with a small buffer, since there are ten thousand.
func (s *streams) open(o *owner) error {
	request := v1.Watch{Own: &v1.Refresh{Name: o.name, Token: o.token}}
	for range watched {
		request.Names = append(request.Names, s.b.owners[rand.IntN(len(s.b.owners))].name)
	}
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	conn, err := net.Dial("tcp", s.b.service.http)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.conns = append(s.conns, conn)
	s.mu.Unlock()
	if _, err := fmt.Fprintf(conn, "POST /v1/watch HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		s.b.service.http, len(body), body); err != nil {
		return err
	}
	answer, err := http.ReadResponse(bufio.NewReaderSize(conn, 1024), nil) //nolint:bodyclose // the body is the stream, and ends with its connection
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("POST /v1/watch: %s", answer.Status)
	}
	events := v1.NewEventReader(answer.Body)
	for {
		e, err := events.Next()
		if err != nil {
			return err
		}
		if e.Kind == v1.EventReady {
			break
		}
	}
	s.reading.Go(func() {
		for {
			e, err := events.Next()
			if err != nil {
				s.broken.Add(1)
				return
			}
			if e.Kind == v1.EventName {
				s.note(e.Data)
			}
		}
	})
	return nil
}

// note notes the arrival of an event about a name.
func (s *streams) note(data []byte) {
	now := time.Now()
	var n v1.Name
	if json.Unmarshal(data, &n) != nil || n.Registration == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.probes[n.Name]; ok && p.signed == n.Registration.Time {
		s.delays = append(s.delays, now.Sub(p.sent))
	}
}

// delay measures the time from a registration's request to its event at each watcher.
func (s *streams) delay(ctx context.Context) error {
	tick := time.NewTicker(time.Second / delayRate)
	defer tick.Stop()
	for i := range int(s.b.length.Seconds() * delayRate) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		o := s.b.owners[i%len(s.b.owners)]
		now := time.Now()
		s.mu.Lock()
		s.probes[o.name] = probe{now.UnixMilli(), now}
		s.mu.Unlock()
		if err := s.b.registerOne(ctx, &o, now); err != nil {
			return err
		}
	}
	time.Sleep(time.Second) // for those under way
	s.mu.Lock()
	delays := percentiles(s.delays)
	n := len(s.delays)
	s.mu.Unlock()
	s.b.line("watch delay, registration to event", fmt.Sprintf("%d events", n), spread(delays))
	if broken := s.broken.Load(); broken > 0 {
		return fmt.Errorf("%d streams broke", broken)
	}
	return nil
}
