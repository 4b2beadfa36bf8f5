package rtmfp

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

func TestMessagesTravelBothWays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 20 * time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		near, far := w.connect(a, b)
		if !near.Initiator() || far.Initiator() {
			t.Error("who is the initiator is wrong")
		}
		if !bytes.Equal(near.NearNonce(), far.FarNonce()) || !bytes.Equal(near.FarNonce(), far.NearNonce()) {
			t.Error("the nonces do not match")
		}
		if !bytes.Equal(near.FarCertificate().Bytes(), b.profile.certificate) || near.FarAddr() != addrB {
			t.Error("the initiator does not know who the responder is")
		}
		out, in := w.flow(near, far, FlowOptions{Priority: PriorityData})
		if string(in.Metadata()) != "test" || in.ReturnOf() != nil {
			t.Errorf("metadata %q, return of %v", in.Metadata(), in.ReturnOf())
		}
		back, err := far.OpenFlow([]byte("back"), FlowOptions{ReturnOf: in})
		if err != nil {
			t.Fatal(err)
		}
		w.write(back, "answer")
		in2, err := near.AcceptFlow(w.ctx(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		if in2.ReturnOf() != out {
			t.Error("the return flow is not associated")
		}
		w.read(in2, "answer")

		big := make([]byte, 300_000)
		rand.Read(big)
		r := w.write(out, string(big))
		w.read(in, string(big))
		w.write(out, "")
		w.read(in, "")
		<-r.Done()
		if !r.Delivered() {
			t.Error("the receipt does not know of the delivery")
		}
		if rtt := near.Stats().RTT; rtt < 36*time.Millisecond || rtt > 60*time.Millisecond {
			t.Errorf("RTT %v on a path of 40 ms", rtt)
		}

		_ = out.Close()
		if _, err := in.Read(w.ctx(time.Second)); !errors.Is(err, io.EOF) {
			t.Errorf("after the flow's end: %v, want EOF", err)
		}
		<-out.Done()
		if !errors.Is(out.Err(), ErrClosed) {
			t.Errorf("flow ended with %v", out.Err())
		}
	})
}
