package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// families are the kinds of network that a LAN may be.
type families struct {
	name   string
	v4, v6 bool
}

// lanNet is a network of its own: a bridge in one network namespace, and hosts in others, each with one cable to it. Nothing of it
// touches this machine's network.
type lanNet struct {
	hub   string
	hosts []string
}

// newLAN makes a network with two hosts. It needs root, as network namespaces do.
func newLAN(ctx context.Context, f families) (n *lanNet, err error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("this check makes network namespaces, which only root may: run it as root, or leave it out by naming the others")
	}
	prefix := fmt.Sprintf("sundog-e2e-%d-", os.Getpid())
	n = &lanNet{hub: prefix + "hub"}
	defer func() {
		if err != nil {
			n.remove()
		}
	}()
	ip := func(args string) {
		if err == nil {
			_, err = runTool(ctx, nil, "ip", strings.Fields(args)...)
		}
	}
	ip("netns add " + n.hub)
	// No snooping: nobody on so small a network asks who wants which group.
	ip("-n " + n.hub + " link add lan0 type bridge mcast_snooping 0")
	ip("-n " + n.hub + " link set lan0 up")
	for i := range 2 {
		host, cable := fmt.Sprint(prefix, i+1), fmt.Sprint("cable", i+1)
		n.hosts = append(n.hosts, host)
		ip("netns add " + host)
		ip("-n " + host + " link set lo up")
		ip("-n " + n.hub + " link add " + cable + " type veth peer name eth0 netns " + host)
		ip("-n " + n.hub + " link set " + cable + " master lan0 up")
		if !f.v6 {
			ip("netns exec " + host + " sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1")
		}
		if f.v4 {
			ip(fmt.Sprintf("-n %s addr add 10.77.0.%d/24 dev eth0", host, i+1))
		}
		ip("-n " + host + " link set eth0 up")
	}
	for _, host := range n.hosts {
		if err == nil {
			err = waitForAddresses(ctx, host)
		}
	}
	return n, err
}

// waitForAddresses waits until a host may use its addresses: IPv6 first makes sure for a second or two that nobody else has them.
func waitForAddresses(ctx context.Context, host string) error {
	for {
		out, err := runTool(ctx, nil, "ip", "-n", host, "addr", "show", "dev", "eth0", "tentative")
		if err != nil || !strings.Contains(string(out), "inet6") {
			return err
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// remove takes the network away, as far as it was made.
func (n *lanNet) remove() {
	for _, name := range append(n.hosts, n.hub) {
		_, _ = runTool(context.Background(), nil, "ip", "netns", "del", name)
	}
}

// start runs a program on a host.
func (n *lanNet) start(host int, name, path string, args ...string) (*program, error) {
	return start(name, nil, "ip", append([]string{"netns", "exec", n.hosts[host], path}, args...)...)
}
