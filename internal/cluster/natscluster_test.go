package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// natsCluster is a cluster of NATS servers on loopback, as an operator would run one.
type natsCluster struct {
	t       testing.TB
	servers []*server.Server
	options []server.Options
}

func newNATSCluster(t testing.TB, n int) *natsCluster {
	t.Helper()
	var routes []*url.URL
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		ports = append(ports, port)
		routes = append(routes, &url.URL{Scheme: "nats", Host: fmt.Sprintf("127.0.0.1:%d", port)})
		_ = l.Close()
	}
	c := &natsCluster{t: t, servers: make([]*server.Server, n)}
	t.Cleanup(func() {
		for i := range c.servers {
			c.stop(i)
		}
	})
	for i := range n {
		o := server.Options{
			ServerName: fmt.Sprintf("nats-%d", i), Host: "127.0.0.1", Port: server.RANDOM_PORT,
			JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true,
		}
		if n > 1 {
			o.Cluster, o.Routes = server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: ports[i]}, routes
		}
		c.options = append(c.options, o)
		c.start(i)
	}
	for i, s := range c.servers {
		if !s.ReadyForConnections(20 * time.Second) {
			t.Fatalf("server %d does not start", i)
		}
		c.options[i].Port = s.Addr().(*net.TCPAddr).Port // where it is found again
	}
	return c
}

func (c *natsCluster) start(i int) {
	c.t.Helper()
	o := c.options[i]
	s, err := server.NewServer(&o)
	if err != nil {
		c.t.Fatal(err)
	}
	s.Start()
	c.servers[i] = s
}

// stop ends a server without a word to anybody, as far as that is possible inside one process.
func (c *natsCluster) stop(i int) {
	if s := c.servers[i]; s != nil {
		s.Shutdown()
		s.WaitForShutdown()
		c.servers[i] = nil
	}
}

func (c *natsCluster) url() string {
	var all []string
	for i := range c.options {
		all = append(all, fmt.Sprintf("nats://127.0.0.1:%d", c.options[i].Port))
	}
	return strings.Join(all, ",")
}

func (c *natsCluster) open() *Cluster {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 30*time.Second)
	defer cancel()
	opened, err := Open(ctx, Config{URL: c.url()})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = opened.Close() })
	return opened
}

