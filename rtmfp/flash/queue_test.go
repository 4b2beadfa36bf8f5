package flash

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/synctest"
)

func TestQueueIsBoundedAndOrdered(t *testing.T) {
	q := newQueue[int](2)
	if !q.push(1) || !q.push(2) || q.push(3) {
		t.Error("the third of two was taken")
	}
	q.pushOut(4)
	q.remove(func(v int) bool { return v == 2 })
	if v, err := q.pop(t.Context()); v != 4 || err != nil {
		t.Errorf("got %d, %v; want 4, since 1 was pushed out and 2 removed", v, err)
	}
	q.push(5)
	q.close(io.EOF, false)
	if v, err := q.pop(t.Context()); v != 5 || err != nil {
		t.Errorf("a closed queue gives what is left: %d, %v", v, err)
	}
	for range 2 {
		if _, err := q.pop(t.Context()); !errors.Is(err, io.EOF) {
			t.Errorf("an empty closed queue: %v", err)
		}
	}
	if q.push(6) {
		t.Error("a closed queue took one more")
	}
}

func TestQueueWakesAllReaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue[int](10)
		got := make(chan error, 3)
		for range 3 {
			go func() {
				_, err := q.pop(t.Context())
				got <- err
			}()
		}
		synctest.Wait()
		q.push(1)
		q.close(io.EOF, false)
		errs := []error{<-got, <-got, <-got}
		if n := len(slices.DeleteFunc(errs, func(err error) bool { return errors.Is(err, io.EOF) })); n != 1 {
			t.Errorf("%d readers got the one value", n)
		}
	})
}

func TestNewestMediaWin(t *testing.T) {
	q := newMessageQueue()
	data := Message{Type: MessageData}
	if err := q.push(t.Context(), data); err != nil {
		t.Fatal(err)
	}
	for i := range 2 * maxQueuedAudio {
		q.pushMedia(Message{Type: MessageAudio, Timestamp: uint32(i)})
		q.pushMedia(Message{Type: MessageVideo, Timestamp: uint32(i), Payload: make([]byte, 10)})
	}
	if a, v := q.dropped(); a != maxQueuedAudio || v != 2*maxQueuedAudio-maxQueuedVideo {
		t.Errorf("dropped %d audio and %d video messages", a, v)
	}
	if m, _ := q.pop(t.Context()); m.Type != MessageData {
		t.Error("data was dropped, or lost its place")
	}
	next := map[MessageType]uint32{MessageAudio: maxQueuedAudio, MessageVideo: 2*maxQueuedAudio - maxQueuedVideo}
	for range maxQueuedAudio + maxQueuedVideo {
		m, err := q.pop(t.Context())
		if err != nil || m.Timestamp != next[m.Type] {
			t.Fatalf("type %d: timestamp %d, want %d; %v", m.Type, m.Timestamp, next[m.Type], err)
		}
		next[m.Type]++
	}
	for _, l := range []load{q.audio, q.video, q.data} {
		if l.messages != 0 || l.bytes != 0 {
			t.Errorf("an empty queue counts %+v", l)
		}
	}
}

func TestQueuedMessagesAreBoundedInBytes(t *testing.T) {
	q := newMessageQueue()
	for range 5 {
		q.pushMedia(Message{Type: MessageVideo, Payload: make([]byte, maxQueuedVideoBytes/2)})
		q.pushMedia(Message{Type: MessageAudio, Payload: make([]byte, 2*maxQueuedAudioBytes)})
	}
	if q.video.bytes > maxQueuedVideoBytes || q.video.messages != 2 {
		t.Errorf("video: %+v", q.video)
	}
	if q.audio.messages != 1 || q.audio.dropped != 4 {
		t.Errorf("audio: %+v", q.audio)
	}
	if err := q.push(t.Context(), Message{Type: MessageData, Payload: make([]byte, maxQueuedDataBytes)}); err != nil {
		t.Error(err)
	}
	if err := q.push(now, Message{Type: MessageData, Payload: make([]byte, 1)}); !errors.Is(err, context.Canceled) {
		t.Errorf("data beyond the bound: %v", err)
	}
}

// Statuses that say much hold their flow like data.
func TestQueuedStatusesAreBoundedInBytes(t *testing.T) {
	const size = 64 << 10
	in := inbound{queue: newMessageQueue()}
	in.ctx = now // waits for nothing
	c := StatusCommand(Status{Code: "NetStream.Some.News", Level: LevelStatus, Description: string(make([]byte, size))})
	status := Message{Type: MessageCommand, Payload: encodeCommand(t, c)}
	taken := 0
	for in.sort(status) == nil {
		taken++
	}
	if taken == 0 || taken*size > maxQueuedDataBytes {
		t.Errorf("%d statuses of %d bytes were taken", taken, size)
	}
	for range taken {
		if _, err := in.queue.pop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := in.sort(status); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

func TestDataWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMessageQueue()
		for range maxQueuedData {
			if err := q.push(t.Context(), Message{Type: MessageData}); err != nil {
				t.Fatal(err)
			}
		}
		done := make(chan error, 2)
		for range 2 {
			go func() { done <- q.push(t.Context(), Message{Type: MessageData, Timestamp: 7}) }()
		}
		synctest.Wait()
		if len(done) > 0 {
			t.Fatal("a full queue did not hold its writers")
		}
		for range 2 {
			if _, err := q.pop(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := q.push(ctx, Message{Type: MessageData}); !errors.Is(err, context.Canceled) {
			t.Errorf("waiting must end with its context: %v", err)
		}
		q.close(io.EOF, true)
		if err := q.push(t.Context(), Message{Type: MessageData}); !errors.Is(err, io.EOF) {
			t.Errorf("a closed queue: %v", err)
		}
		if _, err := q.pop(t.Context()); !errors.Is(err, io.EOF) {
			t.Errorf("a discarded queue: %v", err)
		}
	})
}

func TestBarrierHoldsFlowsUntilAllHaveCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBarrier()
		passed := make(chan int, 3)
		go func() { _ = b.arrive(t.Context(), 8, 3, true); passed <- 1 }()
		go func() { _ = b.arrive(t.Context(), 8, 3, false); passed <- 2 }()
		synctest.Wait()
		if got := <-passed; got != 2 || len(passed) > 0 {
			t.Error("a flow in network order is not held, one in original order is")
		}
		if err := b.arrive(t.Context(), 8, 3, true); err != nil {
			t.Error(err)
		}
		if <-passed != 1 || len(b.waiting) != 0 {
			t.Error("the last flow must free the others")
		}
		for id := range uint32(2 * maxBarriers) {
			_ = b.arrive(t.Context(), id, 9, false)
		}
		if len(b.waiting) > maxBarriers {
			t.Errorf("%d barriers are open", len(b.waiting))
		}
	})
}
