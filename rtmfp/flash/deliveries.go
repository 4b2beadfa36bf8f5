package flash

import (
	"slices"
	"sync"

	"sundog.dev/sundog/rtmfp"
)

// maxReceipts bounds the receipts that deliveries follows at a time, and the losses that nobody has asked for: ten seconds of
// video. A flow's buffer holds fewer messages, unless they are tiny.
const maxReceipts = 300

// deliveries finds out which messages a subscriber has not got: dropped since the flow was full, or abandoned. It looks at the
// receipts when it is asked.
type deliveries struct {
	mu        sync.Mutex
	open      []delivery // in the order of writing
	abandoned uint64
	missing   []uint32 // timestamps of what was dropped or abandoned and not yet taken
}

// delivery is a message on its way.
type delivery struct {
	receipt   *rtmfp.Receipt
	timestamp uint32
}

// add follows one message more.
func (d *deliveries) add(r *rtmfp.Receipt, timestamp uint32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.open) == maxReceipts {
		d.settle()
	}
	if len(d.open) == maxReceipts {
		d.open = slices.Delete(d.open, 0, 1)
	}
	d.open = append(d.open, delivery{r, timestamp})
}

// drop notes a message that was not sent.
func (d *deliveries) drop(timestamp uint32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.miss(timestamp)
}

func (d *deliveries) miss(timestamp uint32) {
	if len(d.missing) == maxReceipts {
		d.missing = slices.Delete(d.missing, 0, 1)
	}
	d.missing = append(d.missing, timestamp)
}

// lost is how many messages were abandoned so far.
func (d *deliveries) lost() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.settle()
	return d.abandoned
}

// take appends the timestamps of what is missing since the last time.
func (d *deliveries) take(to []uint32) []uint32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.settle()
	to = append(to, d.missing...)
	d.missing = d.missing[:0]
	return to
}

// settle takes out the messages whose fate is known.
func (d *deliveries) settle() {
	d.open = slices.DeleteFunc(d.open, func(m delivery) bool {
		settled, delivered := m.receipt.Settled()
		if settled && !delivered {
			d.abandoned++
			d.miss(m.timestamp)
		}
		return settled
	})
}
