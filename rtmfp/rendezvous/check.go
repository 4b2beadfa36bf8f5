package rendezvous

import (
	"context"
	"crypto/rand"
	"net/netip"
	"slices"
	"sync"
	"time"

	"sundog.dev/sundog/internal/source"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
)

// Check is what a Service needs to check its clients' connectivity: packet conns besides its own, which it owns. Each may
// be nil, and what it is for is then unknown to the clients. All addresses should be of one family.
type Check struct {
	// OtherPort is on the address of the service and another port.
	OtherPort rtmfp.PacketConn
	// OtherAddress is on another address that the world takes for another.
	OtherAddress rtmfp.PacketConn
	// Introduction is on a third address. Clients never hear from it: they are introduced to it.
	Introduction rtmfp.PacketConn
	// IntroductionAddr is Introduction's address as the world knows it; invalid: its own.
	IntroductionAddr netip.AddrPort
}

// checker checks connectivity.
//
//	          ┌ service ──── session ─────────┐
//	client ◄──┼ other port ── IHello ────────►│ does an RHello come back?
//	          ├ other address ── IHello ─────►│
//	          └ service ── FIHello (introduction's address), in the session
//	client ── RHello ──► introduction: does it arrive, and from where?
//
// The client answers each like any IHello for it, so it needs no code of its own. Nothing is sent to an address that has
// not proved itself by a session: the client's, and from there ours.
type checker struct {
	probers      [probes]*rtmfp.Prober // nil: not there
	introduction netip.AddrPort

	mu      sync.Mutex
	running map[[checkTag]byte]chan<- probeAnswer
	sources *source.Limiter
}

// The probes of a check, in their order.
const (
	probeOtherPort = iota
	probeOtherAddress
	probeIntroduction
	probes
)

// checkTag is the length of a check's tag, by which answers find it: long enough that nobody guesses one.
const checkTag = 16

// probeAnswer is an RHello that came to the prober of a probe.
type probeAnswer struct {
	probe int
	from  netip.AddrPort
}

// newChecker is nil if there is to be none.
func newChecker(cfg *Check, crypto rtmfp.CryptoProfile) *checker {
	if cfg == nil {
		return nil
	}
	k := &checker{
		running: make(map[[checkTag]byte]chan<- probeAnswer),
		sources: source.NewLimiter(checkRate, checkBurst),
	}
	for i, conn := range []rtmfp.PacketConn{cfg.OtherPort, cfg.OtherAddress, cfg.Introduction} {
		if conn != nil {
			k.probers[i] = rtmfp.NewProber(conn, crypto)
		}
	}
	if p := k.probers[probeIntroduction]; p != nil {
		if k.introduction = cfg.IntroductionAddr; !k.introduction.IsValid() {
			k.introduction = unmap(p.LocalAddr())
		}
	}
	return k
}

// run starts a goroutine for each prober, all of which end with close.
func (k *checker) run(running *sync.WaitGroup) {
	for i, p := range k.probers {
		if p == nil {
			continue
		}
		running.Go(func() {
			for {
				tag, from, err := p.Next()
				if err != nil {
					return
				}
				k.answered(tag, probeAnswer{i, from})
			}
		})
	}
}

func (k *checker) close() {
	for _, p := range k.probers {
		if p != nil {
			_ = p.Close()
		}
	}
}

// answered gives an answer to the check that it belongs to, if there is one that has room.
func (k *checker) answered(tag []byte, a probeAnswer) {
	if len(tag) != checkTag {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if answers := k.running[[checkTag]byte(tag)]; answers != nil {
		select {
		case answers <- a:
		default:
		}
	}
}

// begin registers a check; false if there are too many, of all or of the client's source.
func (k *checker) begin(from netip.Addr, now time.Time) (tag [checkTag]byte, answers <-chan probeAnswer, ok bool) {
	_, _ = rand.Read(tag[:]) // never fails
	ch := make(chan probeAnswer, probes*checkTries)
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.running) >= maxChecks || k.sources.Take(from, 1, now) != 0 {
		return tag, nil, false
	}
	k.running[tag] = ch
	return tag, ch, true
}

