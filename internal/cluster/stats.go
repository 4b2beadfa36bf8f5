package cluster

import "sync/atomic"

// Stats counts what a Cluster does.
type Stats struct {
	Connected bool // at this moment
	Watches   int  // at this moment

	Reads, Writes uint64 // of buckets
	Conflicts     uint64 // writes refused since somebody was faster
	Retries       uint64 // attempts that had no answer
	Restarted     uint64 // watches that had to get themselves a new consumer
	Published     uint64 // messages and requests sent
	Received      uint64 // messages handled
	Dropped       uint64 // messages lost since their handler was too slow
	Disconnects   uint64 // times that the connection was lost
}

// counters are the counts of Stats as they grow.
type counters struct {
	reads, writes, conflicts, retries, rewatched, published, received, dropped, disconnects atomic.Uint64
	watching                                                                                atomic.Int64
}

// Stats is a snapshot of the counts.
func (c *Cluster) Stats() Stats {
	n := &c.counters
	c.mu.Lock()
	dropped := n.dropped.Load()
	for s := range c.subscriptions {
		dropped += s.dropped()
	}
	c.mu.Unlock()
	return Stats{
		Connected: c.conn.IsConnected(), Watches: int(n.watching.Load()),
		Reads: n.reads.Load(), Writes: n.writes.Load(), Conflicts: n.conflicts.Load(), Retries: n.retries.Load(),
		Restarted: n.rewatched.Load(), Published: n.published.Load(), Received: n.received.Load(), Dropped: dropped,
		Disconnects: n.disconnects.Load(),
	}
}
