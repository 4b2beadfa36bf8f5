package main

import (
	"context"
	"time"
)

const (
	// moveTimeout is how long clients may take to go to other instances, once they are told to.
	moveTimeout = 5 * time.Second

	// requestTimeout is how long requests under way may take at the end.
	requestTimeout = 3 * time.Second

	// drainPoll is how often it is seen whether clients are left.
	drainPoll = 100 * time.Millisecond
)

// drain says goodbye, in bounded time. Where there are other instances, clients go to them: their streams of events end with that advice,
// and the introduction service sends on everybody who comes. A single instance has nowhere to send them, and just ends.
func (d *daemon) drain() {
	notify("STOPPING=1")
	d.health.drain()
	_ = d.instances.drain()
	others := d.instances.elsewhere()
	d.log.Info("draining", "clients", d.service.Stats().Clients, "instances", d.instances.count()-1)
	d.service.Drain(others...)
	d.directory.Drain()
	if len(others) > 0 {
		d.awaitMoves()
	}
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	d.web.shutdown(ctx)
	d.log.Info("stopping", "clients", d.service.Stats().Clients)
}

// awaitMoves waits until all clients have gone, but not for long.
func (d *daemon) awaitMoves() {
	timeout := time.NewTimer(moveTimeout)
	defer timeout.Stop()
	tick := time.NewTicker(drainPoll)
	defer tick.Stop()
	for d.service.Stats().Clients > 0 {
		select {
		case <-tick.C:
		case <-timeout.C:
			return
		}
	}
}
