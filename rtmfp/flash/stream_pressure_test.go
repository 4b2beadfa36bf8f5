package flash

import (
	"errors"
	"slices"
	"testing"
	"time"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/rtmfp"
)

func TestAStalledSubscriberNeverBlocksThePublisher(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, b, ab, _ := w.pair()
		stream, _ := w.playing(b, ab)
		w.net.SetFilter(func(vnet.Packet) bool { return false })
		start := time.Now()
		for range 100 {
			if err := stream.Write(Message{Type: MessageVideo, Payload: make([]byte, 20<<10)}, 0); err != nil {
				t.Fatal(err)
			}
			if err := stream.Write(Message{Type: MessageAudio, Payload: make([]byte, 1<<10)}, 0); err != nil {
				t.Fatal(err)
			}
		}
		full := false
		for range 100 {
			full = full || errors.Is(stream.Send("chat", string(make([]byte, 4<<10))), ErrFull)
		}
		if time.Since(start) != 0 {
			t.Errorf("writing took %v", time.Since(start))
		}
		sub := stream.PeerStreams()[0]
		if audio, video := sub.Dropped(); audio == 0 || video == 0 || !full {
			t.Errorf("dropped %d audio and %d video messages, data full: %v", audio, video, full)
		}
		if audio, video := sub.Buffered(); audio == 0 || audio > audioBuffer || video == 0 || video > videoBuffer {
			t.Errorf("%d and %d bytes are buffered", audio, video)
		}
	})
}

func TestTextBehindABarrierWaitsForPictures(t *testing.T) {
	for _, barrier := range []bool{false, true} {
		inWorld(t, func(t *testing.T, w *world) {
			_, b, ab, _ := w.pair()
			stream, play := w.playing(b, ab)
			for range 15 {
				if err := stream.Write(Message{Type: MessageVideo, Payload: make([]byte, 30_000)}, 0); err != nil {
					t.Fatal(err)
				}
			}
			if barrier {
				if err := stream.Sync(); err != nil {
					t.Fatal(err)
				}
			}
			if err := stream.Send("text"); err != nil {
				t.Fatal(err)
			}
			pictures := 0
			for {
				m, err := play.Read(w.soon())
				if err != nil {
					t.Fatal(err)
				}
				if m.Type == MessageData {
					break
				}
				pictures++
			}
			if waited := pictures == 15; waited != barrier {
				t.Errorf("barrier %v: %d pictures of 15 came before the text", barrier, pictures)
			}
			// A flow that is full is left alone.
			w.net.SetFilter(func(vnet.Packet) bool { return false })
			for range 30 {
				if err := stream.Write(Message{Type: MessageVideo, Payload: make([]byte, 30_000)}, 0); err != nil {
					t.Fatal(err)
				}
			}
			if err := stream.Write(Message{Type: MessageVideo, Payload: make([]byte, videoBuffer-stream.PeerStreams()[0].videoFlow.Buffered()-100)}, 0); err != nil {
				t.Fatal(err)
			}
			if err := stream.Sync(); !errors.Is(err, ErrFull) {
				t.Errorf("a barrier across a full flow: %v", err)
			}
			w.net.SetFilter(nil)
			_ = stream.Close()
			if err := stream.Sync(); !errors.Is(err, rtmfp.ErrClosed) {
				t.Errorf("after the end: %v", err)
			}
		})
	}
}

func TestLifetimesAbandonLateVideo(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, b, ab, _ := w.pair()
		stream, play := w.playing(b, ab)
		write := func(timestamp uint32) {
			if err := stream.Write(Message{Type: MessageVideo, Timestamp: timestamp, Payload: make([]byte, 3000)}, 300*time.Millisecond); err != nil {
				t.Fatal(err)
			}
		}
		w.net.SetFilter(func(vnet.Packet) bool { return false })
		for i := range 10 {
			write(uint32(i))
		}
		time.Sleep(2 * time.Second)
		w.net.SetFilter(nil)
		if lost := stream.PeerStreams()[0].Lost(); lost != 10 {
			t.Errorf("%d messages count as lost, want 10", lost)
		}
		if missing := stream.TakeMissing(nil); !slices.Equal(missing, []uint32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) {
			t.Errorf("missing: %d", missing)
		}
		if missing := stream.TakeMissing(nil); len(missing) > 0 {
			t.Errorf("missing twice: %d", missing)
		}
		time.Sleep(10 * time.Second) // back-off
		write(99)
		if m := w.read(play, MessageVideo); m.Timestamp != 99 {
			t.Errorf("message %d came late", m.Timestamp)
		}
	})
}
