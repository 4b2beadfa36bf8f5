package main

import (
	"context"
	"encoding/binary"
	"flag"
	"sync"
	"time"

	"sundog.dev/sundog/rtmfp"
)

// Measured messages begin with the time at which they were written, in nanoseconds of Unix time, most significant byte
// first; their flows have this metadata. Of other flows only the bytes are counted.
const (
	measuredFlow = "measured"
	bulkFlow     = "bulk"
	stampSize    = 8
)

func appendStamp(b []byte) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(time.Now().UnixNano()))
}

// age is how long ago a measured message was written.
func age(msg []byte) time.Duration {
	if len(msg) < stampSize {
		return 0
	}
	return time.Duration(time.Now().UnixNano() - int64(binary.BigEndian.Uint64(msg)))
}

func runSink(ctx context.Context, f *flag.FlagSet, args []string, out *reporter) error {
	id := identity{server: true}
	id.flags(f, "127.0.0.1:0")
	buffer := f.Int("buffer", 0, "receive at most so many `bytes` ahead, in a session (0: the library's choice)")
	warm := f.Duration("warm", 0, "leave out what comes in a flow's first `time`")
	once := f.Bool("once", false, "end after the first session")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	end, err := id.listening(rtmfp.Config{SessionBuffer: *buffer}, out)
	if err != nil {
		return err
	}
	defer func() { _ = end.Close() }()
	return serve(ctx, end, out, *once, func(f *rtmfp.RecvFlow) { sinkFlow(ctx, f, *warm, out) })
}

// sinkFlow reads a flow to its end and tells about it.
func sinkFlow(ctx context.Context, f *rtmfp.RecvFlow, warm time.Duration, out *reporter) {
	var m meter
	var late delays
	var latest time.Duration // between two messages
	measured := string(f.Metadata()) == measuredFlow
	began, last := time.Now(), time.Time{}
	n := 0
	for {
		msg, err := f.Read(ctx)
		if err != nil {
			report := m.figures()
			if measured {
				report.merge(late.figures())
			}
			out.tell("received", report.merge(figures{
				"flow": string(f.Metadata()), "all": n, "longest_gap_ms": latest.Milliseconds(), "end": err.Error(),
			}))
			return
		}
		n++
		now := time.Now()
		if !last.IsZero() {
			latest = max(latest, now.Sub(last))
		}
		last = now
		if now.Sub(began) < warm {
			continue
		}
		if m.began.IsZero() {
			m = startMeter()
		}
		m.bytes += int64(len(msg))
		if measured {
			late = append(late, age(msg))
		}
	}
}

// listening makes an endpoint and tells about it.
func (id *identity) listening(cfg rtmfp.Config, out *reporter) (*rtmfp.Endpoint, error) {
	end, profile, err := id.endpoint(cfg)
	if err != nil {
		return nil, err
	}
	out.tell("listening", figures{"address": end.LocalAddr().String(), "fingerprint": profile.Fingerprint().String()})
	return end, nil
}

// serve accepts sessions and flows, each on its own goroutine, until ctx ends or, if asked, the first session has ended.
func serve(ctx context.Context, end *rtmfp.Endpoint, out *reporter, once bool, handle func(*rtmfp.RecvFlow)) error {
	var running sync.WaitGroup
	defer running.Wait()
	for {
		session, err := end.Accept(ctx)
		if err != nil {
			return err
		}
		running.Go(func() { serveSession(ctx, session, out, handle) })
		if once {
			running.Wait()
			return nil
		}
	}
}

// serveSession accepts the flows of a session until it ends.
func serveSession(ctx context.Context, session *rtmfp.Session, out *reporter, handle func(*rtmfp.RecvFlow)) {
	opened := figures{"from": session.FarAddr().String(), "fingerprint": fingerprint(session)}
	out.tell("opened", opened)
	defer tellEnd(session, out)
	var flows sync.WaitGroup
	defer flows.Wait()
	for {
		f, err := session.AcceptFlow(ctx)
		if err != nil {
			_ = session.Close()
			return
		}
		flows.Go(func() { handle(f) })
	}
}

// tellEnd reports a session's end and statistics.
func tellEnd(session *rtmfp.Session, out *reporter) {
	s := session.Stats()
	end := ""
	if err := session.Err(); err != nil {
		end = err.Error()
	}
	out.tell("closed", figures{
		"from": session.FarAddr().String(), "end": end, "rtt_ms": s.RTT.Milliseconds(),
		"bytes_sent": s.BytesSent, "bytes_received": s.BytesReceived,
		"packets_sent": s.PacketsSent, "packets_lost": s.PacketsLost,
	})
}
