package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
)

// service is a running sundogd on loopback.
type service struct {
	*program
	rtmfp string // host:port, UDP
	http  string // host:port, TCP
}

// startService starts a service on ports that are free now, and waits until it is healthy.
func (b *bench) startService(ctx context.Context) (*service, error) {
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		_ = udp.Close()
		return nil, err
	}
	rtmfp, web := udp.LocalAddr().String(), tcp.Addr().String()
	_, _ = udp.Close(), tcp.Close()
	return b.startServiceAt(ctx, rtmfp, web)
}

// startServiceAt starts a service that has what an earlier one at the same address has left.
func (b *bench) startServiceAt(ctx context.Context, rtmfp, web string) (*service, error) {
	p, err := start("sundogd", nil, filepath.Join(b.programs, "sundogd"), b.serviceFlags(rtmfp, web)...)
	if err != nil {
		return nil, err
	}
	return (&service{program: p, rtmfp: rtmfp, http: web}).awaitHealth(ctx, http.DefaultClient)
}

// startServiceOn starts a service on an emulated host.
func (b *bench) startServiceOn(ctx context.Context, n *linkNetwork, host int) (*service, error) {
	rtmfp, web := n.addr(host).String()+":1935", n.addr(host).String()+":8035"
	p, err := n.start(host, "sundogd", filepath.Join(b.programs, "sundogd"), b.serviceFlags(rtmfp, web)...)
	if err != nil {
		return nil, err
	}
	there := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, address string) (c net.Conn, err error) {
		err = inNamespace(n.hosts[host].Namespace, func() error {
			c, err = (&net.Dialer{}).DialContext(ctx, network, address)
			return err
		})
		return c, err
	}}}
	return (&service{program: p, rtmfp: rtmfp, http: web}).awaitHealth(ctx, there)
}

func (b *bench) serviceFlags(rtmfp, web string) []string {
	return []string{"--rtmfp", rtmfp, "--http", web, "--data", filepath.Join(b.dir, "service-"+strings.ReplaceAll(rtmfp, ":", "-"))}
}

// awaitHealth waits until a service says that it is healthy.
func (s *service) awaitHealth(ctx context.Context, client *http.Client) (*service, error) {
	err := s.serves(ctx, soon, func() error {
		response, err := client.Get("http://" + s.http + "/healthz")
		if err != nil {
			return err
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("/healthz says %s", response.Status)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (s *service) server() string    { return "rtmfp://" + s.rtmfp }
func (s *service) directory() string { return "http://" + s.http }

// flags are what a phone needs to use the service.
func (s *service) flags() []string {
	return []string{"--server", s.server(), "--directory", s.directory()}
}
