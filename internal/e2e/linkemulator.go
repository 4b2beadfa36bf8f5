package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// The emulator is a program of its own, so that its processor time is known apart: it takes packets from each host's TUN
// interface, through the host's uplink, a delay and the receiver's downlink, to the receiver's interface. It is one thread that waits
// for all of that at once, and takes all that there is when it wakes up.

// linkHost is how a host is connected.
type linkHost struct {
	Namespace string        `json:"namespace"`
	Up        float64       `json:"up"`    // bit/s
	Down      float64       `json:"down"`  // bit/s
	Queue     time.Duration `json:"queue"` // the longest, of each
	Delay     time.Duration `json:"delay"` // from its uplink to the others' downlinks
}

// linkOrder is a line of the emulator's standard input. The first is the list of hosts, as a JSON array.
type linkOrder struct {
	Host   int     `json:"host"`
	Up     float64 `json:"up,omitempty"`   // the uplink's new rate
	Down   float64 `json:"down,omitempty"` // the downlink's
	Stats  bool    `json:"stats,omitempty"`
	Forget bool    `json:"forget,omitempty"` // of what was counted
	// Blocked, when it is there, are the pairs of hosts between whom nothing passes from now on, in place of those before.
	Blocked *[]linkPair `json:"blocked,omitempty"`
}

// linkPair is two hosts, the lower number first.
type linkPair [2]int

func pairOf(a, b int) linkPair { return linkPair{min(a, b), max(a, b)} }

// linkAnswer is a line of its standard output, the answer to an order.
type linkAnswer struct {
	Up   []linkStats   `json:"up,omitempty"`
	Down []linkStats   `json:"down,omitempty"`
	CPU  time.Duration `json:"cpu"` // the processor time that the emulator has used
}

const (
	// linkMTU is Ethernet's.
	linkMTU = 1500
	// linkGrain is how far apart the emulator wakes up, at least, to do what is due: it costs so much in exactness.
	linkGrain = 200 * time.Microsecond
	// linkPriority is the emulator's niceness.
	linkPriority = -15
	// linkWait bounds a wait with nothing to do.
	linkWait = time.Second
)

// emulator owns the interfaces and the queues. It has one thread.
type emulator struct {
	begin    time.Time
	tuns     []int
	up, down []*shaper
	delayed  [][]delayedPacket // by sender, in order
	delay    []time.Duration
	blocked  map[linkPair]bool
	free     [][]byte
	orders   *bufio.Reader
	answers  *json.Encoder
}

type delayedPacket struct {
	shaped
	due time.Duration
}

// emulate runs the emulator until its standard input ends.
func emulate(in io.Reader, out io.Writer) error {
	runtime.LockOSThread()
	// Timers to the microsecond (the default lets them be late by 50), and before whatever is measured: the network of other
	// people takes no time of this machine.
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1000, 0, 0, 0)
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, linkPriority)
	e := &emulator{begin: time.Now(), orders: bufio.NewReader(in), answers: json.NewEncoder(out)}
	line, err := e.orders.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("reading the hosts: %w", err)
	}
	var hosts []linkHost
	if err := json.Unmarshal(line, &hosts); err != nil {
		return fmt.Errorf("reading the hosts: %w", err)
	}
	for _, h := range hosts {
		tun, err := openTUN(h.Namespace)
		if err != nil {
			return err
		}
		e.tuns = append(e.tuns, tun)
		e.up = append(e.up, &shaper{rate: h.Up, bound: h.Queue})
		e.down = append(e.down, &shaper{rate: h.Down, bound: h.Queue})
		e.delayed, e.delay = append(e.delayed, nil), append(e.delay, h.Delay)
	}
	if err := e.answers.Encode(linkAnswer{}); err != nil {
		return err
	}
	return e.run()
}

// openTUN makes the interface eth0 in a namespace.
func openTUN(namespace string) (fd int, err error) {
	err = inNamespace(namespace, func() error {
		if fd, err = unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0); err != nil {
			return fmt.Errorf("opening /dev/net/tun: %w", err)
		}
		request, err := unix.NewIfreq("eth0")
		if err != nil {
			return err
		}
		request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
			return fmt.Errorf("making a TUN interface in %s: %w", namespace, err)
		}
		return nil
	})
	return fd, err
}

func (e *emulator) now() time.Duration { return time.Since(e.begin) }

