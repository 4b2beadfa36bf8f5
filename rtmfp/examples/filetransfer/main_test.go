package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// receiver starts a receiver and returns its address and fingerprint, and what ends it.
func receiver(ctx context.Context, t *testing.T, folder string) (target []string, stop func()) {
	t.Helper()
	receiving, cancel := context.WithCancel(ctx)
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(receiving, []string{"-receive", "127.0.0.1:0", folder}, w)
		_ = w.Close()
	}()
	out := bufio.NewScanner(r)
	out.Scan()
	go func() { _, _ = io.Copy(io.Discard, r) }()
	return strings.Fields(out.Text()), func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestFilesArriveWhole(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	from, to := t.TempDir(), t.TempDir()
	target, stop := receiver(ctx, t, to)
	defer stop()
	random := rand.NewChaCha8([32]byte{1})
	for name, size := range map[string]int{"empty": 0, "one byte": 1, "a message": 64 << 10, "many messages": 5<<20 + 17} {
		content := make([]byte, size)
		_, _ = random.Read(content)
		path := filepath.Join(from, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		if err := run(ctx, append([]string{path}, target...), &out); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got, err := os.ReadFile(filepath.Join(to, name)); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: %d bytes of %d arrived, or others: %v", name, len(got), size, err)
		}
		if !strings.Contains(out.String(), "has arrived whole") {
			t.Errorf("%s: the sender said %q", name, out.String())
		}
	}
	if left, _ := filepath.Glob(filepath.Join(to, "*.part")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestTheWrongReceiverGetsNothing(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	to := t.TempDir()
	target, stop := receiver(ctx, t, to)
	defer stop()
	trying, giveUp := context.WithTimeout(ctx, 300*time.Millisecond)
	defer giveUp()
	target[1] = strings.Repeat("ab", 32)
	if err := run(trying, append([]string{"main.go"}, target...), io.Discard); err == nil {
		t.Error("a file was sent to somebody else")
	}
	if files, _ := os.ReadDir(to); len(files) > 0 {
		t.Errorf("received: %v", files)
	}
}

func TestAReceiverThatCannotKeepAFileSaysSo(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	to := filepath.Join(t.TempDir(), "made", "for", "it")
	target, stop := receiver(ctx, t, to)
	defer stop()
	if err := os.Remove(to); err != nil {
		t.Fatal(err)
	}
	var refused *rtmfp.FlowException
	if err := run(ctx, append([]string{"main.go"}, target...), io.Discard); !errors.As(err, &refused) {
		t.Errorf("the sender is told %v", err)
	}
}

// A file whose name leads out of the folder, or that is not what was announced, is not kept.
func TestOffersThatAreRefused(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	to := t.TempDir()
	target, stop := receiver(ctx, t, to)
	defer stop()
	end, _, err := listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = end.Close() }()
	peer, err := flashcrypto.ParseFingerprint(target[1])
	if err != nil {
		t.Fatal(err)
	}
	session, err := end.Dial(ctx, peer.EPD(), netip.MustParseAddrPort(target[0]))
	if err != nil {
		t.Fatal(err)
	}
	for _, metadata := range []string{
		"", "[]", `{"Name":""}`, `{"Name":".."}`, `{"Name":"/etc/passwd"}`, `{"Name":"../a"}`, `{"Name":"a","Size":-1}`, `{"Name":"long","Size":1}`, `{"Name":"wrong","Size":4}`,
	} {
		flow, err := session.OpenFlow([]byte(metadata), rtmfp.FlowOptions{})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = flow.Write(ctx, []byte("byte"), rtmfp.MessageOptions{})
		_, _ = flow.Write(ctx, make([]byte, 32), rtmfp.MessageOptions{})
		select {
		case <-flow.Done():
		case <-ctx.Done():
			t.Errorf("%s is not refused", metadata)
		}
	}
	if files, _ := filepath.Glob(filepath.Join(to, "*")); len(files) > 0 {
		t.Errorf("received: %v", files)
	}
}
