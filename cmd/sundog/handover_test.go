package main

import (
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestALinkGoesToTheWindowThatHasTheProfile(t *testing.T) {
	dir := t.TempDir()
	const link = "sundog:Bob?v=1&at=rtmfp://example.org"
	if handOver(dir, link) {
		t.Fatal("taken, though there is no window")
	}
	first := listenForLinks(dir, slog.New(slog.DiscardHandler))
	if !handOver(dir, link) {
		t.Fatal("the window has not taken it")
	}
	if got := <-first.opened; got != link {
		t.Errorf("the window got %q", got)
	}
	second := listenForLinks(dir, slog.New(slog.DiscardHandler))
	if second.listener != nil {
		t.Error("a second window listens as well")
	}
	second.close()
	first.close()
	if handOver(dir, link) {
		t.Error("taken by a window that is closed")
	}
}

func TestTheSocketOfAWindowThatWasKilledIsTakenOver(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, handOverSocket)
	gone, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	gone.(*net.UnixListener).SetUnlinkOnClose(false)
	_ = gone.Close()
	next := listenForLinks(dir, slog.New(slog.DiscardHandler))
	defer next.close()
	if !handOver(dir, "sundog:Bob") {
		t.Error("the next window does not take links")
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may write to the socket: %v, %v", info.Mode(), err)
	}
}

func TestOnlyLinksAreTaken(t *testing.T) {
	dir := t.TempDir()
	l := listenForLinks(dir, slog.New(slog.DiscardHandler))
	defer l.close()
	for _, bad := range []string{"", "http://example.org", "sundog:" + strings.Repeat("x", maxHandedOver)} {
		if handOver(dir, bad) {
			t.Errorf("%.20q was taken", bad)
		}
	}
	for range 2 * linksWaiting { // and nobody looks at them
		if !handOver(dir, "sundog:Bob") {
			t.Fatal("a link was not taken")
		}
	}
	if got := len(l.opened); got != linksWaiting {
		t.Errorf("%d links wait", got)
	}
}