// leader is the server that leads a bucket.
func (c *natsCluster) leader(b *Bucket) int {
	c.t.Helper()
	for range 100 {
		info, err := b.handle.Info(c.t.Context())
		if err == nil && info.Cluster != nil {
			for i, o := range c.options {
				if o.ServerName == info.Cluster.Leader {
					return i
				}
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	c.t.Fatal("no leader")
	return 0
}

// tally is a counter in a bucket that many add to: what is lost or counted twice shows.
func tally(ctx context.Context, b *Bucket, key string) error {
	for {
		e, err := b.Get(ctx, key)
		if errors.Is(err, ErrNotFound) {
			if _, err = b.Create(ctx, key, []byte("1"), 0); !errors.Is(err, ErrExists) {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		var n int
		if _, err := fmt.Sscan(string(e.Value), &n); err != nil {
			return err
		}
		if _, err = b.Update(ctx, key, fmt.Append(nil, n+1), e.Revision, time.Hour); !errors.Is(err, ErrConflict) {
			return err
		}
	}
}

// Whichever server of three is lost, what was written is there, writes are decided, and watches go on.
func TestAServerOfThreeIsLost(t *testing.T) {
	t.Parallel() // it waits more than it works
	servers := newNATSCluster(t, 3)
	instances := []*Cluster{servers.open(), servers.open(), servers.open()}
	var buckets []*Bucket
	for _, c := range instances {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		b, err := c.Bucket(ctx, BucketConfig{Name: "names"})
		if err != nil {
			t.Fatal(err)
		}
		buckets = append(buckets, b)
	}
	if info, err := buckets[0].handle.Info(t.Context()); err != nil || info.Config.Replicas != wantReplicas {
		t.Fatalf("%v replicas, %v", info.Config.Replicas, err)
	}
	old := &Bucket{c: instances[0], stream: "KV_sundog_old", prefix: "$KV.sundog_old."} // from when there was one server
	if _, err := instances[0].js.CreateStream(t.Context(), old.streamConfig(1)); err != nil {
		t.Fatal(err)
	}
	if grown := bucket(t, instances[1], BucketConfig{Name: "old"}); grown.handle.CachedInfo().Config.Replicas != wantReplicas {
		t.Errorf("a bucket of one server still has %d replicas", grown.handle.CachedInfo().Config.Replicas)
	}
	if _, err := buckets[0].Create(t.Context(), "alice", []byte("1"), 0); err != nil {
		t.Fatal(err)
	}
	if e, err := buckets[1].Get(t.Context(), "alice"); err != nil || string(e.Value) != "1" {
		t.Fatalf("at another instance: %+v, %v", e, err)
	}
	var watches []<-chan Entry
	for _, b := range buckets {
		changes, err := b.Watch(t.Context(), "bob")
		if err != nil {
			t.Fatal(err)
		}
		if e := <-changes; e.Kind != KindCurrent {
			t.Fatalf("%+v", e)
		}
		watches = append(watches, changes)
	}

	lost := servers.leader(buckets[0])
	var counted atomic.Int32
	counting, stop := context.WithCancel(t.Context())
	var counters sync.WaitGroup
	for _, b := range buckets { // all add up, before, during and after
		counters.Go(func() {
			for counting.Err() == nil {
				if err := tally(context.WithoutCancel(counting), b, "count"); err != nil {
					t.Errorf("counting: %v", err)
					return
				}
				counted.Add(1)
			}
		})
	}
	servers.stop(lost)
	start := time.Now()
	if _, err := buckets[0].Create(t.Context(), "bob", []byte("1"), 0); err != nil {
		t.Fatalf("a new name: %v", err)
	}
	t.Logf("a name was written %v after the leader was lost", time.Since(start).Round(time.Millisecond))
	for i, changes := range watches {
		for e := range changes {
			if e.Key == "bob" && string(e.Value) == "1" {
				t.Logf("watch %d knew after %v", i, time.Since(start).Round(time.Millisecond))
				break
			}
		}
	}
	stop()
	counters.Wait()
	if e, err := buckets[2].Get(t.Context(), "alice"); err != nil || string(e.Value) != "1" {
		t.Errorf("what was written before: %+v, %v", e, err)
	}
	if e, err := buckets[1].Get(t.Context(), "count"); err != nil || string(e.Value) != fmt.Sprint(counted.Load()) {
		t.Errorf("%d were counted, but it says %s, %v", counted.Load(), e.Value, err)
	}
	t.Logf("%d were counted, %+v", counted.Load(), instances[0].Stats())
}

// A cluster of one keeps a bucket on one server, and when that is away calls fail as ErrUnavailable, in time, and go on once it is
// there again: the watch too, though the consumer is gone.
func TestAServerIsAwayForAWhile(t *testing.T) {
	t.Parallel() // it waits more than it works
	servers := newNATSCluster(t, 1)
	c := servers.open()
	b := bucket(t, c, BucketConfig{})
	if _, err := b.Create(t.Context(), "alice", []byte("1"), 0); err != nil {
		t.Fatal(err)
	}
	changes, err := b.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for e := <-changes; e.Kind != KindCurrent; e = <-changes {
	}
	servers.stop(0)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := b.Get(ctx, "alice"); !errors.Is(err, ErrUnavailable) {
		t.Errorf("reading: %v", err)
	}
	if _, err := b.Put(ctx, "alice", []byte("x"), 0); !errors.Is(err, ErrUnavailable) {
		t.Errorf("writing: %v", err)
	}
	if err := c.Publish("room", nil); !errors.Is(err, ErrUnavailable) {
		t.Errorf("sending: %v", err)
	}
	if err := c.Healthy(); !errors.Is(err, ErrUnavailable) {
		t.Errorf("health: %v", err)
	}
	servers.start(0)
	if _, err := b.Put(t.Context(), "alice", []byte("2"), 0); err != nil {
		t.Fatal(err)
	}
	for e := range changes {
		if e.Kind == KindRestart {
			t.Error("the watch started over, though it could have gone on")
		}
		if string(e.Value) == "2" {
			break
		}
	}
	if s := c.Stats(); s.Disconnects == 0 || s.Retries == 0 {
		t.Errorf("%+v", s)
	}
}

// A volatile bucket of one server is empty after its restart; who watches it is told that all has gone.
func TestAWatchOfABucketThatWasLostStartsOver(t *testing.T) {
	t.Parallel() // it waits more than it works
	servers := newNATSCluster(t, 1)
	b := bucket(t, servers.open(), BucketConfig{Volatile: true})
	if _, err := b.Create(t.Context(), "alice", []byte("1"), 0); err != nil {
		t.Fatal(err)
	}
	changes, err := b.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	<-changes // alice
	<-changes // that is all
	servers.stop(0)
	servers.start(0)
	for i, want := range []Kind{KindRestart, KindCurrent} {
		if e := <-changes; e.Kind != want {
			t.Errorf("%d: %+v, want %v", i, e, want)
		}
	}
	if _, err := b.Create(t.Context(), "bob", []byte("1"), 0); err != nil {
		t.Fatal(err)
	}
	if e := <-changes; e.Key != "bob" {
		t.Errorf("%+v", e)
	}
}

func TestNATSThatDoesNotAdmitUs(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(*server.Options)
		url  string
		want error
	}{
		{"a wrong password", func(o *server.Options) { o.Username, o.Password = "sundog", "right" }, "nats://sundog:wrong@%s", ErrNotAllowed},
		{"no password", func(o *server.Options) { o.Username, o.Password = "sundog", "right" }, "nats://%s", ErrNotAllowed},
		{"no JetStream", func(o *server.Options) { o.JetStream = false }, "nats://%s", ErrNoJetStream},
		{"the right password", func(o *server.Options) { o.Username, o.Password = "sundog", "right" }, "nats://sundog:right@%s", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true}
			c.set(&o)
			servers := &natsCluster{t: t, servers: make([]*server.Server, 1), options: []server.Options{o}}
			servers.start(0)
			defer servers.stop(0)
			if !servers.servers[0].ReadyForConnections(10 * time.Second) {
				t.Fatal("the server does not start")
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			opened, err := Open(ctx, Config{URL: fmt.Sprintf(c.url, servers.servers[0].Addr())})
			if opened != nil {
				_ = opened.Close()
			}
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if err != nil && (strings.Contains(err.Error(), "wrong") || !strings.Contains(err.Error(), "127.0.0.1")) {
				t.Errorf("what the user reads: %v", err)
			}
		})
	}
}
