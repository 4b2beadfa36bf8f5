package main

import (
	"net"
	"os"
)

// notify tells systemd the service's state, as sd_notify(3) does, if it was started by a unit of Type=notify.
func notify(state string) {
	name := os.Getenv("NOTIFY_SOCKET")
	if name == "" {
		return
	}
	// A leading @ stands for the abstract namespace, for Go as for systemd.
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	_, _ = conn.Write([]byte(state))
}
