package main

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// A link that the desktop opens starts a second sundog. With the same profile that would be a second phone under one name, so it
// hands the link to the first one, over a Unix socket in the profile's folder (which is the user's alone), and ends.

const (
	handOverSocket = "window.sock"
	// handOverTime is how long either side waits for the other. Both are on this machine.
	handOverTime = 2 * time.Second
	// maxHandedOver bounds what is read, in bytes: a link has 2048 at most, quotes and line ends around it not counted.
	maxHandedOver = 4096
	// handedOver is the answer to a link that was taken.
	handedOver = "ok"
	// linksWaiting bounds links that the window has not shown yet; more are dropped.
	linksWaiting = 4
)

// handOver gives a link to the window that has the profile open, and reports whether there is one that has taken it.
func handOver(dir, link string) bool {
	conn, err := net.DialTimeout("unix", filepath.Join(dir, handOverSocket), handOverTime)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(handOverTime))
	if _, err := io.WriteString(conn, strings.Join(strings.Fields(link), "")+"\n"); err != nil {
		return false
	}
	answer, err := bufio.NewReader(io.LimitReader(conn, maxHandedOver)).ReadString('\n')
	return err == nil && strings.TrimSpace(answer) == handedOver
}

// linkListener takes links from other starts of the program. One goroutine listens; close ends and awaits it.
type linkListener struct {
	opened   chan string
	listener net.Listener // nil: another window has this profile, or there is no such socket here
	wg       sync.WaitGroup
}

// listenForLinks takes the place of a window that is gone. Without a socket the window works all the same.
func listenForLinks(dir string, log *slog.Logger) *linkListener {
	l := &linkListener{opened: make(chan string, linksWaiting)}
	path := filepath.Join(dir, handOverSocket)
	if conn, err := net.DialTimeout("unix", path, handOverTime); err == nil {
		_ = conn.Close()
		return l // it has taken the profile before us
	}
	_ = os.Remove(path) // of one that did not end in order
	var err error
	if l.listener, err = net.Listen("unix", path); err != nil {
		log.Info("links that are opened elsewhere do not come to this window", "error", err)
		l.listener = nil
		return l
	}
	_ = os.Chmod(path, 0o600)
	l.wg.Go(l.listen)
	return l
}

func (l *linkListener) listen() {
	for {
		conn, err := l.listener.Accept()
		if err != nil {
			return // it is closed
		}
		l.take(conn)
	}
}

func (l *linkListener) take(conn net.Conn) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(handOverTime))
	link, err := bufio.NewReader(io.LimitReader(conn, maxHandedOver)).ReadString('\n')
	if link = strings.TrimSpace(link); err != nil || !isLink(link) {
		return
	}
	l.put(link)
	_, _ = io.WriteString(conn, handedOver+"\n") // whoever does not hear it starts a window
}

func (l *linkListener) put(link string) {
	select {
	case l.opened <- link:
	default:
	}
}

func (l *linkListener) close() {
	if l.listener != nil {
		_ = l.listener.Close() // which removes the socket
	}
	l.wg.Wait()
}
