package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// connect opens an RTMFP session for each client, with connect and setPeerInfo.
func (b *bench) connect() (ids []string, err error) {
	before := b.service.processor()
	var d done
	if err := b.phones.do(order{Do: "connect"}, &d); err != nil {
		return nil, err
	}
	if d.Error != "" {
		return nil, errors.New(d.Error)
	}
	b.rate("sessions opened and connected", d.Count, d.Took, b.service.processor()-before, "with key agreement")
	return d.IDs, nil
}

// introduce measures introductions of phones to each other at this instance.
func (b *bench) introduce(context.Context) error {
	return b.exchange("introduce", "introductions, to the open session of both phones")
}

// relay measures relayed call signals.
func (b *bench) relay(context.Context) error { return b.exchange("relay", "call signals relayed") }

func (b *bench) exchange(what, text string) error {
	before := b.service.processor()
	var d done
	if err := b.phones.do(order{Do: what, Length: b.length}, &d); err != nil {
		return err
	}
	if d.Count == 0 {
		return fmt.Errorf("%s: none came about", text)
	}
	b.rate(text, d.Count, d.Took, b.service.processor()-before, fmt.Sprintf("%s, %d failed", spread(d.Delays), d.Failed))
	return nil
}

// spread prints percentiles.
func spread(d []time.Duration) string {
	if len(d) != 3 {
		return "none came"
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return fmt.Sprintf("p50 %.1f, p95 %.1f, p99 %.1f ms", ms(d[0]), ms(d[1]), ms(d[2]))
}

// idle measures what clients cost that only stay.
func (b *bench) idle(ctx context.Context) error {
	const watch = 20 * time.Second // longer than the period of keep-alives
	before := b.service.processor()
	select {
	case <-time.After(watch):
	case <-ctx.Done():
		return ctx.Err()
	}
	used := b.service.processor() - before
	b.line("clients that only stay", fmt.Sprintf("%.1f %%", 100*used.Seconds()/watch.Seconds()), "of a processor, all together")
	return nil
}
