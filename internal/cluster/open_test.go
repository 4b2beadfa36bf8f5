package cluster

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open opens a cluster in a folder of its own.
func open(t testing.TB) *Cluster {
	t.Helper()
	return openIn(t, t.TempDir())
}

func openIn(t testing.TB, dir string) *Cluster {
	t.Helper()
	c, err := Open(t.Context(), Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return c
}

func bucket(t testing.TB, c *Cluster, cfg BucketConfig) *Bucket {
	t.Helper()
	if cfg.Name == "" {
		cfg.Name = "names"
	}
	b, err := c.Bucket(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOneFolderBelongsToOneProcess(t *testing.T) {
	dir := t.TempDir()
	first := openIn(t, dir)
	if _, err := Open(t.Context(), Config{Dir: dir}); !errors.Is(err, ErrInUse) {
		t.Errorf("a second one on the same folder: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	openIn(t, dir)
}

func TestValuesOutliveTheProcess(t *testing.T) {
	dir := t.TempDir()
	c := openIn(t, dir)
	revision, err := bucket(t, c, BucketConfig{}).Create(t.Context(), "alice", []byte("1"), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	e, err := bucket(t, openIn(t, dir), BucketConfig{}).Get(t.Context(), "alice")
	if err != nil || string(e.Value) != "1" || e.Revision != revision {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestWhatCannotBeOpenedIsSaidPlainly(t *testing.T) {
	for _, c := range []struct {
		name string
		cfg  Config
		want error
	}{
		{"nothing", Config{}, nil},
		{"nobody there", Config{URL: "nats://user:secret@127.0.0.1:1"}, ErrUnavailable},
		{"a name that is none", Config{Dir: t.TempDir(), Name: "a.b"}, nil},
		{"a folder that is a file", Config{Dir: "doc.go"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			opened, err := Open(t.Context(), c.cfg)
			if err == nil {
				_ = opened.Close()
				t.Fatal("opened")
			}
			t.Log(err)
			if c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("not %v", c.want)
			}
		})
	}
}

func TestErrorsTellNoSecrets(t *testing.T) {
	for what, address := range map[string]string{
		"a password":                "nats://user:secret@127.0.0.1:1",
		"a token":                   "nats://secret@127.0.0.1:1",
		"no scheme":                 "user:secret@127.0.0.1:1",
		"a token, no scheme":        "secret@127.0.0.1:1",
		"a bad escape":              "nats://user:secret%zz@127.0.0.1:1",
		"a character to be escaped": "nats://user:secret#1@127.0.0.1:1",
		"the second of two":         "nats://127.0.0.1:1,nats://user:secret%zz@127.0.0.1:1",
	} {
		var log bytes.Buffer
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		opened, err := Open(ctx, Config{URL: address, Log: slog.New(slog.NewTextHandler(&log, nil))})
		cancel()
		if err == nil {
			_ = opened.Close()
			t.Errorf("%s: opened", what)
			continue
		}
		if all := err.Error() + log.String(); strings.Contains(all, "secret") {
			t.Errorf("%s: %s", what, all)
		}
	}
}

func TestCallsAfterClose(t *testing.T) {
	c := open(t)
	b := bucket(t, c, BucketConfig{})
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Get(context.Background(), "alice"); !errors.Is(err, ErrClosed) {
		t.Errorf("reading: %v", err)
	}
	if _, err := b.Watch(context.Background()); !errors.Is(err, ErrClosed) {
		t.Errorf("watching: %v", err)
	}
	if err := c.Publish("a", nil); !errors.Is(err, ErrClosed) {
		t.Errorf("sending: %v", err)
	}
	if err := c.Healthy(); !errors.Is(err, ErrUnavailable) {
		t.Errorf("health: %v", err)
	}
}
