package main

import (
	"context"
	"flag"
	"net/netip"
	"sync"
	"time"

	"sundog.dev/sundog/rtmfp"
)

// runHandshakes opens sessions in several endpoints at once. All have one identity: drawing keys is not what is measured.
func runHandshakes(ctx context.Context, f *flag.FlagSet, args []string, out *reporter) error {
	var id identity
	id.flags(f, "127.0.0.1:0")
	var to target
	to.flags(f)
	parallel := f.Int("parallel", 8, "so `many` at a time")
	duration := f.Duration("time", 5*time.Second, "go on for this `time`")
	if err := parse(f, args, 1); err != nil {
		return err
	}
	addr, err := netip.ParseAddrPort(f.Arg(0))
	if err != nil {
		return err
	}
	epd, err := to.epd()
	if err != nil {
		return err
	}
	var ends []*rtmfp.Endpoint
	defer func() {
		for _, end := range ends {
			_ = end.Close()
		}
	}()
	for range *parallel {
		end, _, err := id.endpoint(rtmfp.Config{})
		if err != nil {
			return err
		}
		ends = append(ends, end)
	}
	m := startMeter()
	var running sync.WaitGroup
	took := make([]delays, len(ends))
	failed := make([]error, len(ends))
	for i, end := range ends {
		running.Go(func() {
			for time.Since(m.began) < *duration && failed[i] == nil {
				var d time.Duration
				if d, failed[i] = handshake(ctx, end, epd, addr); failed[i] == nil {
					took[i] = append(took[i], d)
				}
			}
		})
	}
	running.Wait()
	seconds, cpu := time.Since(m.began).Seconds(), processorTime()-m.cpu
	var all delays
	for i := range ends {
		if failed[i] != nil {
			return failed[i]
		}
		all = append(all, took[i]...)
	}
	out.tell("handshakes", all.figures().merge(figures{
		"seconds": round(seconds, 3), "per_s": round(float64(len(all))/seconds, 1),
		"cpu_ms_each": round(cpu.Seconds()*1000/float64(max(len(all), 1)), 3),
	}))
	return nil
}

// handshake opens a session and closes it again.
func handshake(ctx context.Context, end *rtmfp.Endpoint, epd []byte, addr netip.AddrPort) (time.Duration, error) {
	began := time.Now()
	session, err := dial(ctx, end, epd, addr)
	if err != nil {
		return 0, err
	}
	took := time.Since(began)
	_ = session.Close()
	select {
	case <-session.Done():
	case <-ctx.Done():
	}
	return took, nil
}
