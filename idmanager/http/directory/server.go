package directory

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	nethttp "net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sundog.dev/sundog/idmanager/http/v1"
	"sundog.dev/sundog/internal/cluster"
	"sundog.dev/sundog/internal/source"
)

// Config is what a server needs. Only Cluster is required.
type Config struct {
	// Cluster holds the state. It must outlive the server.
	Cluster *cluster.Cluster
	// Log receives what an operator may want to know; nil discards it.
	Log *slog.Logger
	// Now is the clock; nil: time.Now.
	Now func() time.Time

	// Name of the directory, for people; empty: the host that a request asks for. Software: name and version.
	Name, Software string
	// Rendezvous tells the addresses (rtmfp://host[:port]) of the introduction service that belongs to the directory; nil: none.
	Rendezvous func() []string
	// Instances tells those that run now, this one among them; nil: none.
	Instances func() []v1.Instance
	// Relay makes credentials for somebody with that key; nil: there is no relay. It need not fill in Relay.Time.
	Relay func(ctx context.Context, identity ed25519.PublicKey) (v1.Relay, error)

	// Refresh is how often registrations are written anew; they expire after 2.5 times that. 0: 2 min.
	Refresh time.Duration
	// Limits of what one client can ask for. Clients are told apart by Request.RemoteAddr.
	Limits Limits
}

// Limits of what one client can ask for; zero values are the defaults. Requests are limited by token buckets that start full, with
// the burst, and fill by the rate (per second).
type Limits struct {
	SourceRate, SourceBurst float64 // requests of one source (an IPv4 address, an IPv6 /64): 20, 600
	KeyRate, KeyBurst       float64 // signed requests of one identity key: 1, 30
	ClaimRate, ClaimBurst   float64 // names taken by one source: 0.1, 600
	NamesPerKey             int     // names that one key may own: 16
	Names                   int     // in all: 500,000, and 5,000,000 in an existing NATS cluster
	Streams                 int     // of this instance: 100,000
	SourceStreams           int     // of one source: 512
}

func (l *Limits) setDefaults() {
	for _, d := range []struct {
		field *float64
		value float64
	}{
		{&l.SourceRate, sourceRate},
		{&l.SourceBurst, sourceBurst},
		{&l.KeyRate, keyRate},
		{&l.KeyBurst, keyBurst},
		{&l.ClaimRate, claimRate},
		{&l.ClaimBurst, claimBurst},
	} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	if l.NamesPerKey <= 0 {
		l.NamesPerKey = maxNamesPerKey
	}
	if l.Streams <= 0 {
		l.Streams = maxStreams
	}
	if l.SourceStreams <= 0 {
		l.SourceStreams = maxSourceStreams
	}
}

// Server is the directory's handler. It owns the goroutines of its watches of the buckets; Close ends them.
type Server struct {
	cfg    Config
	mux    *nethttp.ServeMux
	expiry time.Duration
	skew   time.Duration // clockTolerance, or less where registrations expire sooner

	names, owners, presence, peers, old *cluster.Bucket
	epoch                               time.Time // when the presence bucket was made

	sources, keys, claims *source.Limiter
	streams               streamCount
	hub                   *hub
	gone                  chan gonePeer // peers whose session has ended
	counters              counters

	ctx      context.Context
	cancel   context.CancelFunc
	drain    chan struct{} // closed by Drain
	draining atomic.Bool

	mu      sync.Mutex
	closing bool
	running sync.WaitGroup // Add only under mu, and not when closing
}

