package main

import (
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"io"
	"os"
	"time"

	"sundog.dev/sundog/internal/interop/flv"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
)

// Test media, when there is no file: sound and picture of sizes as in a small call, each ending in a stamp that tells when
// it was written. No decoder makes anything of them.
const (
	testSoundPeriod   = 20 // ms
	testPicturePeriod = 40 // ms
	testKeyPeriod     = 1000
	testSoundSize     = 160
	testPictureSize   = 4000
	testKeySize       = 20_000
)

func runPublish(ctx context.Context, f *flag.FlagSet, args []string, out *reporter) error {
	var id identity
	id.flags(f, "0.0.0.0:0")
	name := f.String("stream", "live", "the `name` to publish under")
	file := f.String("file", "", "publish this FLV `file` (default: test media)")
	duration := f.Duration("time", time.Hour, "end after this `time`, or with the file")
	lifetime := f.Duration("lifetime", 2*time.Second, "give up what is not delivered after this `time`")
	if err := parse(f, args, 1); err != nil {
		return err
	}
	source := testMedia()
	if *file != "" {
		in, err := os.Open(*file)
		if err != nil {
			return err
		}
		defer in.Close()
		r, err := flv.NewReader(in)
		if err != nil {
			return err
		}
		source = r.Next
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
	if err := stream.Publish(ctx, *name, flash.PublishLive); err != nil {
		return err
	}
	go tellStatuses(ctx, stream, out) // ends with the stream
	out.tell("publishing", figures{"stream": *name, "id": stream.ID()})
	p := publisher{stream: stream, lifetime: *lifetime, stamped: *file == ""}
	if err := p.publish(ctx, source, *duration); err != nil {
		return err
	}
	if err := stream.CloseStream(ctx); err != nil {
		return err
	}
	p.drain(ctx)
	out.tell("published", figures{
		"stream": *name, "audio": p.sent[flv.Audio], "video": p.sent[flv.Video], "data": p.sent[flv.Data], "abandoned": p.abandoned(),
	})
	return stream.Close()
}

// tellStatuses reports what the service says about a stream.
func tellStatuses(ctx context.Context, stream *flash.NetStream, out *reporter) {
	for {
		m, err := stream.Read(ctx)
		if err != nil {
			return
		}
		if m.Type == flash.MessageStatus {
			out.tell("status", figures{"code": m.Status.Code, "level": m.Status.Level, "description": m.Status.Description})
		}
	}
}

// publisher sends tags at their times.
type publisher struct {
	stream   *flash.NetStream
	lifetime time.Duration
	stamped  bool     // the payloads are test media
	sent     [256]int // by type
	receipts []*rtmfp.Receipt
}

// publish sends until the source or the time ends.
func (p *publisher) publish(ctx context.Context, source func() (flv.Tag, error), duration time.Duration) error {
	began := time.Now()
	for {
		tag, err := source()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		due := time.Duration(tag.Timestamp) * time.Millisecond
		if due > duration {
			return nil
		}
		select {
		case <-time.After(time.Until(began.Add(due))):
		case <-ctx.Done():
			return nil
		}
		if err := p.send(ctx, tag); err != nil {
			return err
		}
	}
}

func (p *publisher) send(ctx context.Context, tag flv.Tag) error {
	p.sent[tag.Type]++
	m := flash.Message{Type: flash.MessageType(tag.Type), Timestamp: tag.Timestamp, Payload: tag.Payload}
	switch tag.Type {
	case flv.Audio, flv.Video:
		if p.stamped {
			stamp(m.Payload)
		}
		r, err := p.stream.Write(ctx, m, rtmfp.MessageOptions{DeliverBy: time.Now().Add(p.lifetime)})
		if err != nil {
			return err
		}
		p.receipts = append(p.receipts, r)
	case flv.Data:
		handler, values, err := m.Data()
		if err != nil {
			return err
		}
		return p.stream.SetDataFrame(handler, values...)
	}
	return nil
}

// drain waits a little for what is under way.
func (p *publisher) drain(ctx context.Context) {
	for _, r := range p.receipts {
		select {
		case <-r.Done():
		case <-ctx.Done():
			return
		}
	}
}

func (p *publisher) abandoned() int {
	n := 0
	for _, r := range p.receipts {
		if !r.Delivered() {
			n++
		}
	}
	return n
}

// testMedia makes sound and picture without end.
func testMedia() func() (flv.Tag, error) {
	var sound, picture uint32
	return func() (flv.Tag, error) {
		if sound <= picture {
			tag := flv.Tag{Type: flv.Audio, Timestamp: sound, Payload: make([]byte, testSoundSize)}
			tag.Payload[0] = 0xaf // AAC
			tag.Payload[1] = 1    // and no header of it
			sound += testSoundPeriod
			return tag, nil
		}
		size, head := testPictureSize, byte(0x27) // AVC, to be predicted
		if picture%testKeyPeriod == 0 {
			size, head = testKeySize, 0x17 // AVC, key frame
		}
		tag := flv.Tag{Type: flv.Video, Timestamp: picture, Payload: make([]byte, size)}
		tag.Payload[0], tag.Payload[1] = head, 1
		picture += testPicturePeriod
		return tag, nil
	}
}

// stamp writes the time into the last bytes of a payload.
func stamp(payload []byte) {
	binary.BigEndian.PutUint64(payload[len(payload)-stampSize:], uint64(time.Now().UnixNano()))
}
