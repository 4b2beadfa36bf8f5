package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// instance is a service that runs in this process.
type instance struct {
	rtmfp, http string // the addresses that it says it has
	stop        context.CancelFunc
	status      chan int
}

// start runs the service on loopback, on ports that the system chooses.
func start(t *testing.T, args ...string) instance {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	logs, w := io.Pipe()
	i := instance{stop: cancel, status: make(chan int, 1)}
	go func() {
		i.status <- run(ctx, append([]string{"--rtmfp", "127.0.0.1:0", "--http", "127.0.0.1:0"}, args...), io.Discard, w)
		_ = w.Close()
	}()
	lines := bufio.NewScanner(logs)
	for lines.Scan() {
		var line struct{ Msg, RTMFP, HTTP string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("a log line is no JSON: %s", lines.Bytes())
		}
		if line.Msg == "ready" {
			i.rtmfp, i.http = line.RTMFP, line.HTTP
			break
		}
	}
	drained := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, logs)
		close(drained)
	}()
	t.Cleanup(func() {
		cancel()
		<-drained
	})
	if i.http == "" {
		t.Fatal("the service never got ready")
	}
	return i
}

func (i instance) get(t *testing.T, path string) (int, string) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	resp, err := client.Get("http://" + i.http + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestTheServiceServesAndStopsAsAsked(t *testing.T) {
	i := start(t)
	if code, body := i.get(t, "/healthz"); code != http.StatusOK || body != "ok\n" {
		t.Errorf("/healthz: %d %q", code, body)
	}
	if code, _ := i.get(t, "/crossdomain.xml"); code != http.StatusOK {
		t.Errorf("/crossdomain.xml: %d", code)
	}
	if code, _ := i.get(t, "/nothing"); code != http.StatusNotFound {
		t.Errorf("/nothing: %d", code)
	}

	id := strings.Repeat("0123456789abcdef", 4)
	i.get(t, "/reg.cgi?username=Ann&identity="+id)
	if _, body := i.get(t, "/reg.cgi?friends=ann"); !strings.Contains(body, "<identity>"+id+"</identity>") {
		t.Errorf("looked up: %s", body)
	}

	code, body := i.get(t, "/metrics")
	for _, want := range []string{"\nsundogd_clients 0\n", "\n# TYPE sundogd_relayed_total counter\n", "\nsundogd_directory_requests_total 4\n"} {
		if code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("/metrics: %d without %q:\n%s", code, want, body)
		}
	}

	i.stop()
	if status := <-i.status; status != exitOK {
		t.Errorf("exit status %d", status)
	}
}

func TestNamesAreKeptInTheDataDirectory(t *testing.T) {
	dir := t.TempDir() + "/new"
	id := strings.Repeat("ab", 32)
	first := start(t, "--data", dir)
	first.get(t, "/reg.cgi?username=Ann&identity="+id)
	first.stop()
	if status := <-first.status; status != exitOK {
		t.Fatalf("exit status %d", status)
	}
	second := start(t, "--data", dir)
	if _, body := second.get(t, "/reg.cgi?friends=Ann"); !strings.Contains(body, id) {
		t.Errorf("forgotten: %s", body)
	}
}

func TestAnAddressInUseIsOneSentence(t *testing.T) {
	i := start(t)
	for name, tt := range map[string]struct{ args, want []string }{
		"UDP": {[]string{"--rtmfp", i.rtmfp, "--http", "127.0.0.1:0"}, []string{"UDP", i.rtmfp}},
		"TCP": {[]string{"--rtmfp", "127.0.0.1:0", "--http", i.http}, []string{"TCP", i.http}},
	} {
		var stderr bytes.Buffer
		status := run(context.Background(), tt.args, io.Discard, &stderr)
		want := "sundogd: the " + tt.want[0] + " address " + tt.want[1] + " is in use by another program\n"
		if status != exitFailed || stderr.String() != want {
			t.Errorf("%s: status %d, %q; want %q", name, status, stderr.String(), want)
		}
	}
	if conn, err := net.Dial("tcp", i.http); err != nil {
		t.Errorf("the first instance suffered: %v", err)
	} else {
		_ = conn.Close()
	}
}

func TestBadFlagsAreOneSentence(t *testing.T) {
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"unknown":          {[]string{"--colour", "red"}, "-colour"},
		"no value":         {[]string{"--rtmfp"}, "-rtmfp"},
		"an argument":      {[]string{"start"}, `"start" is no flag`},
		"no port":          {[]string{"--rtmfp", "localhost"}, `--rtmfp "localhost" is not of the form [host]:port`},
		"a named port":     {[]string{"--http", ":http"}, `--http ":http" is not of the form [host]:port`},
		"too large a port": {[]string{"--http", ":65536"}, "--http"},
		"no IP address":    {[]string{"--advertise", "example.org"}, `--advertise "example.org" is no IP address`},
		"any IP address":   {[]string{"--advertise", "0.0.0.0"}, "--advertise"},
		"the relay":        {[]string{"--turn", ":3478"}, "--turn is not in this version"},
		"NATS":             {[]string{"--nats", "nats://localhost"}, "--nats is not in this version"},
	} {
		var stderr bytes.Buffer
		status := run(context.Background(), tt.args, io.Discard, &stderr)
		if status != exitFlags || strings.Count(stderr.String(), "\n") != 1 || !strings.Contains(stderr.String(), tt.want) {
			t.Errorf("%s: status %d, %q", name, status, stderr.String())
		}
	}
}

func TestHelpAndVersionAreNoErrors(t *testing.T) {
	for _, tt := range []struct{ flag, want string }{{"--help", "-advertise ADDR"}, {"--version", "sundogd "}} {
		var stdout, stderr bytes.Buffer
		if status := run(context.Background(), []string{tt.flag}, &stdout, &stderr); status != exitOK || stderr.Len() > 0 || !strings.Contains(stdout.String(), tt.want) {
			t.Errorf("%s: %d, %q, %q", tt.flag, status, stdout.String(), stderr.String())
		}
	}
}

func TestAdvertisedAddresses(t *testing.T) {
	for s, want := range map[string]string{"192.0.2.1": "192.0.2.1", "192.0.2.1:1935": "192.0.2.1", "[2001:db8::1]:1": "2001:db8::1", "::ffff:192.0.2.1": "192.0.2.1"} {
		if opt, err := parseFlags([]string{"--advertise", s}, io.Discard); err != nil || opt.advertise.String() != want {
			t.Errorf("%s: %v, %v", s, opt.advertise, err)
		}
	}
}

func TestADataDirectoryThatCannotBeUsedIsTold(t *testing.T) {
	var stderr bytes.Buffer
	status := run(context.Background(), []string{"--rtmfp", "127.0.0.1:0", "--http", "127.0.0.1:0", "--data", "/dev/null/x"}, io.Discard, &stderr)
	if status != exitFailed || !strings.Contains(stderr.String(), "/dev/null") {
		t.Errorf("%d, %q", status, stderr.String())
	}
}
