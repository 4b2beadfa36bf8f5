package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"sundog.dev/sundog/rtmfp"
)

// sending is what the flags say to send.
type sending struct {
	bulk     int           // bytes of a bulk message; 0: none
	buffer   int           // bytes of bulk written ahead
	small    int           // bytes of a small message; 0: none
	rate     float64       // small messages per second
	deadline time.Duration // of small messages; 0: none
	time     time.Duration
}

func runSend(ctx context.Context, f *flag.FlagSet, args []string, out *reporter) error {
	var id identity
	id.flags(f, "127.0.0.1:0")
	var to target
	to.flags(f)
	var s sending
	f.IntVar(&s.bulk, "bulk", 0, "send messages of so many `bytes` as fast as it goes")
	f.IntVar(&s.buffer, "buffer", 2<<20, "write at most so many `bytes` of bulk ahead")
	f.IntVar(&s.small, "small", 0, "send time-critical messages of so many `bytes`, which tell when they were written")
	f.Float64Var(&s.rate, "rate", 100, "small messages `per second`")
	f.DurationVar(&s.deadline, "deadline", 0, "give a small message up after this `time`")
	f.DurationVar(&s.time, "time", 5*time.Second, "send for this `time`")
	linger := f.Duration("linger", 2*time.Second, "wait for the last acknowledgements and echoes for this `time`")
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
	end, _, err := id.endpoint(rtmfp.Config{})
	if err != nil {
		return err
	}
	defer func() { _ = end.Close() }()
	session, err := dial(ctx, end, epd, addr)
	if err != nil {
		return err
	}
	out.tell("opened", figures{"to": session.FarAddr().String(), "fingerprint": fingerprint(session)})
	reading, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() {
		for {
			f, err := session.AcceptFlow(reading)
			if err != nil {
				return
			}
			running.Go(func() { sinkFlow(reading, f, 0, out) })
		}
	})
	err = s.run(ctx, session, *linger, out)
	stop()
	running.Wait()
	tellEnd(session, out)
	return err
}

// run sends both kinds at once and reports.
func (s *sending) run(ctx context.Context, session *rtmfp.Session, linger time.Duration, out *reporter) error {
	var running sync.WaitGroup
	var failed [2]error
	if s.bulk > 0 {
		running.Go(func() { failed[0] = s.sendBulk(ctx, session, linger, out) })
	}
	if s.small > 0 {
		running.Go(func() { failed[1] = s.sendSmall(ctx, session, linger, out) })
	}
	running.Wait()
	return errors.Join(failed[0], failed[1])
}

// sendBulk keeps the flow's buffer full.
func (s *sending) sendBulk(ctx context.Context, session *rtmfp.Session, linger time.Duration, out *reporter) error {
	f, err := session.OpenFlow([]byte(bulkFlow), rtmfp.FlowOptions{Priority: rtmfp.PriorityBulk, Buffer: s.buffer})
	if err != nil {
		return err
	}
	m := startMeter()
	msg := make([]byte, s.bulk)
	n := 0
	for time.Since(m.began) < s.time && err == nil {
		if _, err = f.Write(ctx, msg, rtmfp.MessageOptions{}); err == nil {
			n++
			m.bytes += int64(s.bulk)
		}
	}
	m.bytes -= int64(f.Buffered())
	out.tell("sent", m.figures().merge(figures{"flow": bulkFlow, "messages": n}))
	return errors.Join(err, s.finish(ctx, f, linger))
}

// sendSmall writes at a steady rate, whatever the network does.
func (s *sending) sendSmall(ctx context.Context, session *rtmfp.Session, linger time.Duration, out *reporter) error {
	f, err := session.OpenFlow([]byte(measuredFlow), rtmfp.FlowOptions{Priority: rtmfp.PriorityAudio})
	if err != nil {
		return err
	}
	period := time.Duration(float64(time.Second) / s.rate)
	clock := time.NewTicker(period)
	defer clock.Stop()
	var receipts []*rtmfp.Receipt
	padding := make([]byte, s.small)
	msg := make([]byte, 0, s.small+stampSize)
	for end := time.Now().Add(s.time); time.Now().Before(end) && err == nil; {
		msg = appendStamp(msg[:0])
		msg = append(msg, padding[:max(0, s.small-stampSize)]...)
		var options rtmfp.MessageOptions
		if s.deadline > 0 {
			options.DeliverBy = time.Now().Add(s.deadline)
		}
		var r *rtmfp.Receipt
		if r, err = f.Write(ctx, msg, options); err == nil {
			receipts = append(receipts, r)
		}
		select {
		case <-clock.C:
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	if err := errors.Join(err, s.finish(ctx, f, linger)); err != nil {
		return err
	}
	delivered := 0
	for _, r := range receipts {
		if r.Delivered() {
			delivered++
		}
	}
	out.tell("sent", figures{"flow": measuredFlow, "messages": len(receipts), "delivered": delivered})
	return nil
}

// finish closes a flow and waits until the far end has acknowledged everything.
func (s *sending) finish(ctx context.Context, f *rtmfp.SendFlow, linger time.Duration) error {
	_ = f.Close()
	select {
	case <-f.Done():
		if err := f.Err(); err != nil && !errors.Is(err, rtmfp.ErrClosed) {
			return err
		}
		return nil
	case <-time.After(linger):
		return fmt.Errorf("%d bytes are not acknowledged after %v", f.Buffered(), linger)
	case <-ctx.Done():
		return ctx.Err()
	}
}
