package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// errNoRoot says why a check cannot make its network.
var errNoRoot = errors.New("this check makes network namespaces, which only root may: run it as root, or leave it out by naming the others")

// ipCommands runs commands of ip one after another until one fails.
type ipCommands struct {
	ctx context.Context
	err error
}

func (c *ipCommands) run(format string, args ...any) {
	if c.err == nil {
		_, c.err = runTool(c.ctx, nil, "ip", strings.Fields(fmt.Sprintf(format, args...))...)
	}
}

// newNamespace makes a network namespace in which there is nothing but loopback.
func (c *ipCommands) newNamespace(name string) {
	if os.Geteuid() != 0 && c.err == nil {
		c.err = errNoRoot
	}
	c.run("netns add %s", name)
	c.run("-n %s link set lo up", name)
}

// withoutIPv6 has an interface in a namespace that will come have no IPv6.
func (c *ipCommands) withoutIPv6(namespace, device string) {
	c.run("netns exec %s sysctl -qw net.ipv6.conf.%s.disable_ipv6=1", namespace, device)
}

// deleteNamespace takes a namespace away, if it is there.
func deleteNamespace(name string) {
	ctx, cancel := context.WithTimeout(context.Background(), soon) // also after an interrupt
	defer cancel()
	_, _ = runTool(ctx, nil, "ip", "netns", "del", name)
}

// namespaces are the names of all on this machine.
func namespaces(ctx context.Context) (names []string) {
	out, err := runTool(ctx, nil, "ip", "netns", "list")
	if err != nil {
		return nil // there is no ip: then there are none of ours either
	}
	for line := range strings.Lines(string(out)) {
		if fields := strings.Fields(line); len(fields) > 0 {
			names = append(names, fields[0])
		}
	}
	return names
}

// prepareIn is prepare for a program in a namespace.
func prepareIn(namespace, name, path string, args ...string) *program {
	return prepare(name, nil, "ip", append([]string{"netns", "exec", namespace, path}, args...)...)
}

// inNamespace has f run in a network namespace: what it opens stays there.
func inNamespace(namespace string, f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return err
	}
	defer func() { _ = home.Close() }()
	there, err := os.Open("/var/run/netns/" + namespace)
	if err != nil {
		return err
	}
	defer func() { _ = there.Close() }()
	if err := unix.Setns(int(there.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("entering %s: %w", namespace, err)
	}
	err = f()
	if back := unix.Setns(int(home.Fd()), unix.CLONE_NEWNET); back != nil {
		return errors.Join(err, back)
	}
	return err
}

// waitForAddresses waits until a namespace may use the addresses of a device: IPv6 first makes sure for a second or two that nobody else
// has them.
func waitForAddresses(ctx context.Context, namespace, device string) error {
	for {
		out, err := runTool(ctx, nil, "ip", "-n", namespace, "addr", "show", "dev", device, "tentative")
		if err != nil || !strings.Contains(string(out), "inet6") {
			return err
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}
