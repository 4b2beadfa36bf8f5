package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
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
	hup         chan<- os.Signal
	status      chan int
}

// start runs the service on loopback, on ports that the system chooses.
func start(t *testing.T, args ...string) instance {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	logs, w := io.Pipe()
	hup := make(chan os.Signal)
	i := instance{stop: cancel, hup: hup, status: make(chan int, 1)}
	go func() {
		i.status <- run(ctx, hup, append([]string{"--rtmfp", "127.0.0.1:0", "--http", "127.0.0.1:0", "--data", noData}, args...), io.Discard, w)
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
	for _, want := range []string{"\nsundogd_clients 0\n", "\n# TYPE sundogd_relayed_total counter\n", "\nsundogd_directory_requests_total{code=\"2xx\"} 3\n", "\ngo_goroutines "} {
		if code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("/metrics: %d without %q:\n%s", code, want, body)
		}
	}

	if code, body := i.get(t, "/readyz"); code != http.StatusOK || body != "ready\n" {
		t.Errorf("/readyz: %d %q", code, body)
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
		"UDP": {[]string{"--rtmfp", i.rtmfp, "--http", "127.0.0.1:0", "--data", noData}, []string{"UDP", i.rtmfp}},
		"TCP": {[]string{"--rtmfp", "127.0.0.1:0", "--http", i.http, "--data", noData}, []string{"TCP", i.http}},
	} {
		var stderr bytes.Buffer
		status := run(context.Background(), nil, tt.args, io.Discard, &stderr)
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
		"no URL":           {[]string{"--advertise-url", "example.org"}, `--advertise-url "example.org" is no http or https URL`},
		"half a pair":      {[]string{"--tls-cert", "x"}, "--tls-cert and --tls-key are given together"},
		"no network":       {[]string{"--proxies", "10.0.0.0/8,proxy"}, `--proxies: "proxy" is no network`},
		"no level":         {[]string{"--log-level", "loud"}, `--log-level "loud"`},
		"no file":          {[]string{"--config", "/dev/null/x"}, "the configuration file cannot be read"},
	} {
		var stderr bytes.Buffer
		status := run(context.Background(), nil, tt.args, io.Discard, &stderr)
		if status != exitFlags || strings.Count(stderr.String(), "\n") != 1 || !strings.Contains(stderr.String(), tt.want) {
			t.Errorf("%s: status %d, %q", name, status, stderr.String())
		}
	}
}

func TestHelpAndVersionAreNoErrors(t *testing.T) {
	for _, tt := range []struct{ flag, want string }{{"--help", "-advertise ADDR"}, {"--version", "sundogd "}} {
		var stdout, stderr bytes.Buffer
		if status := run(context.Background(), nil, []string{tt.flag}, &stdout, &stderr); status != exitOK || stderr.Len() > 0 || !strings.Contains(stdout.String(), tt.want) {
			t.Errorf("%s: %d, %q, %q", tt.flag, status, stdout.String(), stderr.String())
		}
	}
}

func TestAdvertisedAddresses(t *testing.T) {
	for s, want := range map[string]string{"192.0.2.1": "192.0.2.1:0", "192.0.2.1:1935": "192.0.2.1:1935", "[2001:db8::1]:1": "[2001:db8::1]:1", "::ffff:192.0.2.1": "192.0.2.1:0"} {
		if opt, err := parseFlags([]string{"--advertise", s}, io.Discard); err != nil || opt.advertise != netip.MustParseAddrPort(want) {
			t.Errorf("%s: %v, %v", s, opt.advertise, err)
		}
	}
}

func TestAConfigurationFileHoldsFlags(t *testing.T) {
	name := filepath.Join(t.TempDir(), "sundogd.conf")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("# where we are\nhttp = 127.0.0.1:80\n\nadvertise=192.0.2.1\nproxies = 10.0.0.0/8, 192.0.2.7\n")
	opt, err := parseFlags([]string{"--http", ":8080", "--config", name}, io.Discard)
	if err != nil || opt.http != ":8080" || opt.advertise.Addr().String() != "192.0.2.1" || len(opt.proxies) != 2 {
		t.Errorf("%+v, %v", opt, err)
	}
	for text, want := range map[string]string{
		"colour = red":       `line 1: there is no setting "colour"`,
		"\nconfig = x":       `line 2: there is no setting "config"`,
		"http":               "line 1 is not of the form name = value",
		"rtmfp=:1\nrtmfp=:2": `line 2: "rtmfp" is set in line 1 already`,
		"http = :x":          `--http ":x"`,
	} {
		write(text)
		if _, err := parseFlags([]string{"--config", name}, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestADataDirectoryThatCannotBeUsedIsTold(t *testing.T) {
	var stderr bytes.Buffer
	status := run(context.Background(), nil, []string{"--rtmfp", "127.0.0.1:0", "--http", "127.0.0.1:0", "--data", "/dev/null/x"}, io.Discard, &stderr)
	if status != exitFailed || !strings.Contains(stderr.String(), "/dev/null") {
		t.Errorf("%d, %q", status, stderr.String())
	}
}
