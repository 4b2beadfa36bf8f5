package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"

	"sundog.dev/sundog/idmanager/http/v1"
	"sundog.dev/sundog/rtmfp/turn"
)

// startNATS runs a NATS server on loopback, and returns its address.
func startNATS(t *testing.T) string {
	t.Helper()
	s, err := natsserver.NewServer(&natsserver.Options{
		Host: "127.0.0.1", Port: natsserver.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(20 * time.Second) {
		t.Fatal("NATS does not get ready")
	}
	return s.ClientURL()
}

func TestTwoInstancesAreOneService(t *testing.T) {
	nats := startNATS(t)
	first, second := start(t, "--nats", nats), start(t, "--nats", nats)
	described := func(i instance) (d v1.Directory) {
		t.Helper()
		_, body := i.get(t, "/v1")
		if err := json.Unmarshal([]byte(body), &d); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		return d
	}
	until(t, "each tells of both", func() bool { return len(described(first).Instances) == 2 && len(described(second).Instances) == 2 })
	if d := described(first); d.Instances[0].RTMFP[0] != "rtmfp://"+first.rtmfp || d.Instances[1].HTTP != "http://"+second.http || len(d.Rendezvous) != 2 {
		t.Errorf("%+v", d)
	}
	id := strings.Repeat("ab", 32)
	first.get(t, "/reg.cgi?username=Ann&identity="+id)
	until(t, "a name registered at one is found at the other", func() bool {
		_, body := second.get(t, "/reg.cgi?friends=Ann")
		return strings.Contains(body, id)
	})
	if _, body := second.get(t, "/metrics"); !strings.Contains(body, "\nsundogd_instances 2\n") || !strings.Contains(body, "\nsundogd_nats_connected 1\n") {
		t.Errorf("metrics: %s", body)
	}
	first.stop()
	if status := <-first.status; status != exitOK {
		t.Errorf("exit status %d", status)
	}
	until(t, "one is left", func() bool { return len(described(second).Instances) == 1 })
}

func TestWaitingForNATSCanBeStopped(t *testing.T) {
	var stderr bytes.Buffer
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	if status := run(ctx, nil, []string{"--rtmfp", "127.0.0.1:0", "--http", "127.0.0.1:0", "--nats", "nats://127.0.0.1:1"}, &stderr, &stderr); status != exitOK {
		t.Errorf("%d, %s", status, stderr.String())
	}
}

func TestTheRelayTakesTheCredentialsThatTheDirectoryGives(t *testing.T) {
	i := start(t, "--turn", "127.0.0.1:0", "--turn-peers", "127.0.0.0/8")
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	request, err := v1.SignRelayRequest(key, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Post("http://"+i.http+"/v1/relay", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var relay v1.Relay
	if err := json.NewDecoder(resp.Body).Decode(&relay); err != nil || len(relay.URLs) != 2 {
		t.Fatalf("%s: %+v, %v", resp.Status, relay, err)
	}
	for _, address := range relay.URLs {
		u, err := turn.ParseURL(address)
		if err != nil {
			t.Fatal(err)
		}
		u.User, u.Password = relay.Username, relay.Password
		c, err := turn.Dial(context.Background(), u.String())
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		_ = c.Close()
	}
	if _, body := i.get(t, "/metrics"); !strings.Contains(body, "\nsundogd_turn_allocated_total 2\n") {
		t.Errorf("metrics: %s", body)
	}
}
