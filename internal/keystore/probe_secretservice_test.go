//go:build !windows && !darwin

package keystore

import (
	"errors"
	"net"
	"path/filepath"
	"testing"
	"time"
)

// TestABusThatHangs has a real socket that takes connections and says nothing.
func TestABusThatHangs(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "bus")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+socket)
	k := New(folder(t), Auto)
	k.ring.call = 50 * time.Millisecond
	if place, err := k.Keep(t.Context(), name, seed); place != File || err != nil {
		t.Errorf("kept in %q, %v", place, err)
	}
	if _, err := k.Read(t.Context(), Keyring, name); !errors.Is(err, ErrSilent) {
		t.Errorf("read: %v", err)
	}
	_ = l.Close()
	if _, err := k.Read(t.Context(), Keyring, name); !errors.Is(err, ErrAbsent) {
		t.Errorf("with no bus: %v", err)
	}
}
