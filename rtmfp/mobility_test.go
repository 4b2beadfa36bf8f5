package rtmfp

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// stream writes 100 messages a second until ctx ends, and returns the longest time that none came.
func stream(ctx context.Context, t *testing.T, out *SendFlow, in *RecvFlow) (pause func() time.Duration) {
	var longest time.Duration
	done := make(chan struct{})
	go func() {
		for ctx.Err() == nil {
			if _, err := out.Write(context.Background(), make([]byte, 500), MessageOptions{}); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	go func() {
		defer close(done)
		last := time.Now()
		for {
			if _, err := in.Read(ctx); err != nil {
				return
			}
			longest = max(longest, time.Since(last))
			last = time.Now()
		}
	}()
	return func() time.Duration { <-done; return longest }
}

// A stream goes on within 200 ms, on a path of 20 ms, when either end moves without saying so, whoever sends.
func TestMovingInTheMiddleOfAStream(t *testing.T) {
	type way int
	const forth, back, both way = 0, 1, 2
	for _, c := range []struct {
		name  string
		sends way
		move  func(w *world, a, b *node) error
		loss  float64
		limit time.Duration
	}{
		{"the sender moves", forth, moveInitiator, 0, 200 * time.Millisecond},
		{"the receiver moves", back, moveInitiator, 0, 200 * time.Millisecond},
		{"both send, one moves", both, moveInitiator, 0, 200 * time.Millisecond},
		{"the sender, who answered the opening, moves", back, moveResponder, 0, 200 * time.Millisecond},
		{"the receiver, who answered the opening, moves", forth, moveResponder, 0, 200 * time.Millisecond},
		{"with a tenth lost, the sender moves", forth, moveInitiator, 0.1, time.Second},
		{"with a tenth lost, the receiver moves", back, moveInitiator, 0.1, time.Second},
	} {
		for _, feedback := range []bool{false, true} { // the same under either kind of congestion control
			t.Run(fmt.Sprint(c.name, ", feedback ", feedback), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond, Loss: c.loss})
					a, b := w.node("a", addrA), w.node("b", addrB)
					a.profile.feedback, b.profile.feedback = feedback, feedback
					near, far := w.connect(a, b)
					ctx := w.ctx(4 * time.Second)
					var pauses []func() time.Duration
					if c.sends != back {
						out, in := w.flow(near, far, FlowOptions{Priority: PriorityVideo})
						pauses = append(pauses, stream(ctx, t, out, in))
					}
					if c.sends != forth {
						out, in := w.flow(far, near, FlowOptions{Priority: PriorityVideo})
						pauses = append(pauses, stream(ctx, t, out, in))
					}
					time.Sleep(2 * time.Second)
					if err := c.move(w, a, b); err != nil {
						t.Fatal(err)
					}
					for _, pause := range pauses {
						d := pause()
						t.Logf("longest pause %v", d)
						if d > c.limit {
							t.Errorf("longest pause %v, more than %v", d, c.limit)
						}
					}
				})
			})
		}
	}
}

func moveInitiator(_ *world, a, _ *node) error {
	return a.conn.Rebind(netip.MustParseAddrPort("198.51.100.7:7"))
}

func moveResponder(_ *world, _, b *node) error {
	return b.conn.Rebind(netip.MustParseAddrPort("198.51.100.8:8"))
}

// The same when a NAT forgets its mapping and makes another one, for who sends behind it and who receives.
func TestNATRebindsInTheMiddleOfAStream(t *testing.T) {
	for _, receives := range []bool{false, true} {
		t.Run(fmt.Sprint("behind the NAT is who receives: ", receives), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
				nat := w.net.NAT(addrA.Addr(), vnet.NATConfig{Filtering: vnet.AddressPortDependent})
				conn, err := nat.Listen(netip.MustParseAddrPort("10.0.0.1:1000"))
				if err != nil {
					t.Fatal(err)
				}
				a, b := w.nodeOn("a", conn), w.node("b", addrB)
				near, far := w.connect(a, b)
				ctx := w.ctx(4 * time.Second)
				from, to := near, far
				if receives {
					from, to = far, near
				}
				out, in := w.flow(from, to, FlowOptions{Priority: PriorityVideo})
				pause := stream(ctx, t, out, in)
				time.Sleep(2 * time.Second)
				before := far.FarAddr()
				nat.Restart()
				if d := pause(); d > 200*time.Millisecond || far.FarAddr() == before {
					t.Errorf("longest pause %v; %v before, %v after", d, before, far.FarAddr())
				}
			})
		})
	}
}
