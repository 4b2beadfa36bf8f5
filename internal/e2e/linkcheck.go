package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"sundog.dev/sundog/internal/e2e/measure"
)

const (
	linkUp       = 5e6 // bit/s
	linkDown     = 30e6
	linkQueue    = 100 * time.Millisecond
	linkDelay    = 20 * time.Millisecond
	linkHeaders  = 28 // IPv4 and UDP
	linkPort     = 4000
	linkDatagram = 972 // bytes of UDP payload: 1000 on the link
)

// checkLinks measures the link emulator with plain datagrams, so that other checks may rely on it.
func checkLinks(ctx context.Context, b *bench) error {
	hosts := make([]linkHost, 8)
	for i := range hosts {
		hosts[i] = linkHost{Up: linkUp, Down: linkDown, Queue: linkQueue, Delay: linkDelay}
	}
	n, err := newLinks(ctx, b.run, hosts)
	if err != nil {
		return err
	}
	defer n.remove()
	if err := b.checkLinkDelay(n); err != nil {
		return err
	}
	for _, c := range []struct {
		name string
		up   float64
	}{{"5 Mbit/s", linkUp}, {"cut to 1 Mbit/s", 1e6}, {"back at 5 Mbit/s", linkUp}} {
		if err := b.checkLinkRate(n, c.name, c.up); err != nil {
			return err
		}
	}
	if err := b.checkLinkDownlink(n); err != nil {
		return err
	}
	if err := b.checkLinkBlock(n); err != nil {
		return err
	}
	return b.checkLinkLoad(n)
}

// datagrams sends datagrams of a size from one host to another at a rate on the link, in bit/s, and returns when each arrived
// after it was sent, and the rate at which they did, from the second half second on.
func (n *linkNetwork) datagrams(from, to, payload int, rate float64, d time.Duration) (delays []float64, arrived float64, err error) {
	out, err := n.socket(from, 0)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = out.Close() }()
	port := linkPort + from
	in, err := n.socket(to, port)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = in.Close() }()
	begin := time.Now()
	var reading sync.WaitGroup
	bytes := 0
	var first, last time.Time
	reading.Go(func() {
		buffer := make([]byte, linkMTU)
		for {
			k, _, err := in.ReadFromUDPAddrPort(buffer)
			if err != nil {
				return
			}
			now := time.Now()
			delays = append(delays, float64(now.Sub(begin)-time.Duration(binary.BigEndian.Uint64(buffer)))/float64(time.Millisecond))
			if now.Sub(begin) < time.Second/2 {
				continue
			}
			if first.IsZero() {
				first = now
			} else {
				bytes += k + linkHeaders
			}
			last = now
		}
	})
	addr := netip.AddrPortFrom(n.addr(to), uint16(port))
	message := make([]byte, payload)
	spacing := time.Duration(float64(payload+linkHeaders) * 8 / rate * float64(time.Second))
	for at := time.Duration(0); at < d; at += spacing {
		time.Sleep(at - time.Since(begin))
		binary.BigEndian.PutUint64(message, uint64(time.Since(begin)))
		if _, err := out.WriteToUDPAddrPort(message, addr); err != nil {
			return nil, 0, fmt.Errorf("sending from host %d: %w", from, err)
		}
	}
	time.Sleep(2*linkQueue + linkDelay) // what is still on its way
	_ = in.Close()
	reading.Wait()
	if last.After(first) {
		arrived = float64(bytes) * 8 / last.Sub(first).Seconds()
	}
	return delays, arrived, nil
}

// socket opens a UDP socket on a host.
func (n *linkNetwork) socket(host, port int) (conn *net.UDPConn, err error) {
	err = inNamespace(n.hosts[host].Namespace, func() error {
		conn, err = net.ListenUDP("udp4", &net.UDPAddr{Port: port})
		return err
	})
	if err == nil {
		_ = conn.SetReadBuffer(1 << 20)
	}
	return conn, err
}

// checkLinkDelay sends little, so that nothing waits.
func (b *bench) checkLinkDelay(n *linkNetwork) error {
	const payload = 100
	delays, _, err := n.datagrams(0, 1, payload, 100e3, 3*time.Second)
	if err != nil {
		return err
	}
	sending := (payload + linkHeaders) * 8 / linkUp * 1000 // ms
	b.report.between("delay, median", measure.Median(delays), 20+sending-0.5, 20+sending+1, "ms")
	b.report.note("delay, 95 %%: %.2f ms, with what this machine takes to wake up whoever measures", measure.Quantile(delays, 0.95))
	b.report.atLeast("of 293 datagrams that come one by one arrive", float64(len(delays)), 292, "")
	return nil
}

