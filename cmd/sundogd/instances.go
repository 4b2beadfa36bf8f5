package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"sundog.dev/sundog/idmanager/http/v1"
	"sundog.dev/sundog/internal/cluster"
)

const (
	// instanceBeat is how often an instance says that it lives, and instanceTTL how long that is believed: a few beats may be
	// lost while NATS chooses a new leader, and clients of a dead instance are sent to it for a quarter of a minute at most.
	instanceBeat = 3 * time.Second
	instanceTTL  = 15 * time.Second

	// maxInstances bounds those that are told to clients: more would be of no use to them.
	maxInstances = 16
)

// instanceRecord is what an instance says about itself.
type instanceRecord struct {
	v1.Instance
	Addresses []netip.AddrPort `json:"addresses"`       // of its introduction service
	Relay     []string         `json:"relay,omitempty"` // turn:host:port
}

// instances knows this instance and the others on the same cluster. It owns two goroutines; close ends them.
type instances struct {
	bucket *cluster.Bucket
	log    *slog.Logger
	ctx    context.Context
	cancel context.CancelFunc
	beat   chan struct{} // asks for a beat at once
	run    sync.WaitGroup

	telling sync.Mutex // what is written last is what is so last

	mu     sync.Mutex
	self   instanceRecord
	others map[string]instanceRecord
}

// joinInstances begins to follow the others. This instance is told to them by announce.
func joinInstances(ctx context.Context, c *cluster.Cluster, log *slog.Logger) (*instances, error) {
	bucket, err := c.Bucket(ctx, cluster.BucketConfig{Name: "instances", Volatile: true})
	if err != nil {
		return nil, err
	}
	id := make([]byte, 8)
	_, _ = rand.Read(id) // never fails
	n := &instances{bucket: bucket, log: log, beat: make(chan struct{}, 1), others: make(map[string]instanceRecord)}
	n.self.ID = hex.EncodeToString(id)
	n.ctx, n.cancel = context.WithCancel(context.Background())
	changes, err := bucket.Watch(n.ctx)
	if err != nil {
		n.cancel()
		return nil, err
	}
	n.run.Go(func() { n.follow(changes) })
	return n, nil
}

// announce tells the others of this instance, from now on and until close.
func (n *instances) announce(self instanceRecord) {
	n.mu.Lock()
	self.ID = n.self.ID
	n.self = self
	n.mu.Unlock()
	n.run.Go(n.keepTelling)
}

// drain tells the others, and clients, that this instance is about to go.
func (n *instances) drain() error {
	n.mu.Lock()
	n.self.Draining = true
	n.mu.Unlock()
	return n.tell()
}

// close says goodbye and ends the goroutines.
func (n *instances) close() error {
	n.cancel()
	n.run.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = n.bucket.Delete(ctx, n.self.ID) // otherwise it expires
	return nil
}

func (n *instances) keepTelling() {
	tick := time.NewTicker(instanceBeat)
	defer tick.Stop()
	for failed := false; ; {
		err := n.tell()
		if n.ctx.Err() != nil {
			return
		}
		if err != nil && !failed {
			n.log.Warn("the other instances cannot be told that this one lives", "why", err)
		}
		failed = err != nil
		select {
		case <-tick.C:
		case <-n.beat:
		case <-n.ctx.Done():
			return
		}
	}
}

// tell writes this instance's record.
func (n *instances) tell() error {
	n.telling.Lock()
	defer n.telling.Unlock()
	n.mu.Lock()
	record, err := json.Marshal(n.self)
	n.mu.Unlock()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(n.ctx, instanceBeat)
	defer cancel()
	_, err = n.bucket.Put(ctx, n.self.ID, record, instanceTTL)
	return err
}

// follow notes who comes and goes.
func (n *instances) follow(changes <-chan cluster.Entry) {
	var fresh map[string]instanceRecord // those told since a restart
	for e := range changes {
		n.mu.Lock()
		switch e.Kind {
		case cluster.KindPut:
			var record instanceRecord
			if json.Unmarshal(e.Value, &record) == nil && record.ID == e.Key {
				n.others[e.Key] = record
				if fresh != nil {
					fresh[e.Key] = record
				}
			}
		case cluster.KindDelete:
			delete(n.others, e.Key)
			delete(fresh, e.Key)
			if e.Key == n.self.ID {
				n.hurry()
			}
		case cluster.KindRestart:
			fresh = make(map[string]instanceRecord)
		case cluster.KindCurrent:
			if fresh != nil {
				n.others, fresh = fresh, nil
			}
		}
		delete(n.others, n.self.ID)
		n.mu.Unlock()
	}
}

// hurry has this instance's record written at once, since it was lost.
func (n *instances) hurry() {
	select {
	case n.beat <- struct{}{}:
	default:
	}
}

// all are the live instances, this one first, and then in a different order for each instance, so that the clients of one that dies
// do not all go to the same.
func (n *instances) all() []instanceRecord {
	n.mu.Lock()
	defer n.mu.Unlock()
	others := make([]instanceRecord, 0, len(n.others)+1)
	for _, o := range n.others {
		others = append(others, o)
	}
	near := n.self.ID
	slices.SortFunc(others, func(a, b instanceRecord) int { return strings.Compare(around(a.ID, near), around(b.ID, near)) })
	all := append([]instanceRecord{n.self}, others...)
	return all[:min(len(all), maxInstances)]
}

// around makes a key by which IDs are sorted beginning with those that follow near.
func around(id, near string) string {
	if id > near {
		return "0" + id
	}
	return "1" + id
}

// count is the number of live instances, this one too.
func (n *instances) count() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return 1 + len(n.others)
}

// forDirectory are the instances as GET /v1 tells them.
func (n *instances) forDirectory() (list []v1.Instance) {
	for _, i := range n.all() {
		list = append(list, i.Instance)
	}
	return list
}

// forClients are the addresses of introduction services that a client may go to.
func (n *instances) forClients() (urls []string) {
	for _, i := range n.all() {
		if !i.Draining {
			urls = append(urls, i.RTMFP...)
		}
	}
	return urls
}

// elsewhere are the addresses of the other instances' introduction services, for a redirect.
func (n *instances) elsewhere() (addresses []netip.AddrPort) {
	for _, i := range n.all()[1:] {
		if !i.Draining {
			addresses = append(addresses, i.Addresses...)
		}
	}
	return addresses
}

// relays are the addresses of all relays, the nearest first.
func (n *instances) relays() (urls []string) {
	for _, i := range n.all() {
		if !i.Draining {
			urls = append(urls, i.Relay...)
		}
	}
	return urls
}

// rtmfpURL is the address of an introduction service.
func rtmfpURL(a netip.AddrPort) string { return fmt.Sprintf("rtmfp://%s", a) }
