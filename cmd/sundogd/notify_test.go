package main

import (
	"net"
	"path/filepath"
	"testing"
)

func TestSystemdHearsWhatHappens(t *testing.T) {
	name := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	t.Setenv("NOTIFY_SOCKET", name)
	i := start(t)
	i.stop()
	<-i.status
	for _, want := range []string{"READY=1", "STOPPING=1"} {
		b := make([]byte, 100)
		n, err := conn.Read(b)
		if err != nil || string(b[:n]) != want {
			t.Errorf("%q, %v; want %s", b[:n], err, want)
		}
	}
}
