package rmcat

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

const (
	// leadIn is the time before a case begins, in which the sessions of its first flows are opened.
	leadIn = time.Second
	// headers is what a packet has on the link beyond its UDP payload: IPv4 and UDP.
	headers = 28
	// dialPatience bounds the opening of a session, whose packets may meet a full queue.
	dialPatience = 20 * time.Second
)

// stand is one run of a scenario. It owns the network and all endpoints; Run waits for its goroutines.
type stand struct {
	scenario Scenario
	seed     uint64
	net      *vnet.Network
	begin    time.Time
	queues   [2]*vnet.Bottleneck // forward, backward; nil without a bottleneck
	hosts    map[netip.Addr]int  // whose packets they are, as an index of result.Senders
	wg       sync.WaitGroup

	mu     sync.Mutex // guards what follows
	result *Result
	err    error
}

// Run plays a scenario in the testing/synctest bubble of its caller.
func Run(s Scenario, seed uint64) (*Result, error) {
	st := &stand{
		scenario: s, seed: seed, net: vnet.New(seed), begin: time.Now().Add(leadIn),
		hosts: make(map[netip.Addr]int), result: &Result{Scenario: s, Seed: seed},
	}
	ctx, cancel := context.WithCancel(context.Background())
	var closers []func() error
	st.bottleneck(false, s.Forward)
	st.bottleneck(true, s.Backward)
	for i, c := range s.Calls {
		closer, err := st.call(ctx, i, c)
		closers = append(closers, closer...)
		st.fail(err)
	}
	for i, c := range s.TCP {
		closer, err := st.tcp(ctx, i, c)
		closers = append(closers, closer...)
		st.fail(err)
	}
	for i, c := range s.Constant {
		closer, err := st.constant(ctx, i, c)
		closers = append(closers, closer...)
		st.fail(err)
	}
	if st.failed() == nil {
		time.Sleep(leadIn + s.Duration)
	}
	cancel()
	for _, c := range closers {
		_ = c()
	}
	st.wg.Wait()
	st.net.Close()
	return st.result, st.failed()
}

func (st *stand) now() time.Duration { return time.Since(st.begin) }

// goDo runs f in a goroutine that Run waits for.
func (st *stand) goDo(f func()) { st.wg.Go(f) }

// fail keeps the first error that is not the end of the run.
func (st *stand) fail(err error) {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, rtmfp.ErrClosed) {
		return
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.err == nil {
		st.err = fmt.Errorf("%s: %w", st.scenario.Name, err)
	}
}

func (st *stand) failed() error {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.err
}

// stream is the record of a flow, which both ends share.
func (st *stand) stream(call int, backward bool, kind streamKind) *Stream {
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, s := range st.result.Streams {
		if s.Call == call && s.Backward == backward && s.Kind == kind {
			return s
		}
	}
	s := &Stream{Call: call, Backward: backward, Kind: kind}
	st.result.Streams = append(st.result.Streams, s)
	return s
}

// bottleneck makes one direction's queue, and changes its rate when it is time.
func (st *stand) bottleneck(backward bool, p Path) {
	if p.Capacity == nil {
		return
	}
	b := st.net.Bottleneck(vnet.Queue{
		Rate: int(p.Capacity[0].Rate / 8), Time: p.Queue, Bytes: p.QueueBytes, MarkAbove: p.MarkAbove, MarkInterval: p.MarkAfter,
		Overhead: headers,
	})
	st.queues[direction(backward)] = b
	b.Observe(func(v vnet.Passage) {
		at := v.At.Sub(st.begin)
		if at < 0 || at > st.scenario.Duration {
			return
		}
		packets := &st.result.Packets[direction(backward)]
		*packets = append(*packets, Packet{
			At: at, Sender: st.hosts[v.From.Addr()], Size: v.Size, Delay: v.Delay, Dropped: v.Dropped, Marked: v.Marked,
		})
	})
	for _, c := range p.Capacity[1:] {
		time.AfterFunc(time.Until(st.begin.Add(c.At)), func() { b.SetRate(int(c.Rate / 8)) })
	}
}

func direction(backward bool) int {
	if backward {
		return 1
	}
	return 0
}

// pair makes two hosts of a sender, and the links between them.
func (st *stand) pair(kind SenderKind, name string, network byte, i int, latency time.Duration, backward bool) (near, far *vnet.Conn, err error) {
	a := netip.AddrFrom4([4]byte{10, network, 0, byte(i + 1)})
	b := netip.AddrFrom4([4]byte{10, network, 1, byte(i + 1)})
	from, to := a, b
	if backward {
		from, to = b, a
	}
	st.hosts[from] = len(st.result.Senders)
	st.result.Senders = append(st.result.Senders, Sender{Kind: kind, Name: name, Index: i, Backward: backward})
	if _, known := st.hosts[to]; !known {
		st.hosts[to] = len(st.result.Senders)
		st.result.Senders = append(st.result.Senders, Sender{Kind: Answers, Name: name, Index: i, Backward: !backward})
	}
	st.net.SetLink(a, b, st.link(false, st.scenario.Forward, latency))
	st.net.SetLink(b, a, st.link(true, st.scenario.Backward, latency))
	if near, err = st.net.Listen(netip.AddrPortFrom(from, 1000)); err != nil {
		return nil, nil, err
	}
	if far, err = st.net.Listen(netip.AddrPortFrom(to, 1000)); err != nil {
		return nil, nil, err
	}
	return near, far, nil
}