// run forwards packets and obeys orders.
func (e *emulator) run() error {
	watched := []unix.PollFd{{Fd: 0, Events: unix.POLLIN}}
	for _, tun := range e.tuns {
		watched = append(watched, unix.PollFd{Fd: int32(tun), Events: unix.POLLIN})
	}
	for {
		wait := e.forward(e.now())
		timeout := unix.NsecToTimespec(int64(wait))
		if _, err := unix.Ppoll(watched, &timeout, nil); err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		now := e.now()
		e.forward(now) // what has left by now makes room
		for i := range e.tuns {
			if watched[i+1].Revents&unix.POLLIN != 0 {
				e.receive(i, now)
			}
		}
		if watched[0].Revents != 0 {
			if err := e.obey(); err != nil {
				if errors.Is(err, io.EOF) {
					return nil
				}
				return err
			}
		}
	}
}

// receive takes all that waits at a host's interface.
func (e *emulator) receive(host int, now time.Duration) {
	for {
		b := e.buffer()
		n, err := unix.Read(e.tuns[host], b)
		if err != nil || n == 0 {
			e.free = append(e.free, b)
			return
		}
		to, ok := e.destination(b[:n])
		if !ok || e.blocked[pairOf(host, to)] || !e.up[host].enter(shaped{data: b[:n], to: to}, now) {
			e.free = append(e.free, b)
		}
	}
}

func (e *emulator) buffer() []byte {
	if n := len(e.free); n > 0 {
		b := e.free[n-1]
		e.free = e.free[:n-1]
		return b[:linkMTU]
	}
	return make([]byte, linkMTU)
}

// destination is the host that an IPv4 packet is for.
func (e *emulator) destination(b []byte) (host int, ok bool) {
	if len(b) < 20 || b[0]>>4 != 4 {
		return 0, false
	}
	host = int(binary.BigEndian.Uint32(b[16:])) - linkNet - 1
	return host, host >= 0 && host < len(e.tuns)
}

// forward moves on what is due, and returns how long there is nothing to do.
func (e *emulator) forward(now time.Duration) time.Duration {
	next := now + linkWait
	soonest := func(at time.Duration, ok bool) {
		if ok {
			next = min(next, at)
		}
	}
	for i, up := range e.up {
		for {
			p, at, ok := up.leave(now)
			if !ok {
				break
			}
			e.delayed[i] = append(e.delayed[i], delayedPacket{p, at + e.delay[i]})
		}
		soonest(up.next())
		line := e.delayed[i]
		for len(line) > 0 && line[0].due <= now {
			e.arrive(line[0], now)
			line[0] = delayedPacket{}
			line = line[1:]
		}
		e.delayed[i] = line
		if len(line) > 0 {
			soonest(line[0].due, true)
		}
	}
	for host, down := range e.down {
		e.deliver(host, now)
		soonest(down.next())
	}
	return max(next-now, linkGrain)
}

// arrive puts a packet into the receiver's downlink, at the time when it was due.
func (e *emulator) arrive(p delayedPacket, now time.Duration) {
	down := e.down[p.to]
	e.deliver(p.to, min(p.due, now))
	if !down.enter(p.shaped, max(p.due, down.at)) {
		e.free = append(e.free, p.data)
	}
}

// deliver writes to a host what has passed its downlink.
func (e *emulator) deliver(host int, now time.Duration) {
	for {
		p, _, ok := e.down[host].leave(now)
		if !ok {
			return
		}
		_, _ = unix.Write(e.tuns[host], p.data) // an interface that is down takes nothing
		e.free = append(e.free, p.data)
	}
}

// obey carries out one order. The next comes only when this one is answered.
func (e *emulator) obey() error {
	line, err := e.orders.ReadBytes('\n')
	if err != nil {
		return err
	}
	var o linkOrder
	if err := json.Unmarshal(line, &o); err != nil {
		return fmt.Errorf("an order: %w", err)
	}
	now := e.now()
	if o.Up > 0 {
		e.up[o.Host].setRate(o.Up, now)
	}
	if o.Down > 0 {
		e.down[o.Host].setRate(o.Down, now)
	}
	if o.Blocked != nil {
		e.blocked = make(map[linkPair]bool)
		for _, p := range *o.Blocked {
			e.blocked[p] = true
		}
	}
	var a linkAnswer
	for i := range e.tuns {
		if o.Stats {
			a.Up, a.Down = append(a.Up, e.up[i].seen), append(a.Down, e.down[i].seen)
		}
		if o.Forget {
			e.up[i].seen, e.down[i].seen = linkStats{}, linkStats{}
		}
	}
	var used unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &used); err == nil {
		a.CPU = time.Duration(used.Utime.Nano() + used.Stime.Nano())
	}
	return e.answers.Encode(a)
}
