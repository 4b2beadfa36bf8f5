package rtmfp

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

func TestFragmentBuffers(t *testing.T) {
	var p fragmentBuffers
	for _, n := range []int{0, 1, 128, 129, basePacket, basePacket + 1, maxPathDatagram, maxPathDatagram + 1} {
		data := bytes.Repeat([]byte{byte(n)}, n)
		b := p.copyOf(data)
		if !bytes.Equal(b.data, data) || b.next != nil {
			t.Errorf("a copy of %d bytes has %d", n, len(b.data))
		}
		p.release(b)
		again := p.copyOf(data)
		if reused := again == b; reused != (n <= maxPathDatagram) {
			t.Errorf("a buffer of %d bytes is used again: %v", n, reused)
		}
		if again.next != nil {
			t.Error("a buffer in use hangs on a free one")
		}
	}
	var chain *fragmentBuffer
	for range maxFreeFragments + 10 {
		b := p.copyOf([]byte{1})
		b.next, chain = chain, b
	}
	p.release(chain)
	if n := p.free[0].n; n != maxFreeFragments {
		t.Errorf("%d free buffers are kept", n)
	}
}

// Copies of any length are right, and long enough for nothing else's memory to be touched.
func TestWriteBuffers(t *testing.T) {
	for _, n := range []int{0, 1, 63, 64, 65, 1000, 1024, 1025, maxMessage} {
		msg := bytes.Repeat([]byte{7}, n)
		b := copyToWrite(msg)
		if !bytes.Equal(b.data, msg) {
			t.Errorf("a copy of %d bytes has %d", n, len(b.data))
		}
		if kind := writeKind(cap(b.data)); kind != writeKind(n) {
			t.Errorf("%d bytes: kind %d goes back as %d", n, writeKind(n), kind)
		}
		b.release()
	}
}

// ReadInto uses the caller's memory if it is enough, and whoever wrote may use theirs again at once.
func TestReadInto(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: time.Millisecond})
		near, far := w.connect(w.node("a", addrA), w.node("b", addrB))
		out, in := w.flow(near, far, FlowOptions{})
		written := make([]byte, 5000)
		mine := make([]byte, 0, 4000)
		for _, n := range []int{10, 4000, 1, 5000, 3} {
			msg := written[:n]
			for i := range msg {
				msg[i] = byte(n + i)
			}
			want := string(msg)
			w.write(out, want)
			clear(msg)
			got, err := in.ReadInto(w.ctx(time.Minute), mine)
			if err != nil || string(got) != want {
				t.Fatalf("%d bytes came as %d: %v", n, len(got), err)
			}
			if same := &got[:1][0] == &mine[:1][0]; same != (n <= cap(mine)) {
				t.Errorf("%d bytes are in the caller's memory: %v", n, same)
			}
		}
	})
}

// A message that is kept is not touched by those that come after it.
func TestReadOwns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: time.Millisecond, Loss: 0.05})
		near, far := w.connect(w.node("a", addrA), w.node("b", addrB))
		out, in := w.flow(near, far, FlowOptions{})
		var kept [][]byte
		for i := range 50 {
			w.write(out, string(bytes.Repeat([]byte{byte(i)}, 100*i)))
			msg, err := in.Read(w.ctx(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			kept = append(kept, msg)
		}
		for i, msg := range kept {
			if !bytes.Equal(msg, bytes.Repeat([]byte{byte(i)}, 100*i)) {
				t.Errorf("message %d has changed", i)
			}
		}
	})
}
