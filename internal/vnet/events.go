package vnet

import (
	"net/netip"
	"time"
)

// flight is a packet that is under way.
type flight struct {
	from, to netip.AddrPort
	data     []byte
	ecn      ECN
	way      *way
	link     *Link // as the way was when it left
}

// event is something that will happen on the network.
type event struct {
	at    time.Duration // since the network began
	order uint64
	do    func()
}

// before orders events by time, then by order of scheduling.
func (e *event) before(o *event) bool { return e.at < o.at || e.at == o.at && e.order < o.order }

// events is a binary heap of them. Each packet goes through it once for each queue and link, and all tests of calls stand on it: it does
// without container/heap, whose calls by interface were a tenth of what those took.
type events []*event

func (h *events) push(e *event) {
	all := append(*h, e)
	i := len(all) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !e.before(all[parent]) {
			break
		}
		all[i], i = all[parent], parent
	}
	all[i] = e
	*h = all
}

func (h *events) pop() *event {
	all := *h
	first, last := all[0], all[len(all)-1]
	all[len(all)-1] = nil
	all = all[:len(all)-1]
	*h = all
	if len(all) == 0 {
		return first
	}
	i := 0
	for {
		child := 2*i + 1
		if child >= len(all) {
			break
		}
		next := all[child]
		if child+1 < len(all) && all[child+1].before(next) {
			child++
			next = all[child]
		}
		if !next.before(last) {
			break
		}
		all[i], i = next, child
	}
	all[i] = last
	return first
}

// after has something done under n.mu later. The caller holds mu.
func (n *Network) after(d time.Duration, do func()) {
	n.order++
	e := &event{at: time.Since(n.began) + d, order: n.order, do: do}
	n.events.push(e)
	if n.events[0] == e {
		n.timer.Reset(d)
	}
}

// run makes events happen when it is time.
func (n *Network) run() {
	defer close(n.done)
	defer n.timer.Stop()
	for {
		select {
		case <-n.timer.C:
		case <-n.quit:
			return
		}
		n.mu.Lock()
		now := time.Since(n.began)
		for len(n.events) > 0 && n.events[0].at <= now {
			n.events.pop().do()
		}
		if len(n.events) > 0 {
			n.timer.Reset(n.events[0].at - now)
		}
		n.mu.Unlock()
	}
}