func (k *checker) end(tag [checkTag]byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.running, tag)
}

// send sends a probe to a client.
func (k *checker) send(probe int, c *client, tag [checkTag]byte, to netip.AddrPort) {
	epd := c.session.FarCertificate().CanonicalEPD()
	if probe == probeIntroduction {
		c.session.ForwardIHello(epd, tag[:], k.introduction)
		return
	}
	_ = k.probers[probe].Hello(epd, tag[:], to) // as good as lost
}

// check finds out about a client that has reported these addresses. It returns when all is answered, or
// not answered for long enough.
func (k *checker) check(ctx context.Context, c *client, reported []netip.AddrPort, tag [checkTag]byte, answers <-chan probeAnswer) Connectivity {
	observed := unmap(c.session.FarAddr())
	r := Connectivity{PublicAddress: observed}
	if len(reported) > 0 {
		r.PublicAddressIsLocal = answerOf(slices.Contains(reported, observed))
		r.PublicPortMatchesLocalPort = answerOf(slices.ContainsFunc(reported, func(a netip.AddrPort) bool { return a.Port() == observed.Port() }))
	}
	var waiting [probes]bool
	for i, p := range k.probers {
		waiting[i] = p != nil
	}
	if waiting[probeOtherPort] {
		r.ReceiveSameAddressDifferentPortAllowed = AnswerNo
	}
	if waiting[probeOtherAddress] {
		r.ReceiveDifferentAddressDifferentPortAllowed = AnswerNo
	}
	if waiting[probeIntroduction] {
		r.SendAfterIntroductionAllowed = AnswerNo
		r.SendAfterIntroductionPreservesSourceAddress, r.SendAfterIntroductionPreservesSourcePort = AnswerNo, AnswerNo
	}
	next := time.NewTimer(0)
	defer next.Stop()
	for step := 0; waiting != [probes]bool{}; {
		select {
		case a := <-answers:
			waiting[a.probe] = false
			switch a.probe {
			case probeOtherPort:
				r.ReceiveSameAddressDifferentPortAllowed = AnswerYes
			case probeOtherAddress:
				r.ReceiveDifferentAddressDifferentPortAllowed = AnswerYes
			case probeIntroduction:
				from := unmap(a.from)
				r.SendAfterIntroductionAllowed = AnswerYes
				r.SendAfterIntroductionPreservesSourceAddress = answerOf(from.Addr() == observed.Addr())
				r.SendAfterIntroductionPreservesSourcePort = answerOf(from.Port() == observed.Port())
			}
		case <-next.C:
			if step == probes*checkTries {
				return r
			}
			if probe := step % probes; waiting[probe] {
				k.send(probe, c, tag, observed)
			}
			if step++; step%probes == 0 {
				next.Reset(checkInterval - (probes-1)*checkStagger)
			} else {
				next.Reset(checkStagger)
			}
		case <-ctx.Done():
			return r
		}
	}
	return r
}

// startCheck checks the client's connectivity, tells it and ends the session. A client is checked once.
func (c *client) startCheck(reported []netip.AddrPort) error {
	k := c.service.checker
	c.mu.Lock()
	again := c.checked
	c.checked = true
	c.mu.Unlock()
	if again {
		return nil
	}
	tag, answers, ok := k.begin(c.session.FarAddr().Addr(), time.Now())
	if !ok {
		c.service.counters.checksRefused.Add(1)
		c.lastWords(flash.StatusCommand(flash.Status{
			Code: flash.CodeConnectRejected, Level: flash.LevelError, Description: "Too many connectivity checks at once. Try again in a minute.",
		}))
		return errRefused
	}
	c.service.counters.checks.Add(1)
	c.readers.Go(func() {
		r := k.check(c.ended, c, reported, tag, answers)
		k.end(tag)
		info := r.appendInfo(flash.Status{
			Code: codeConnectivityResults, Level: flash.LevelStatus, Description: "What is known of the way to you.",
		}.Info())
		c.lastWords(flash.Command{Name: flash.CommandOnStatus, Args: []amf.Value{info}})
		_ = c.session.Close()
	})
	return nil
}
