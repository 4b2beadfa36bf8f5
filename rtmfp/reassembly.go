package rtmfp

import (
	"cmp"
	"slices"
)

// part is an entry of a receiving flow's RECV_BUFFER (RFC 7016 §3.6.3).
type part struct {
	seq     uint64
	control byte
	buf     *fragmentBuffer
}

// reassembly holds received fragments of incomplete messages, and of complete ones behind a gap.
type reassembly struct {
	list    []part // by sequence number; list[head:]
	head    int
	scanned int // parts from the head on that are known to follow one another
	length  int // bytes of those
	bytes   int // charged for all parts
}

// insert adds a fragment that the flow does not have yet.
func (r *reassembly) insert(f *RecvFlow, c *userData) {
	p := part{seq: c.seq, control: c.control, buf: f.s.e.fragments.copyOf(c.data)}
	f.s.recvBytes += p.buf.charge()
	if c.control == fragmentWhole && (f.order == NetworkOrder || r.head == len(r.list) && c.seq <= f.set.cumulative) {
		f.deliver(message{first: p.buf, length: len(p.buf.data), charge: p.buf.charge()}, c.seq, 1)
		return
	}
	i := r.place(c.seq)
	if i == r.head && r.head > 0 {
		r.head--
		i--
		r.list[i] = p
		r.scanned, r.length = 0, 0
	} else {
		r.compact(&i)
		r.list = slices.Insert(r.list, i, p)
		if i-r.head < r.scanned {
			r.scanned, r.length = 0, 0
		}
	}
	r.bytes += p.buf.charge()
	if f.order == NetworkOrder {
		r.deliverAround(f, i)
	}
}

// place is the index at which a part of the number belongs; most belong at the end.
func (r *reassembly) place(seq uint64) int {
	if n := len(r.list); n == r.head || r.list[n-1].seq < seq {
		return n
	}
	i, _ := slices.BinarySearchFunc(r.list[r.head:], seq, func(p part, seq uint64) int { return cmp.Compare(p.seq, seq) })
	return r.head + i
}

// count is the number of parts.
func (r *reassembly) count() int { return len(r.list) - r.head }

// compact keeps the free space before the head from growing without end.
func (r *reassembly) compact(i *int) {
	if r.head > 64 && r.head > len(r.list)/2 {
		n := copy(r.list, r.list[r.head:])
		clear(r.list[n:])
		r.list = r.list[:n]
		*i -= r.head
		r.head = 0
	}
}

// deliverInOrder delivers complete messages up to the cumulative sequence number and discards
// abandoned segments (RFC 7016 §3.6.3.3).
func (r *reassembly) deliverInOrder(f *RecvFlow) {
	for r.head < len(r.list) && r.list[r.head].seq <= f.set.cumulative {
		first := &r.list[r.head]
		if first.control == fragmentWhole {
			r.take(f, 1)
			continue
		}
		if first.control != fragmentBegin {
			r.drop(f, 1)
			continue
		}
		n, complete := r.scan()
		switch {
		case complete:
			r.take(f, n)
		case n < len(r.list)-r.head && isStart(r.list[r.head+n].control) && r.list[r.head+n].seq == r.list[r.head+n-1].seq+1,
			r.list[r.head+n-1].seq < f.set.cumulative:
			r.drop(f, n)
		case r.length > maxMessage:
			f.reject(0, "a message too long")
			return
		default:
			return
		}
	}
}

func isStart(control byte) bool { return control == fragmentWhole || control == fragmentBegin }

// scan goes on from where it was to find how many parts follow the head's first fragment in one message.
func (r *reassembly) scan() (n int, complete bool) {
	if r.scanned == 0 {
		r.scanned, r.length = 1, len(r.list[r.head].buf.data)
	}
	for {
		last := &r.list[r.head+r.scanned-1]
		if r.scanned > 1 && last.control == fragmentEnd {
			return r.scanned, true
		}
		i := r.head + r.scanned
		if i == len(r.list) || r.list[i].seq != last.seq+1 || isStart(r.list[i].control) {
			return r.scanned, false
		}
		r.length += len(r.list[i].buf.data)
		r.scanned++
	}
}

// take delivers the first n parts as one message.
func (r *reassembly) take(f *RecvFlow, n int) {
	seq := r.list[r.head].seq
	msg := r.join(r.head, r.head+n)
	r.pop(n)
	f.deliver(msg, seq, n)
}

// join makes a message of the parts in a range of indexes.
func (r *reassembly) join(from, to int) (m message) {
	next := &m.first
	for i := from; i < to; i++ {
		b := r.list[i].buf
		*next, next = b, &b.next
		m.length += len(b.data)
		m.charge += b.charge()
		r.list[i] = part{}
	}
	r.bytes -= m.charge
	return m
}

// drop discards the first n parts.
func (r *reassembly) drop(f *RecvFlow, n int) {
	for i := r.head; i < r.head+n; i++ {
		b := r.list[i].buf
		r.bytes -= b.charge()
		f.s.recvBytes -= b.charge()
		f.s.e.fragments.release(b)
		r.list[i] = part{}
	}
	r.pop(n)
}

// pop takes the first n parts out of the list.
func (r *reassembly) pop(n int) {
	r.head += n
	r.scanned, r.length = 0, 0
	if r.head == len(r.list) {
		r.list, r.head = r.list[:0], 0
	}
}

// discard drops everything.
func (r *reassembly) discard(f *RecvFlow) {
	r.drop(f, len(r.list)-r.head)
	r.list = nil
}

// deliverAround delivers, in network order, the message that has the part at i, if it is complete.
func (r *reassembly) deliverAround(f *RecvFlow, i int) {
	from := i
	for !isStart(r.list[from].control) {
		if from == r.head || r.list[from-1].seq+1 != r.list[from].seq || r.list[from-1].control == fragmentEnd {
			return
		}
		from--
	}
	to := from
	for r.list[to].control != fragmentWhole && (to == from || r.list[to].control != fragmentEnd) {
		if to+1 == len(r.list) || r.list[to+1].seq != r.list[to].seq+1 || isStart(r.list[to+1].control) {
			return
		}
		to++
	}
	seq := r.list[from].seq
	msg := r.join(from, to+1)
	r.list = slices.Delete(r.list, from, to+1)
	r.scanned, r.length = 0, 0
	if r.head == len(r.list) {
		r.list, r.head = r.list[:0], 0
	}
	f.deliver(msg, seq, to+1-from)
}

// deliverAll delivers, in network order, all messages that are complete.
func (r *reassembly) deliverAll(f *RecvFlow) {
	for i := r.head; i < len(r.list); {
		before := len(r.list) - r.head
		if isStart(r.list[i].control) {
			r.deliverAround(f, i)
		}
		if len(r.list)-r.head == before {
			i++
		} else {
			i = max(i, r.head)
		}
	}
}
