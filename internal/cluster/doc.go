// Package cluster is what the instances of a service share: state in NATS JetStream key-value buckets and messages on NATS
// subjects. A single instance has a NATS server inside itself, with a data folder and no socket; many instances connect to
// a NATS cluster. Everything else is the same for both.
//
//	c, err := cluster.Open(ctx, cluster.Config{Dir: "/var/lib/sundogd"}) // or Config{URL: "nats://a:4222,nats://b:4222"}
//	…
//	defer c.Close()
//	names, err := c.Bucket(ctx, cluster.BucketConfig{Name: "names"})
//	…
//	revision, err := names.Create(ctx, "alice", record, 0) // ErrExists: somebody was first
//	…
//	revision, err = names.Update(ctx, "alice", record, revision, 0) // ErrConflict: somebody was faster
//
// # What is promised
//
// A write that has been acknowledged survives the death of the process. In the server inside it survives the machine's,
// too, since every write is synced to disk; in a cluster it is on a majority of its servers, and those decide when they sync
// (sync_interval in their configuration). Volatile buckets are kept in memory: they survive what a majority of a cluster
// survives, and nothing alone.
//
// Writes are decided by the bucket's leader, one after the other: Create, Update and DeleteAt succeed for one of those that
// compete. Get asks the leader, so that it sees every write that had been acknowledged before it. GetNearby asks any
// server that has the bucket; what it says may be older than that by the replication's delay (milliseconds, usually),
// but it does not load the leader and goes on while a new one is elected. An Update with a revision from GetNearby is safe:
// at worst it is refused.
//
// When a server of the cluster is lost, a new leader is elected within seconds. Calls wait and try again for as long as
// their context allows, and for callTimeout if it has no end; then the error is ErrUnavailable. A write is sent again under
// the same message ID, so that it is not applied twice and does not conflict with itself.
//
// Messages on subjects are delivered at most once: whoever is not there, or too slow, misses them.
package cluster
