package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// natsServer is one of a NATS cluster's servers on loopback.
type natsServer struct {
	*program
	path   string // of the program
	config string
	client string // host:port
}

// startNATS builds the NATS server from the module that sundogd uses, since distributions have older ones without the
// expiry of single keys, and starts three of them as a cluster.
func (b *bench) startNATS(ctx context.Context) ([]*natsServer, error) {
	path, err := b.build(ctx, "github.com/nats-io/nats-server/v2")
	if err != nil {
		return nil, err
	}
	addresses, err := freeTCP(6)
	if err != nil {
		return nil, err
	}
	var routes []string
	for _, a := range addresses[3:] {
		routes = append(routes, "nats://"+a)
	}
	var servers []*natsServer
	for i := range 3 {
		s := &natsServer{path: path, config: filepath.Join(b.dir, fmt.Sprintf("nats-%d.conf", i+1)), client: addresses[i]}
		text := fmt.Sprintf("server_name: nats%d\nlisten: %s\njetstream { store_dir: %q, max_mem: 256MB, max_file: 1GB }\n"+
			"cluster { name: e2e, listen: %s, routes: [%s] }\n",
			i+1, s.client, filepath.Join(b.dir, fmt.Sprintf("nats-%d", i+1)), addresses[3+i], strings.Join(routes, ", "))
		if err := os.WriteFile(s.config, []byte(text), 0o600); err != nil {
			return nil, err
		}
		if err := s.start(); err != nil {
			return nil, err
		}
		servers = append(servers, s)
	}
	return servers, nil
}

func (s *natsServer) start() (err error) {
	s.program, err = start(filepath.Base(s.config), nil, s.path, "-c", s.config)
	return err
}

// startInstances starts three instances of the service on the NATS servers.
func (b *bench) startInstances(ctx context.Context, nats []*natsServer) (instances []*service, err error) {
	var urls []string
	for _, n := range nats {
		urls = append(urls, "nats://"+n.client)
	}
	for range 3 {
		tcp, err := freeTCP(2)
		if err != nil {
			return nil, err
		}
		s := &service{rtmfp: tcp[0], http: tcp[1]} // that port is most likely free for UDP, too
		instances = append(instances, s)
		if err := b.startInstance(s, urls); err != nil {
			return instances, err
		}
	}
	for _, s := range instances {
		if took := waitUntil(ctx, time.Minute, func() bool { return s.sees(ctx) == 3 }); took >= time.Minute {
			return instances, fmt.Errorf("an instance does not see the others: %s", s.tail())
		}
	}
	return instances, nil
}

func (b *bench) startInstance(s *service, urls []string) (err error) {
	s.program, err = start("sundogd "+s.http, nil, filepath.Join(b.programs, "sundogd"),
		"--rtmfp", s.rtmfp, "--http", s.http, "--nats", strings.Join(urls, ","))
	return err
}

// sees is the number of instances that an instance tells of; 0 if it does not answer.
func (s *service) sees(ctx context.Context) int {
	text, err := fetch(ctx, s.directory()+"/v1")
	if err != nil {
		return 0
	}
	return strings.Count(text, `"rtmfp":["rtmfp://`)
}
