package phone

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// eventually waits for something that real sockets and codecs bring about.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline.C:
			t.Fatal("did not come about: " + what)
		case <-tick.C:
		}
	}
}

func fileSize(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// writtenFile is the path of a file with something in it that nobody plays.
func writtenFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("neither sound nor picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
