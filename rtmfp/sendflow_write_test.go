package rtmfp

import (
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// Messages that are written together go in one packet, and come as they were written. Of those for which there is no room none is sent.
func TestMessagesThatAreWrittenTogetherGoInOnePacket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 20 * time.Millisecond})
		near, far := w.connect(w.node("a", addrA), w.node("b", addrB))
		out, in := w.flow(near, far, FlowOptions{Priority: PriorityAudio, Buffer: 100})
		time.Sleep(time.Second)
		before := near.Stats().PacketsSent
		n, err := out.WriteTogether([][]byte{[]byte("one"), []byte("two"), []byte("three")}, MessageOptions{})
		if n != 3 || err != nil {
			t.Fatal(n, err)
		}
		for _, want := range []string{"one", "two", "three"} {
			w.read(in, want)
		}
		if sent := near.Stats().PacketsSent - before; sent != 1 {
			t.Errorf("in %d packets", sent)
		}
		time.Sleep(time.Second)
		long := make([]byte, 60)
		if n, err := out.WriteTogether([][]byte{long, long, []byte("x")}, MessageOptions{}); n != 1 || err != nil {
			t.Errorf("of three messages %d have room: %v", n, err)
		}
		w.read(in, string(long))
		if n, err := out.WriteTogether([][]byte{[]byte("y"), make([]byte, maxMessage+1)}, MessageOptions{}); n != 1 || err == nil {
			t.Errorf("a message that is too long: %d, %v", n, err)
		}
		w.read(in, "y")
		_ = out.Close()
		if n, err := out.WriteTogether([][]byte{long}, MessageOptions{}); n != 0 || err == nil {
			t.Errorf("a closed flow takes %d, %v", n, err)
		}
	})
}

// Where the user says that packets of their own are dear, acknowledgements and reports go along with data that is sent each 60 ms.
// What has not come is told at once.
func TestAcknowledgementsWaitToGoAlong(t *testing.T) {
	for _, c := range []struct {
		acks time.Duration
		lost bool
		most uint64 // packets without data in a second
	}{
		{0, false, 60},
		{75 * time.Millisecond, false, 2},
		{75 * time.Millisecond, true, 60},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, vnet.Link{Latency: 20 * time.Millisecond})
			near, far := w.connect(w.node("a", addrA), w.node("b", addrB))
			out, in := w.flow(near, far, FlowOptions{Priority: PriorityAudio})
			back, ours := w.flow(far, near, FlowOptions{Priority: PriorityAudio})
			drain := func(f *RecvFlow) {
				f.SetOrder(NetworkOrder)
				for {
					if _, err := f.Read(t.Context()); err != nil {
						return
					}
				}
			}
			go drain(in)
			go drain(ours)
			deadline := func() MessageOptions { return MessageOptions{DeliverBy: time.Now().Add(300 * time.Millisecond)} }
			sound := func(d time.Duration) {
				for n := range int(d / (20 * time.Millisecond)) {
					near.Couple(Coupling{Acks: c.acks})
					if n%3 == 0 {
						_, _ = out.WriteTogether([][]byte{make([]byte, 50)}, deadline())
					}
					time.Sleep(7 * time.Millisecond)
					if c.lost && n%10 == 0 {
						w.net.SetFilter(func(p vnet.Packet) bool { return p.From != addrB })
					}
					_, _ = back.WriteTogether([][]byte{make([]byte, 50)}, deadline())
					w.net.SetFilter(nil)
					time.Sleep(13 * time.Millisecond)
				}
			}
			sound(time.Second)
			before := near.Stats()
			sound(time.Second)
			after := near.Stats()
			alone := after.DatagramsSent - before.DatagramsSent - (after.PacketsSent - before.PacketsSent)
			t.Logf("%+v: %d packets without data", c, alone)
			if alone > c.most || c.acks == 0 && alone < 15 || c.lost && alone < 3 {
				t.Errorf("%+v: %d packets without data", c, alone)
			}
		})
	}
}