// NewServer opens the buckets and makes the handler of /v1, /reg.cgi and /crossdomain.xml.
func NewServer(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.Cluster == nil {
		return nil, errors.New("directory: there is no cluster to keep names in")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Rendezvous == nil {
		cfg.Rendezvous = func() []string { return nil }
	}
	if cfg.Instances == nil {
		cfg.Instances = func() []v1.Instance { return nil }
	}
	if cfg.Refresh <= 0 {
		cfg.Refresh = refreshInterval
	}
	cfg.Limits.setDefaults()
	s := &Server{
		cfg: cfg, mux: nethttp.NewServeMux(),
		expiry:  time.Duration(float64(cfg.Refresh) * expiryFactor),
		sources: source.NewLimiter(cfg.Limits.SourceRate, cfg.Limits.SourceBurst),
		keys:    source.NewLimiter(cfg.Limits.KeyRate, cfg.Limits.KeyBurst),
		claims:  source.NewLimiter(cfg.Limits.ClaimRate, cfg.Limits.ClaimBurst),
		gone:    make(chan gonePeer, goneQueue),
		drain:   make(chan struct{}),
	}
	s.skew = min(clockTolerance, s.expiry*2/5)
	s.streams = streamCount{limit: cfg.Limits.Streams, perSource: cfg.Limits.SourceStreams, bySource: make(map[netip.Prefix]int)}
	if err := s.open(ctx); err != nil {
		return nil, err
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.hub = newHub()
	if err := s.follow(); err != nil {
		_ = s.Close()
		return nil, err
	}
	for range goneWorkers {
		s.start(s.endPeers)
	}
	s.route()
	return s, nil
}

// open opens the buckets. The one of presence needs no limit: only who owns a name can be present.
func (s *Server) open(ctx context.Context) error {
	names := int64(s.cfg.Limits.Names)
	if names <= 0 {
		if names = maxNamesInside; !s.cfg.Cluster.Embedded() {
			names = maxNamesOutside
		}
	}
	for _, b := range []struct {
		bucket **cluster.Bucket
		cfg    cluster.BucketConfig
	}{
		{&s.names, cluster.BucketConfig{Name: "names", MaxKeys: names}},
		{&s.owners, cluster.BucketConfig{Name: "owners", MaxKeys: names}},
		{&s.presence, cluster.BucketConfig{Name: "presence", Volatile: true}},
		{&s.peers, cluster.BucketConfig{Name: "peers", Volatile: true, MaxKeys: names}},
		{&s.old, cluster.BucketConfig{Name: "old", MaxKeys: names}},
	} {
		var err error
		if *b.bucket, err = s.cfg.Cluster.Bucket(ctx, b.cfg); err != nil {
			return err
		}
	}
	return s.readEpoch(ctx)
}

// route names every path.
func (s *Server) route() {
	s.mux.HandleFunc("GET /v1", s.api(s.describe))
	s.mux.HandleFunc("GET /v1/openapi.json", s.api(s.serveOpenAPI))
	s.mux.HandleFunc("GET /v1/names", s.api(s.lookUpNames))
	s.mux.HandleFunc("POST /v1/register", s.api(s.register))
	s.mux.HandleFunc("POST /v1/refresh", s.api(s.refresh))
	s.mux.HandleFunc("POST /v1/unregister", s.api(s.unregister))
	s.mux.HandleFunc("GET /v1/watch", s.api(s.watchQuery))
	s.mux.HandleFunc("POST /v1/watch", s.api(s.watchBody))
	s.mux.HandleFunc("POST /v1/relay", s.api(s.relay))
	for path, methods := range map[string]string{
		"/v1": "GET", "/v1/openapi.json": "GET", "/v1/names": "GET", "/v1/register": "POST", "/v1/refresh": "POST",
		"/v1/unregister": "POST", "/v1/watch": "GET, POST", "/v1/relay": "POST",
	} {
		s.mux.HandleFunc(path, s.api(func(w nethttp.ResponseWriter, _ *nethttp.Request) error {
			w.Header().Set("Allow", methods)
			return refuse(nethttp.StatusMethodNotAllowed, v1.CodeMethodNotAllowed, "This path takes "+strings.ReplaceAll(methods, ",", " and")+".")
		}))
	}
	s.mux.HandleFunc("/v1/", s.api(func(nethttp.ResponseWriter, *nethttp.Request) error {
		return refuse(nethttp.StatusNotFound, v1.CodeNotFound, "There is nothing at this path; /v1/openapi.json lists what there is.")
	}))
	s.mux.HandleFunc("GET /reg.cgi", s.serveOld)
	s.mux.HandleFunc("GET /crossdomain.xml", serveCrossDomain)
}

// ServeHTTP implements net/http.Handler.
func (s *Server) ServeHTTP(w nethttp.ResponseWriter, r *nethttp.Request) { s.mux.ServeHTTP(w, r) }

// Drain ends all streams, telling their clients to come back to another instance, and refuses new ones; requests are still answered. From
// now on PeerGone does nothing, since clients move and have not gone.
func (s *Server) Drain() {
	if s.draining.CompareAndSwap(false, true) {
		close(s.drain)
	}
}

// Close drains and ends what the server does by itself. Requests should have ended before.
func (s *Server) Close() error {
	s.Drain()
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.cancel()
	s.running.Wait()
	return nil
}

// start runs f in a goroutine that Close waits for.
func (s *Server) start(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.running.Go(f)
	}
}

// sourceOf is where a request comes from: what is in front of the handler may have put the client's address there, in place of a proxy's.
func sourceOf(r *nethttp.Request) netip.Addr {
	from, _ := netip.ParseAddrPort(r.RemoteAddr)
	return from.Addr().Unmap()
}

// streamCount counts open streams.
type streamCount struct {
	limit, perSource int

	mu       sync.Mutex
	all      int
	bySource map[netip.Prefix]int
}

// enter counts a stream in, if there may be one more.
func (c *streamCount) enter(from netip.Prefix) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all >= c.limit || c.bySource[from] >= c.perSource && !from.Addr().IsLoopback() {
		return false
	}
	c.all++
	c.bySource[from]++
	return true
}

func (c *streamCount) leave(from netip.Prefix) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all--
	if c.bySource[from]--; c.bySource[from] == 0 {
		delete(c.bySource, from)
	}
}

func (c *streamCount) open() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all
}

// instances are those that clients may go to, as an empty list rather than none.
func (s *Server) instances() []v1.Instance {
	return append([]v1.Instance{}, s.cfg.Instances()...)
}
