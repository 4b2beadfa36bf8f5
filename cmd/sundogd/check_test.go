package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sundog.dev/sundog/internal/eventfile"
)

func TestTheEnvironmentSwitchesOnChecksAndEvents(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := conn.LocalAddr().String()
	_ = conn.Close()
	name := filepath.Join(t.TempDir(), "events")
	t.Setenv(checkVariable, "127.0.0.1:0, "+address+", 127.0.0.1:0")
	t.Setenv(eventfile.Variable, name)

	i := start(t)
	if conn, err := net.ListenPacket("udp", address); err == nil {
		_ = conn.Close()
		t.Errorf("%s is not used", address)
	}
	if _, body := i.get(t, "/metrics"); !strings.Contains(body, "\nsundogd_connectivity_checks_total 0\n") {
		t.Errorf("metrics: %s", body)
	}
	i.stop()
	<-i.status
	if conn, err = net.ListenPacket("udp", address); err != nil {
		t.Errorf("%s is still used: %v", address, err)
	} else {
		_ = conn.Close()
	}
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"event":"endpoint_started"`, `"addr":"` + i.rtmfp + `"`, `"event":"endpoint_closed"`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %s in %s", want, b)
		}
	}
}

func TestABadEnvironmentIsOneSentence(t *testing.T) {
	for name, tt := range map[string]struct{ variable, value, want string }{
		"two addresses":      {checkVariable, "127.0.0.1:0,127.0.0.1:0", "2 addresses, not three"},
		"a foreign address":  {checkVariable, "127.0.0.1:0,192.0.2.1:0,127.0.0.1:0", "192.0.2.1:0"},
		"neither on nor off": {oldClientsVariable, "yes", "neither on nor off"},
		"no file":            {eventfile.Variable, "/dev/null/events", eventfile.Variable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(tt.variable, tt.value)
			var stderr bytes.Buffer
			status := run(context.Background(), nil, []string{"--rtmfp", "127.0.0.1:0", "--http", "127.0.0.1:0", "--data", noData}, io.Discard, &stderr)
			if status != exitFailed || strings.Count(stderr.String(), "\n") != 1 || !strings.Contains(stderr.String(), tt.want) {
				t.Errorf("status %d, %q", status, stderr.String())
			}
		})
	}
}
