package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"sundog.dev/sundog/idmanager/http/directory"
	"sundog.dev/sundog/internal/cluster"
	"sundog.dev/sundog/internal/eventfile"
	"sundog.dev/sundog/internal/version"
	"sundog.dev/sundog/rtmfp/rendezvous"
)

const (
	// drainTimeout is how long requests under way may take at the end.
	drainTimeout = 3 * time.Second

	// stateFolder is the name of the folder with the shared state in the data folder.
	stateFolder = "state"
)

// daemon is the service with its parts.
type daemon struct {
	opt     options
	log     *slog.Logger
	closers []func() error // of parts, to be called from the last to the first

	keys        *keyring
	certificate *certificate // nil: HTTP
	service     *rendezvous.Service
	directory   *directory.Server
	web         *webServer
	health      *health
}

// serve runs the service until ctx ends, or one of its parts breaks. Logs are JSON, one object a line.
func serve(ctx context.Context, hup <-chan os.Signal, opt options, stderr io.Writer) (err error) {
	d := &daemon{
		opt: opt, log: slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: opt.level})),
		health: &health{trouble: func() string { return "" }},
	}
	defer func() { err = errors.Join(err, d.close()) }()
	if err := d.start(hup); err != nil {
		return err
	}
	notify("READY=1")
	select {
	case <-ctx.Done():
		d.drain()
	case err := <-d.web.broken:
		return fmt.Errorf("the directory broke: %w", err)
	}
	return nil
}

// onClose has f called by close.
func (d *daemon) onClose(f func() error) { d.closers = append(d.closers, f) }

// close ends the parts, the last one first, and waits for them.
func (d *daemon) close() error {
	var errs []error
	for i := len(d.closers) - 1; i >= 0; i-- {
		errs = append(errs, d.closers[i]())
	}
	return errors.Join(errs...)
}

// start brings up all parts.
func (d *daemon) start(hup <-chan os.Signal) (err error) {
	started := time.Now()
	if d.keys, err = openKeys(d.opt.keys); err != nil {
		return err
	}
	if d.certificate, err = openCertificate(d.opt.tlsCert, d.opt.tlsKey); err != nil {
		return err
	}
	dir, remove, err := dataFolder(d.opt.data)
	if err != nil {
		return err
	}
	d.onClose(remove)
	shared, err := cluster.Open(context.Background(), cluster.Config{Dir: filepath.Join(dir, stateFolder), Log: d.log})
	if err != nil {
		return err
	}
	d.onClose(shared.Close)
	if err := d.startRTMFP(); err != nil {
		return err
	}
	if d.directory, err = directory.NewServer(context.Background(), directory.Config{Cluster: shared, Log: d.log}); err != nil {
		return err
	}
	d.onClose(d.directory.Close)
	tcp, err := listenTCP(d.opt.http)
	if err != nil {
		return err
	}
	registry := newRegistry(started, rtmfpMetrics(d.service))
	trusted := proxies(d.opt.proxies)
	d.web = startWeb(tcp, newHandler(d.directory, d.health, registry, trusted), d.certificate, trusted, d.log)
	d.onClose(d.web.server.Close)
	d.followFiles(hup)
	d.log.Info("ready", "rtmfp", d.service.LocalAddr().String(), "http", tcp.Addr().String(), "data", dir,
		"keys", d.keys.wanted(), "tls", d.certificate != nil, "version", version.String())
	return nil
}

// startRTMFP brings up the introduction service.
func (d *daemon) startRTMFP() error {
	old, err := oldClients()
	if err != nil {
		return err
	}
	events, err := eventfile.Open()
	if err != nil {
		return err
	}
	d.onClose(events.Close)
	udp, err := listenUDP(d.opt.rtmfp)
	if err != nil {
		return err
	}
	check, err := openCheck()
	if err != nil {
		_ = udp.Close()
		return err
	}
	d.service, err = rendezvous.New(udp, rendezvous.Config{
		Advertise: d.opt.advertise.Addr(), OldClients: old, Check: check, Events: events.Writer(), Log: d.log,
	})
	if err != nil {
		_ = udp.Close()
		closeCheck(check)
		return err
	}
	d.onClose(d.service.Close)
	return nil
}

// followFiles follows the files of keys and certificates.
func (d *daemon) followFiles(hup <-chan os.Signal) {
	all := []reloadable{d.keys}
	if d.certificate != nil {
		all = append(all, d.certificate)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var following sync.WaitGroup
	following.Go(func() { followFiles(ctx, hup, reloadInterval, d.log, all...) })
	d.onClose(func() error {
		cancel()
		following.Wait()
		return nil
	})
}

// drain says goodbye, in bounded time.
func (d *daemon) drain() {
	notify("STOPPING=1")
	d.log.Info("stopping")
	d.health.drain()
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	d.directory.Drain()
	d.web.shutdown(ctx)
}
