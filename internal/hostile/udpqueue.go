package hostile

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	// fullQueue is how much may wait in a socket before the flood pauses; well
	// under the kernel's default of some 200 KB, so that nothing is dropped.
	fullQueue = 48 << 10

	// checkEvery is how many packets go out between looks at the queue.
	checkEvery = 32

	// stuckAfter is how long a target may leave its socket unread.
	stuckAfter = 10 * time.Second
)

// ErrStuck says that a target stopped reading its socket.
var ErrStuck = errors.New("hostile: the target does not read its socket any more")

// Pace holds a flood up so that a local UDP socket, by its port, loses no packet: so every packet is looked at.
type Pace struct {
	port  uint16
	count int
}

// NewPace watches the socket on a port of this machine. Linux only.
func NewPace(port uint16) *Pace { return &Pace{port: port} }

// Wait is for Tap.Flood.
func (p *Pace) Wait() error {
	if p.count++; p.count%checkEvery != 0 {
		return nil
	}
	for began := time.Now(); ; time.Sleep(200 * time.Microsecond) {
		queued, _, err := socketQueue(p.port)
		if err != nil || queued < fullQueue {
			return err
		}
		if time.Since(began) > stuckAfter {
			return ErrStuck
		}
	}
}

// Dropped is how many packets the kernel dropped at the socket so far.
func (p *Pace) Dropped() (int, error) {
	_, dropped, err := socketQueue(p.port)
	return dropped, err
}

// socketQueue reads the bytes that wait in the UDP socket on a port, and the packets dropped there, from /proc.
func socketQueue(port uint16) (queued, dropped int, err error) {
	for _, file := range []string{"/proc/net/udp", "/proc/net/udp6"} {
		f, err := os.Open(file)
		if err != nil {
			return 0, 0, err
		}
		queued, dropped, found, err := findSocket(bufio.NewScanner(f), port)
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if found || err != nil {
			return queued, dropped, err
		}
	}
	return 0, 0, fmt.Errorf("hostile: no UDP socket on port %d", port)
}

func findSocket(lines *bufio.Scanner, port uint16) (queued, dropped int, found bool, err error) {
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) < 13 {
			continue
		}
		_, local, ok := strings.Cut(f[1], ":")
		if p, perr := strconv.ParseUint(local, 16, 16); !ok || perr != nil || uint16(p) != port {
			continue
		}
		_, rx, _ := strings.Cut(f[4], ":")
		q, err := strconv.ParseUint(rx, 16, 32)
		if err != nil {
			return 0, 0, false, err
		}
		dropped, err = strconv.Atoi(f[12])
		return int(q), dropped, true, err
	}
	return 0, 0, false, lines.Err()
}
