package flash

import (
	"slices"
	"sync"

	"sundog.dev/sundog/rtmfp"
)

// maxReceipts bounds the receipts that deliveries follows at a time: ten seconds of video. A flow's buffer holds fewer messages,
// unless they are tiny.
const maxReceipts = 300

// deliveries counts the messages that were abandoned. It looks at the receipts when it is asked, or gets another one.
type deliveries struct {
	mu        sync.Mutex
	open      []*rtmfp.Receipt // in the order of writing
	abandoned uint64
}

func (d *deliveries) add(r *rtmfp.Receipt) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.settle()
	if len(d.open) == maxReceipts {
		d.open = slices.Delete(d.open, 0, 1)
	}
	d.open = append(d.open, r)
}

func (d *deliveries) lost() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.settle()
	return d.abandoned
}

// settle takes out the receipts of messages whose fate is known.
func (d *deliveries) settle() {
	d.open = slices.DeleteFunc(d.open, func(r *rtmfp.Receipt) bool {
		select {
		case <-r.Done():
			if !r.Delivered() {
				d.abandoned++
			}
			return true
		default:
			return false
		}
	})
}
