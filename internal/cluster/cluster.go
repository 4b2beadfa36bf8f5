package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Config says where the shared state is: in Dir or at URL.
type Config struct {
	// Dir is the data folder of the server inside; it is made if need be. One process at a time can use it.
	Dir string
	// URL holds the addresses of an existing NATS cluster's servers, with commas between them (nats://, tls://; user and
	// password may be part of each). Dir is not used then.
	URL string
	// Credentials is a file with a NATS user's credentials (JWT and key); empty: what the environment variable NATS_CREDS names, if
	// anything. NATS_CA names a file with the certificates of authorities to trust beside the system's.
	Credentials string
	// Name sets services apart that use one NATS cluster: letters, digits, - and _. Empty: "sundog".
	Name string
	// Log receives what an operator may want to know; nil discards it.
	Log *slog.Logger
}

// Cluster is a connection to the shared state. It owns the server inside, if there is one, the connection's goroutines and
// those of watches; Close ends them all and waits.
type Cluster struct {
	name   string
	log    *slog.Logger
	server *embedded // nil: outside
	conn   *nats.Conn
	js     jetstream.JetStream
	closed chan struct{} // closed when the connection is
	ctx    context.Context
	cancel context.CancelFunc

	counters counters
	once     sync.Once // for close

	mu      sync.Mutex
	ending  bool
	watches sync.WaitGroup // Add only under mu, and not when ending

	subscriptions map[*Subscription]struct{} // open
}

var validName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Open starts the server inside, or connects. ErrUnavailable if no server of the cluster can be reached now (later
// losses are made up for: the connection is sought again for ever), ErrNotAllowed, ErrNoJetStream, ErrInUse.
func Open(ctx context.Context, cfg Config) (*Cluster, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Name == "" {
		cfg.Name = "sundog"
	}
	if !validName.MatchString(cfg.Name) {
		return nil, fmt.Errorf("cluster: the name %q: only letters, digits, - and _ may be in it", cfg.Name)
	}
	c := &Cluster{name: cfg.Name, log: cfg.Log, closed: make(chan struct{}), subscriptions: make(map[*Subscription]struct{})}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	if err := checkAddresses(cfg.URL); err != nil {
		return nil, err
	}
	target := cfg.URL
	options := c.options(cfg)
	if cfg.URL == "" {
		if cfg.Dir == "" {
			return nil, errors.New("cluster: neither a data folder nor the address of a NATS cluster was given")
		}
		var err error
		if c.server, err = startEmbedded(cfg.Dir, cfg.Name, cfg.Log); err != nil {
			return nil, err
		}
		options = append(options, c.server.option())
	}
	err := c.connect(ctx, target, options)
	if err == nil {
		if err = c.probe(ctx); err == nil {
			return c, nil
		}
	}
	_ = c.Close()
	if cfg.URL != "" {
		return nil, fmt.Errorf("%w (NATS at %s)", err, withoutSecrets(cfg.URL))
	}
	return nil, err
}

func (c *Cluster) options(cfg Config) []nats.Option {
	options := []nats.Option{
		nats.Name(cfg.Name),
		nats.Timeout(connectTimeout),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(reconnectWait),
		nats.ReconnectJitter(reconnectJitter, reconnectJitter),
		nats.ReconnectBufSize(reconnectBuffer),
		nats.PingInterval(pingInterval),
		nats.MaxPingsOutstanding(maxPings),
		nats.IgnoreAuthErrorAbort(), // an operator who mends the permissions need not restart us
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				c.counters.disconnects.Add(1)
				c.log.Warn("the connection to NATS is lost; trying to get it back", "error", err)
			}
		}),
		nats.ReconnectHandler(func(n *nats.Conn) { c.log.Info("connected to NATS again", "server", n.ConnectedServerName()) }),
		nats.ClosedHandler(func(*nats.Conn) { close(c.closed) }),
		nats.ErrorHandler(func(_ *nats.Conn, s *nats.Subscription, err error) {
			if s != nil && errors.Is(err, nats.ErrSlowConsumer) {
				c.log.Warn("messages are dropped, since they come faster than they are handled", "subject", s.Subject)
				return
			}
			c.log.Warn("NATS reports an error", "error", err)
		}),
	}
	credentials := cfg.Credentials
	if credentials == "" {
		credentials = os.Getenv("NATS_CREDS")
	}
	if credentials != "" && cfg.URL != "" {
		options = append(options, nats.UserCredentials(credentials))
	}
	if authorities := os.Getenv("NATS_CA"); authorities != "" && cfg.URL != "" {
		options = append(options, nats.RootCAs(authorities))
	}
	return options
}

// connect makes the first connection. nats.go takes no context there, but ends by itself soon.
func (c *Cluster) connect(ctx context.Context, target string, options []nats.Option) error {
	for first := true; ; first = false {
		conn, err := nats.Connect(target, options...)
		if err == nil {
			c.conn = conn
			break
		}
		if err := translate("connecting", err); errors.Is(err, ErrNotAllowed) {
			return err
		}
		// The servers of a cluster may be starting at this moment.
		if _, bounded := ctx.Deadline(); !bounded || !pause(ctx, retryDelay) {
			return fmt.Errorf("%w: no server can be reached: %w", ErrUnavailable, err)
		}
		if first {
			c.log.Warn("no NATS server can be reached yet; trying again", "servers", withoutSecrets(target), "error", err)
		}
	}
	js, err := jetstream.New(c.conn)
	c.js = js
	return err
}

// probe finds out whether there is a JetStream for us.
func (c *Cluster) probe(ctx context.Context) error {
	return c.retry(ctx, "asking for JetStream", func(ctx context.Context) error {
		_, err := c.js.AccountInfo(ctx)
		return err
	})
}

// Close ends watches and subscriptions and waits for them, and for the server inside. Further calls do nothing.
func (c *Cluster) Close() error {
	c.once.Do(c.close)
	return nil
}

func (c *Cluster) close() {
	c.mu.Lock()
	c.ending = true
	c.mu.Unlock()
	c.cancel()
	c.watches.Wait()
	if c.conn != nil {
		c.conn.Close()
		<-c.closed
	}
	if c.server != nil {
		c.server.close()
	}
}

// Healthy reports whether there is a connection, as ErrUnavailable if not.
func (c *Cluster) Healthy() error {
	if c.conn.IsConnected() {
		return nil
	}
	return fmt.Errorf("%w: no connection to NATS", ErrUnavailable)
}

// Embedded reports whether the server is inside, so that nobody else shares the state.
func (c *Cluster) Embedded() bool { return c.server != nil }

// retry calls f until it succeeds, fails for good, or ctx ends. Each call gets a part of the time.
func (c *Cluster) retry(ctx context.Context, doing string, f func(context.Context) error) error {
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, callTimeout)
		defer cancel()
	}
	for {
		if c.ctx.Err() != nil {
			return fmt.Errorf("%w: %s", ErrClosed, doing)
		}
		attempt, cancel := context.WithTimeout(ctx, attemptTimeout)
		err := f(attempt)
		cancel()
		if err == nil {
			return nil
		}
		if !transient(err) {
			return translate(doing, err)
		}
		c.counters.retries.Add(1)
		if !pause(ctx, retryDelay) {
			if errors.Is(ctx.Err(), context.Canceled) {
				err = ctx.Err()
			}
			return translate(doing, err)
		}
	}
}

// pause reports whether ctx lasted that long.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