// checkLinkRate sends twice what an uplink takes.
func (b *bench) checkLinkRate(n *linkNetwork, name string, up float64) error {
	if err := n.setUp(0, up); err != nil {
		return err
	}
	if _, err := n.forget(); err != nil {
		return err
	}
	delays, rate, err := n.datagrams(0, 1, linkDatagram, 2*up, 3*time.Second)
	if err != nil {
		return err
	}
	s, err := n.stats()
	if err != nil {
		return err
	}
	sending := (linkDatagram + linkHeaders) * 8 / up * 1000 // ms
	queue := measure.Median(delays) - 20
	b.report.between(name+", rate", rate/1e6, up*0.97/1e6, up*1.03/1e6, "Mbit/s")
	b.report.between(name+", the emulator's busiest second", float64(s.Up[0].Left.Busiest)*8/1e6, up*0.97/1e6, up*1.03/1e6, "Mbit/s")
	b.report.between(name+", queue, when it is full", queue, 100-sending-3, 103, "ms")
	b.report.between(name+", queue, as the emulator counts it, 95 %", s.Up[0].quantile(0.95), 100-2*sending-3, 103, "ms")
	b.report.atLeast(name+", datagrams that found it full", float64(s.Up[0].Dropped), float64(s.Up[0].Packets)/2, "")
	return nil
}

// checkLinkDownlink has three hosts send to one whose downlink is narrower than their uplinks together.
func (b *bench) checkLinkDownlink(n *linkNetwork) error {
	const narrow, down = 7, 6e6
	if err := n.setDown(narrow, down); err != nil {
		return err
	}
	var sending sync.WaitGroup
	rates, failed := make([]float64, 3), make([]error, 3)
	for i := range rates {
		sending.Go(func() { _, rates[i], failed[i] = n.datagrams(i, narrow, linkDatagram, 4e6, 3*time.Second) })
	}
	sending.Wait()
	sum := 0.0
	for i, r := range rates {
		if failed[i] != nil {
			return failed[i]
		}
		sum += r
	}
	b.report.between("three uplinks into a downlink of 6 Mbit/s, rate", sum/1e6, down*0.97/1e6, down*1.03/1e6, "Mbit/s")
	return n.setDown(narrow, linkDown)
}

// checkLinkBlock has nothing pass between two of three hosts.
func (b *bench) checkLinkBlock(n *linkNetwork) error {
	if err := n.block(pairOf(1, 0)); err != nil {
		return err
	}
	for _, c := range []struct {
		from, to int
		passes   bool
	}{{0, 1, false}, {1, 0, false}, {0, 2, true}, {2, 1, true}} {
		delays, _, err := n.datagrams(c.from, c.to, linkDatagram, 1e6, time.Second/2)
		if err != nil {
			return err
		}
		b.report.equals(fmt.Sprintf("hosts 0 and 1 are blocked, %d to %d passes", c.from, c.to), len(delays) > 0, c.passes)
	}
	return n.block()
}

// checkLinkLoad fills all uplinks nearly, and tells what the emulator takes of the processors.
func (b *bench) checkLinkLoad(n *linkNetwork) error {
	before, err := n.forget()
	if err != nil {
		return err
	}
	const d = 4 * time.Second
	began := time.Now()
	var sending sync.WaitGroup
	failed, late := make([]error, len(n.hosts)), make([]float64, len(n.hosts))
	for i := range n.hosts {
		sending.Go(func() {
			delays, _, err := n.datagrams(i, (i+1)%len(n.hosts), 600, 4.6e6, d)
			failed[i], late[i] = err, measure.Quantile(delays, 0.95)
		})
	}
	sending.Wait()
	took := time.Since(began).Seconds()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	s, err := n.stats()
	if err != nil {
		return err
	}
	packets, dropped := 0, 0
	for i := range s.Up {
		packets, dropped = packets+s.Up[i].Packets, dropped+s.Up[i].Dropped+s.Down[i].Dropped
	}
	cpu := (s.CPU - before).Seconds() / took
	b.report.note("eight uplinks at 4.6 Mbit/s: %d packets a second, delay at the 95 %% mark %.1f ms in the worst", int(float64(packets)/d.Seconds()), measure.Quantile(late, 1))
	b.report.atMost("eight uplinks at 4.6 Mbit/s, dropped", float64(dropped), 0, "")
	b.report.atMost("eight uplinks at 4.6 Mbit/s, the emulator's processor time", cpu, 0.35, "s/s")
	return nil
}
