package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

const (
	// Bounds of HTTP connections: requests and replies are small, and slow ones are hostile or broken. Streams of events set
	// deadlines of their own.
	headerTimeout = 5 * time.Second
	httpTimeout   = 10 * time.Second
	idleTimeout   = time.Minute
	maxHeader     = 16 << 10

	// maxConnections bounds them: a phone keeps one open to watch its contacts, so that there are as many as RTMFP
	// sessions, and some for requests. Each takes some 40 KB with its goroutine and buffers.
	maxConnections = 24_000

	// spareDescriptors are left to everything that is no HTTP connection: data files, relayed addresses, NATS.
	spareDescriptors = 2048

	// maxSourceConnections bounds those of one source; a school or a carrier's NAT has many people behind one address.
	maxSourceConnections = 512
)

// connectionLimit is the number of connections that fit into the file descriptors that the process may have.
func connectionLimit(descriptors int) int {
	if fit := descriptors - spareDescriptors; fit < maxConnections {
		return max(fit, descriptors/2)
	}
	return maxConnections
}

// webServer serves HTTP on a listener. It owns the goroutine that accepts, and those of connections.
type webServer struct {
	server http.Server
	broken chan error // receives what ended it
}

// startWeb serves h on l, by HTTPS if there is a certificate.
func startWeb(l net.Listener, h http.Handler, c *certificate, trusted proxies, log *slog.Logger) *webServer {
	w := &webServer{
		server: http.Server{
			Handler:           h,
			ReadHeaderTimeout: headerTimeout,
			ReadTimeout:       httpTimeout,
			WriteTimeout:      httpTimeout,
			IdleTimeout:       idleTimeout,
			MaxHeaderBytes:    maxHeader,
			ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		},
		broken: make(chan error, 1),
	}
	limited := limitConnections(l, connectionLimit(descriptorLimit()), maxSourceConnections, trusted)
	go func() {
		if c == nil {
			w.broken <- w.server.Serve(limited)
			return
		}
		w.server.TLSConfig = c.config()
		w.broken <- w.server.ServeTLS(limited, "", "")
	}()
	return w
}

// shutdown lets requests under way come to their end, while ctx lasts.
func (w *webServer) shutdown(ctx context.Context) {
	if err := w.server.Shutdown(ctx); err != nil {
		_ = w.server.Close() // somebody is slow; the rest is told
	}
	if err := <-w.broken; !errors.Is(err, http.ErrServerClosed) {
		w.broken <- err
	}
}
