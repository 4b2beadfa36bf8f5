package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"sundog.dev/sundog/idmanager/http/directory"
	"sundog.dev/sundog/internal/cluster"
	"sundog.dev/sundog/internal/eventfile"
	"sundog.dev/sundog/internal/version"
	"sundog.dev/sundog/rtmfp/rendezvous"
	"sundog.dev/sundog/rtmfp/turn"
)

// startTimeout is how long a NATS cluster may take to answer at the start: as long as it needs to find a leader.
const startTimeout = 30 * time.Second

// stateFolder is the name of the folder with the shared state in the data folder.
const stateFolder = "state"

// daemon is the service with its parts.
type daemon struct {
	opt     options
	log     *slog.Logger
	closers []func() error // of parts, to be called from the last to the first

	keys        *keyring
	certificate *certificate // nil: HTTP
	udp         *net.UDPConn
	tcp         net.Listener
	cluster     *cluster.Cluster
	instances   *instances
	self        instanceRecord
	relay       *turn.Server // nil: none
	relaySecret []byte
	directory   *directory.Server
	service     *rendezvous.Service
	web         *webServer
	health      *health
}

// serve runs the service until ctx ends, or one of its parts breaks. Logs are JSON, one object a line.
func serve(ctx context.Context, hup <-chan os.Signal, opt options, stderr io.Writer) (err error) {
	d := &daemon{opt: opt, log: slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: opt.level}))}
	defer func() { err = errors.Join(err, d.close()) }()
	if err := d.start(ctx, hup); err != nil {
		if ctx.Err() != nil {
			return nil // stopped while it waited for something
		}
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

// start brings up all parts, each on top of those before it.
func (d *daemon) start(ctx context.Context, hup <-chan os.Signal) (err error) {
	started := time.Now()
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if d.keys, err = openKeys(d.opt.keys); err != nil {
		return err
	}
	if d.certificate, err = openCertificate(d.opt.tlsCert, d.opt.tlsKey); err != nil {
		return err
	}
	if err := d.listen(); err != nil {
		return err
	}
	dir, err := d.openCluster(ctx)
	if err != nil {
		return err
	}
	d.self = d.describe()
	for _, part := range []func(context.Context) error{d.startRelay, d.startDirectory, d.startRTMFP} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	d.startWeb(started)
	d.instances.announce(d.self)
	d.followFiles(hup)
	d.log.Info("ready", "rtmfp", d.service.LocalAddr().String(), "http", d.tcp.Addr().String(), "turn", d.self.Relay, "data", dir,
		"instance", d.instances.self.ID, "rtmfp_public", d.self.RTMFP, "http_public", d.self.HTTP,
		"keys", d.keys.wanted(), "tls", d.certificate != nil, "version", version.String())
	return nil
}

// listen takes the addresses, before anything is written anywhere.
func (d *daemon) listen() (err error) {
	if d.udp, err = listenUDP(d.opt.rtmfp); err != nil {
		return err
	}
	// The parts that own them from later on close them, too.
	d.onClose(func() error { _ = d.udp.Close(); return nil })
	if d.tcp, err = listenTCP(d.opt.http); err != nil {
		return err
	}
	d.onClose(func() error { _ = d.tcp.Close(); return nil })
	return nil
}

// openCluster opens the shared state and returns its folder, if it is here.
func (d *daemon) openCluster(ctx context.Context) (dir string, err error) {
	if d.opt.nats == "" {
		var remove func() error
		if dir, remove, err = dataFolder(d.opt.data); err != nil {
			return "", err
		}
		d.onClose(remove)
	}
	if d.cluster, err = cluster.Open(ctx, cluster.Config{Dir: filepath.Join(dir, stateFolder), URL: d.opt.nats, Log: d.log}); err != nil {
		return "", err
	}
	d.onClose(d.cluster.Close)
	d.health = &health{trouble: func() string {
		if err := d.cluster.Healthy(); err != nil {
			return err.Error()
		}
		return ""
	}}
	if d.instances, err = joinInstances(ctx, d.cluster, d.log); err != nil {
		return "", err
	}
	d.onClose(d.instances.close)
	return dir, nil
}

// describe is what this instance tells of itself.
func (d *daemon) describe() (self instanceRecord) {
	rtmfp := publicAddress(d.opt.advertise, d.udp.LocalAddr().(*net.UDPAddr).AddrPort())
	self.Addresses = []netip.AddrPort{rtmfp}
	self.RTMFP = []string{rtmfpURL(rtmfp)}
	if self.HTTP = d.opt.advertiseURL; self.HTTP == "" {
		web := publicAddress(netip.AddrPortFrom(d.opt.advertise.Addr(), 0), d.tcp.Addr().(*net.TCPAddr).AddrPort())
		scheme := "http://"
		if d.certificate != nil {
			scheme = "https://"
		}
		self.HTTP = scheme + web.String()
	}
	return self
}

// publicAddress is where others reach what listens here: as the operator says, or else on the address that this host has.
func publicAddress(advertised, listening netip.AddrPort) netip.AddrPort {
	addr, port := advertised.Addr(), advertised.Port()
	if port == 0 {
		port = listening.Port()
	}
	if !addr.IsValid() {
		if addr = listening.Addr().Unmap(); addr.IsUnspecified() {
			if out := outboundAddress(); out.IsValid() {
				addr = out
			} else {
				addr = netip.AddrFrom4([4]byte{127, 0, 0, 1})
			}
		}
	}
	return netip.AddrPortFrom(addr, port)
}

// startDirectory brings up the directory.
func (d *daemon) startDirectory(ctx context.Context) (err error) {
	cfg := directory.Config{
		Cluster: d.cluster, Log: d.log, Software: "sundogd " + version.String(),
		Rendezvous: d.instances.forClients, Instances: d.instances.forDirectory,
	}
	if d.relay != nil {
		cfg.Relay = d.relayFor
	}
	if d.directory, err = directory.NewServer(ctx, cfg); err != nil {
		return err
	}
	d.onClose(d.directory.Close)
	return nil
}

// startRTMFP brings up the introduction service.
func (d *daemon) startRTMFP(context.Context) error {
	old, err := oldClients()
	if err != nil {
		return err
	}
	events, err := eventfile.Open()
	if err != nil {
		return err
	}
	d.onClose(events.Close)
	check, err := openCheck()
	if err != nil {
		return err
	}
	d.service, err = rendezvous.New(d.udp, rendezvous.Config{
		Advertise: d.opt.advertise.Addr(), OldClients: old, Check: check, Key: d.keys.admit,
		Instances: d.instances.forClients, OnLeave: d.directory.PeerGone, Cluster: d.cluster.Instances(),
		Events: events.Writer(), Log: d.log,
	})
	if err != nil {
		closeCheck(check)
		return err
	}
	d.onClose(d.service.Close)
	return nil
}

// startWeb serves HTTP.
func (d *daemon) startWeb(started time.Time) {
	registry := newRegistry(started, rtmfpMetrics(d.service), directoryMetrics(d.directory), clusterMetrics(d.cluster, d.instances))
	if d.relay != nil {
		registry.MustRegister(relayMetrics(d.relay))
	}
	trusted := proxies(d.opt.proxies)
	d.web = startWeb(d.tcp, newHandler(d.directory, d.health, registry, trusted), d.certificate, trusted, d.log)
	d.onClose(d.web.server.Close)
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
