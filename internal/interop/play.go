package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"os"
	"time"

	"sundog.dev/sundog/internal/interop/flv"
	"sundog.dev/sundog/rtmfp/flash"
)

// handlerMetaData is the data that belongs into a file.
const handlerMetaData = "onMetaData"

func runPlay(ctx context.Context, f *flag.FlagSet, args []string, out *reporter) error {
	var id identity
	id.flags(f, "0.0.0.0:0")
	name := f.String("stream", "live", "the `name` to play")
	file := f.String("file", "", "write an FLV `file`")
	duration := f.Duration("time", time.Hour, "end after this `time`, or when the stream is no longer published")
	measure := f.Bool("measure", false, "the stream is test media: tell how late it comes")
	if err := parse(f, args, 1); err != nil {
		return err
	}
	p := player{measure: *measure, out: out}
	if *file != "" {
		dst, err := os.Create(*file)
		if err != nil {
			return err
		}
		defer dst.Close()
		buffered := bufio.NewWriter(dst)
		defer func() { _ = buffered.Flush() }()
		if p.file, err = flv.NewWriter(buffered); err != nil {
			return err
		}
	}
	nc, err := id.connected(ctx, f.Arg(0), out)
	if err != nil {
		return err
	}
	defer func() { _ = nc.Close() }()
	stream, err := nc.CreateStream(ctx)
	if err != nil {
		return err
	}
	if err := stream.Play(ctx, *name); err != nil {
		return err
	}
	playing, cancel := context.WithTimeout(ctx, *duration)
	defer cancel()
	err = p.play(playing, stream)
	out.tell("played", p.late.figures().merge(figures{
		"stream": *name, "audio": p.got[flash.MessageAudio], "video": p.got[flash.MessageVideo], "data": p.got[flash.MessageData],
		"bytes": p.bytes, "longest_gap_ms": p.gap.Milliseconds(), "last_timestamp": p.timestamp,
	}))
	if errors.Is(err, context.DeadlineExceeded) {
		err = nil
	}
	return errors.Join(err, stream.Close())
}

// player takes the messages of a stream.
type player struct {
	out     *reporter
	file    *flv.Writer // nil: none
	measure bool

	got       [256]int // by type
	bytes     int
	timestamp uint32
	late      delays
	last      time.Time
	gap       time.Duration // the longest between two messages of sound or picture
}

// play reads until the stream ends.
func (p *player) play(ctx context.Context, stream *flash.NetStream) error {
	for {
		m, err := stream.Read(ctx)
		if err != nil {
			return err
		}
		p.got[m.Type]++
		switch m.Type {
		case flash.MessageStatus:
			p.out.tell("status", figures{"code": m.Status.Code, "level": m.Status.Level, "description": m.Status.Description})
			if m.Status.Code == flash.CodeUnpublishNotify {
				return nil
			}
		case flash.MessageUserControl:
			p.out.tell("user control", figures{"event": m.Control.Event, "stream": m.Control.StreamID})
		case flash.MessageData:
			handler, values, err := m.Data()
			if err != nil {
				return err
			}
			p.out.tell("data", figures{"handler": handler, "values": values, "timestamp": m.Timestamp})
			if handler != handlerMetaData {
				continue
			}
		case flash.MessageAudio, flash.MessageVideo:
			p.media(m)
		}
		if err := p.write(m); err != nil {
			return err
		}
	}
}

// media takes note of sound and picture.
func (p *player) media(m flash.Message) {
	now := time.Now()
	if !p.last.IsZero() {
		p.gap = max(p.gap, now.Sub(p.last))
	}
	p.last, p.timestamp = now, m.Timestamp
	p.bytes += len(m.Payload)
	if n := len(m.Payload); p.measure && n >= stampSize {
		p.late = append(p.late, age(m.Payload[n-stampSize:]))
	}
}

// write adds a message to the file.
func (p *player) write(m flash.Message) error {
	if p.file == nil || m.Payload == nil {
		return nil
	}
	return p.file.Write(flv.Tag{Type: flv.Type(m.Type), Timestamp: m.Timestamp, Payload: m.Payload})
}
