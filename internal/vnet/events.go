package vnet

import (
	"container/heap"
	"net/netip"
	"time"
)

// flight is a packet that is under way.
type flight struct {
	from, to netip.AddrPort
	data     []byte
	ecn      ECN
}

// event is something that will happen on the network.
type event struct {
	at    time.Time
	order uint64
	do    func()
}

// events is a heap by time, then by order of scheduling.
type events []*event

func (h events) Len() int      { return len(h) }
func (h events) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h events) Less(i, j int) bool {
	if !h[i].at.Equal(h[j].at) {
		return h[i].at.Before(h[j].at)
	}
	return h[i].order < h[j].order
}
func (h *events) Push(x any) { *h = append(*h, x.(*event)) }
func (h *events) Pop() any {
	old := *h
	e := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return e
}

// after has do called in a while, with mu held. The caller holds mu.
func (n *Network) after(d time.Duration, do func()) {
	n.order++
	e := &event{at: time.Now().Add(d), order: n.order, do: do}
	heap.Push(&n.events, e)
	if n.events[0] == e {
		select {
		case n.kick <- struct{}{}:
		default:
		}
	}
}

// run lets things happen when it is time, until Close.
func (n *Network) run() {
	defer close(n.done)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		n.mu.Lock()
		now := time.Now()
		for len(n.events) > 0 && !n.events[0].at.After(now) {
			heap.Pop(&n.events).(*event).do()
		}
		wait := time.Hour
		if len(n.events) > 0 {
			wait = n.events[0].at.Sub(now)
		}
		n.mu.Unlock()
		timer.Reset(wait)
		select {
		case <-timer.C:
		case <-n.kick:
		case <-n.quit:
			return
		}
	}
}
