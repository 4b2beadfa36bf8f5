package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"sync"
	"time"
)

// linkNet is the network of emulated hosts, 10.78.0.0/24; host 0 is 10.78.0.1.
const linkNet = 10<<24 | 78<<16

// linkNetwork is hosts in network namespaces of their own, each behind an uplink and a downlink with a rate, a queue and a delay, which
// may be changed at any time. Nothing of it touches this machine's network. Its methods may be called by several goroutines.
type linkNetwork struct {
	hosts []linkHost
	cmd   *exec.Cmd

	mu      sync.Mutex // one order at a time
	orders  io.WriteCloser
	answers *bufio.Reader
}

// newLinks makes the network, named after a run. It needs root, as network namespaces do.
func newLinks(ctx context.Context, run string, hosts []linkHost) (*linkNetwork, error) {
	n := &linkNetwork{hosts: hosts}
	ip := ipCommands{ctx: ctx}
	for i := range hosts {
		hosts[i].Namespace = fmt.Sprintf("%s.link-%d", run, i)
		ip.newNamespace(hosts[i].Namespace)
	}
	if ip.err == nil {
		ip.err = n.startEmulator()
	}
	for i, h := range hosts {
		ip.withoutIPv6(h.Namespace, "eth0")
		ip.run("-n %s addr add %s/24 dev eth0", h.Namespace, n.addr(i))
		ip.run("-n %s link set eth0 mtu %d txqueuelen 1000 up", h.Namespace, linkMTU)
	}
	if ip.err != nil {
		n.remove()
	}
	return n, ip.err
}

// startEmulator starts this program once more, as the emulator. It does not outlive this process.
func (n *linkNetwork) startEmulator() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	n.cmd = exec.Command(self, "-emulate-links")
	n.cmd.Stderr = os.Stderr
	n.cmd.SysProcAttr = diesWithUs()
	if n.orders, err = n.cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := n.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	n.answers = bufio.NewReader(out)
	if err := n.cmd.Start(); err != nil {
		return err
	}
	_, err = n.say(n.hosts)
	return err
}

// say sends a line to the emulator and returns its answer.
func (n *linkNetwork) say(order any) (a linkAnswer, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := json.NewEncoder(n.orders).Encode(order); err != nil {
		return a, fmt.Errorf("the link emulator takes no orders: %w", err)
	}
	line, err := n.answers.ReadBytes('\n')
	if err != nil {
		return a, fmt.Errorf("the link emulator does not answer: %w", err)
	}
	return a, json.Unmarshal(line, &a)
}

// addr is a host's address.
func (n *linkNetwork) addr(host int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, 78, 0, byte(host + 1)})
}

// start runs a program on a host.
func (n *linkNetwork) start(host int, name, path string, args ...string) (*program, error) {
	p := n.prepare(host, name, path, args...)
	return p, p.run()
}

// prepare is start without the start.
func (n *linkNetwork) prepare(host int, name, path string, args ...string) *program {
	return prepareIn(n.hosts[host].Namespace, name, path, args...)
}

// setUp and setDown change a host's rates, in bit/s. What waits goes on waiting.
func (n *linkNetwork) setUp(host int, bits float64) error {
	_, err := n.say(linkOrder{Host: host, Up: bits})
	return err
}

func (n *linkNetwork) setDown(host int, bits float64) error {
	_, err := n.say(linkOrder{Host: host, Down: bits})
	return err
}

// block has nothing pass between these pairs of hosts, and lets all others pass again.
func (n *linkNetwork) block(pairs ...linkPair) error {
	all := append([]linkPair{}, pairs...) // none is an order, too
	_, err := n.say(linkOrder{Blocked: &all})
	return err
}

// isolate has nothing pass between a host and any other.
func (n *linkNetwork) isolate(host int) error {
	var pairs []linkPair
	for i := range n.hosts {
		if i != host {
			pairs = append(pairs, pairOf(host, i))
		}
	}
	return n.block(pairs...)
}

// stats is what has passed since the network was made or forget was last called, and the emulator's own processor time.
func (n *linkNetwork) stats() (linkAnswer, error) { return n.say(linkOrder{Stats: true}) }

// forget has what was counted forgotten, and returns the emulator's processor time.
func (n *linkNetwork) forget() (time.Duration, error) {
	a, err := n.say(linkOrder{Forget: true})
	return a.CPU, err
}

// remove takes the network away, as far as it was made.
func (n *linkNetwork) remove() {
	if n.cmd != nil && n.cmd.Process != nil {
		_ = n.orders.Close()
		_ = n.cmd.Wait()
	}
	for _, h := range n.hosts {
		if h.Namespace != "" {
			deleteNamespace(h.Namespace)
		}
	}
}
