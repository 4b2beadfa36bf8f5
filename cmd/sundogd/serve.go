package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	directory "sundog.dev/sundog/idmanager/http"
	"sundog.dev/sundog/internal/eventfile"
	"sundog.dev/sundog/internal/version"
	"sundog.dev/sundog/rtmfp/rendezvous"
)

const (
	// udpBuffer is asked of the kernel for each direction: a burst of some
	// thousand packets is not lost while the service is busy with a key agreement.
	udpBuffer = 2 << 20

	// Bounds of HTTP connections: requests and replies are small, and slow ones are hostile or broken.
	headerTimeout = 5 * time.Second
	httpTimeout   = 10 * time.Second
	idleTimeout   = time.Minute
	maxHeader     = 16 << 10

	// maxConnections bounds them; file descriptors usually end at 1024.
	maxConnections = 512

	// maxSourceConnections bounds those of one source: a household, or an office behind one address, asks now and then.
	maxSourceConnections = 64

	// drainTimeout is how long requests under way may take at the end.
	drainTimeout = 3 * time.Second

	// storeFile is the name of the file of names in the data directory.
	storeFile = "names.jsonl"
)

// serve runs the service until ctx ends, or one of its parts breaks. Logs are JSON, one object a line.
func serve(ctx context.Context, opt options, stderr io.Writer) (err error) {
	log := slog.New(slog.NewJSONHandler(stderr, nil))

	store, closeStore, err := openStore(opt.data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore()) }()

	old, err := oldClients()
	if err != nil {
		return err
	}
	events, err := eventfile.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, events.Close()) }()

	udp, err := listenUDP(opt.rtmfp)
	if err != nil {
		return err
	}
	tcp, err := net.Listen("tcp", opt.http)
	if err != nil {
		_ = udp.Close()
		return cannotListen("TCP", opt.http, err)
	}
	check, err := openCheck()
	if err != nil {
		_, _ = tcp.Close(), udp.Close()
		return err
	}
	service, err := rendezvous.New(udp, rendezvous.Config{
		Advertise: opt.advertise, OldClients: old, Check: check, Events: events.Writer(), Log: log,
	})
	if err != nil {
		_, _ = tcp.Close(), udp.Close()
		closeCheck(check)
		return err
	}
	defer func() { err = errors.Join(err, service.Close()) }()

	server := &http.Server{
		Handler:           newHandler(store, service, time.Now()),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       httpTimeout,
		WriteTimeout:      httpTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	broken := make(chan error, 1)
	go func() { broken <- server.Serve(limitConnections(tcp, maxConnections, maxSourceConnections)) }()

	log.Info("ready", "rtmfp", service.LocalAddr().String(), "http", tcp.Addr().String(), "version", version.String())
	select {
	case <-ctx.Done():
		log.Info("stopping")
		drain, cancel := context.WithTimeout(context.Background(), drainTimeout)
		defer cancel()
		if err := server.Shutdown(drain); err != nil {
			_ = server.Close() // somebody is slow; the rest is told
		}
		if err := <-broken; !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("the directory broke: %w", err)
		}
		return nil
	case err := <-broken:
		return fmt.Errorf("the directory broke: %w", err)
	}
}

// openStore opens the store of names in dir, or one in memory.
func openStore(dir string) (directory.Store, func() error, error) {
	if dir == "" {
		return directory.NewMemoryStore(), func() error { return nil }, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("the data directory cannot be made: %w", err)
	}
	store, err := directory.OpenFileStore(filepath.Join(dir, storeFile))
	if err != nil {
		return nil, nil, err
	}
	return store, store.Close, nil
}

func listenUDP(address string) (*net.UDPConn, error) {
	addr, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return nil, cannotListen("UDP", address, err)
	}
	conn, err := net.ListenUDP("udp", addr)
	if err != nil {
		return nil, cannotListen("UDP", address, err)
	}
	// The kernel may grant less; then bursts are lost a little earlier.
	_ = conn.SetReadBuffer(udpBuffer)
	_ = conn.SetWriteBuffer(udpBuffer)
	return conn, nil
}

// cannotListen makes a sentence of the usual failures.
func cannotListen(network, address string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("the %s address %s is in use by another program", network, address)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("the %s address %s is not allowed to this user", network, address)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("the %s address %s is none of this host", network, address)
	}
	return fmt.Errorf("the %s address %s cannot be used: %w", network, address, err)
}
