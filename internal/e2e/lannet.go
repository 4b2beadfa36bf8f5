package main

import (
	"context"
	"fmt"
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

// newLAN makes a network with two hosts, named after a run. It needs root, as network namespaces do.
func newLAN(ctx context.Context, run string, f families) (*lanNet, error) {
	n := &lanNet{hub: run + ".hub"}
	ip := ipCommands{ctx: ctx}
	ip.newNamespace(n.hub)
	// No snooping: nobody on so small a network asks who wants which group.
	ip.run("-n %s link add lan0 type bridge mcast_snooping 0", n.hub)
	ip.run("-n %s link set lan0 up", n.hub)
	for i := range 2 {
		host, cable := fmt.Sprint(run, ".lan-", i+1), fmt.Sprint("cable", i+1)
		n.hosts = append(n.hosts, host)
		ip.newNamespace(host)
		ip.run("-n %s link add %s type veth peer name eth0 netns %s", n.hub, cable, host)
		ip.run("-n %s link set %s master lan0 up", n.hub, cable)
		if !f.v6 {
			ip.withoutIPv6(host, "eth0")
		}
		if f.v4 {
			ip.run("-n %s addr add 10.77.0.%d/24 dev eth0", host, i+1)
		}
		ip.run("-n %s link set eth0 up", host)
	}
	for _, host := range n.hosts {
		if ip.err == nil {
			ip.err = waitForAddresses(ctx, host, "eth0")
		}
	}
	if ip.err != nil {
		n.remove()
	}
	return n, ip.err
}

// remove takes the network away, as far as it was made.
func (n *lanNet) remove() {
	for _, name := range append(n.hosts, n.hub) {
		deleteNamespace(name)
	}
}

// start runs a program on a host.
func (n *lanNet) start(host int, name, path string, args ...string) (*program, error) {
	p := prepareIn(n.hosts[host], name, path, args...)
	return p, p.run()
}