func (st *stand) link(backward bool, p Path, latency time.Duration) vnet.Link {
	return vnet.Link{
		Latency: latency, Jitter: p.Jitter, JitterShape: vnet.HalfNormalJitter, Loss: p.Loss, Bottleneck: st.queues[direction(backward)],
	}
}

// call makes the hosts of a call and has it begin and end when it is time.
func (st *stand) call(ctx context.Context, i int, c Call) (closers []func() error, err error) {
	near, far, err := st.pair(Media, c.Name, 1, i, c.Latency, false)
	if err != nil {
		return nil, err
	}
	if c.Backward.any() {
		st.result.Senders[len(st.result.Senders)-1].Kind = Media
	}
	var ends [2]*rtmfp.Endpoint
	var callee *flashcrypto.Profile
	for k, conn := range []*vnet.Conn{near, far} {
		profile, err := flashcrypto.NewProfile(flashcrypto.Options{Groups: []flashcrypto.Group{flashcrypto.Group31}})
		if err != nil {
			return closers, err
		}
		if ends[k], err = rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: profile}); err != nil {
			return closers, err
		}
		closers = append(closers, ends[k].Close)
		callee = profile
	}
	end := st.scenario.until(c.End)
	st.goDo(func() {
		session, err := ends[1].Accept(ctx)
		if err != nil {
			return
		}
		if c.Backward.any() {
			st.send(ctx, session, c.Backward, i, true, c.Start, end)
		}
		st.receive(ctx, session, i, false)
	})
	st.goDo(func() {
		time.Sleep(c.Start) // the lead-in is for opening the session
		dial, cancel := context.WithTimeout(ctx, dialPatience)
		defer cancel()
		session, err := ends[0].Dial(dial, callee.Fingerprint().EPD(), ends[1].LocalAddr())
		if err != nil {
			st.fail(err)
			return
		}
		if c.Forward.any() {
			st.send(ctx, session, c.Forward, i, false, c.Start, end)
		}
		st.receive(ctx, session, i, true)
	})
	return closers, nil
}

// send has one end of a call send from the call's start on.
func (st *stand) send(ctx context.Context, session *rtmfp.Session, load Load, call int, backward bool, start, end time.Duration) {
	s := &sender{stand: st, session: session, load: load, end: end, seed: st.seed<<8 + uint64(2*call+direction(backward))}
	st.goDo(func() {
		time.Sleep(max(start-st.now(), 0))
		s.run(ctx, call, backward)
		st.trace(ctx, session, call, backward, end)
	})
}

// tcp makes a connection's hosts and has it send when it is time.
func (st *stand) tcp(ctx context.Context, i int, c TCP) (closers []func() error, err error) {
	near, far, err := st.pair(Competitor, fmt.Sprintf("TCP %d", i+1), 2, i, c.Latency, c.Backward)
	if err != nil {
		return nil, err
	}
	to := far.LocalAddr()
	acks := make(chan tcpAck, 256)
	receiver := &tcpReceiver{conn: far, above: make(map[uint64]bool)}
	st.goDo(receiver.run)
	st.goDo(func() { readAcks(near, acks) })
	st.goDo(func() {
		time.Sleep(leadIn + c.Start)
		rng := rand.New(rand.NewPCG(st.seed, uint64(i)))
		addr := netip.MustParseAddrPort(to.String())
		if !c.Short {
			_ = newTCPSender(near, addr, acks, st.now, 0, 1<<40).run(ctx)
			return
		}
		first := uint64(0)
		if c.Idle {
			time.Sleep(min(pause(rng), st.scenario.Duration))
		}
		for st.now() < st.scenario.until(c.End) && ctx.Err() == nil {
			segments, idle := download(rng)
			if newTCPSender(near, addr, acks, st.now, first, segments).run(ctx) != nil {
				return
			}
			first += segments
			time.Sleep(min(idle, max(st.scenario.Duration-st.now(), 0)))
		}
	})
	return []func() error{near.Close, far.Close}, nil
}

// constant sends packets of full length at an even rate.
func (st *stand) constant(ctx context.Context, i int, c Constant) (closers []func() error, err error) {
	near, far, err := st.pair(Competitor, fmt.Sprintf("constant %d", i+1), 3, i, c.Latency, c.Backward)
	if err != nil {
		return nil, err
	}
	to := netip.MustParseAddrPort(far.LocalAddr().String())
	const payload = 1172
	st.goDo(func() {
		b := make([]byte, payload)
		for {
			if _, _, err := far.ReadFromUDPAddrPort(b); err != nil {
				return
			}
		}
	})
	st.goDo(func() {
		time.Sleep(leadIn + c.Start)
		tick := time.NewTicker(time.Duration((payload + headers) * 8 / c.Rate * float64(time.Second)))
		defer tick.Stop()
		for st.now() < st.scenario.until(c.End) {
			_, _ = near.WriteToUDPAddrPort(make([]byte, payload), to)
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	})
	return []func() error{near.Close, far.Close}, nil
}
