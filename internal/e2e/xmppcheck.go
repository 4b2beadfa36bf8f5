package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// checkXMPP runs the XMPP directory's tests against Prosody and ejabberd, which it starts and, when a test asks, restarts.
func checkXMPP(ctx context.Context, b *bench) error {
	certs, err := newCertificates(xmppDomain)
	if err != nil {
		return err
	}
	authority := filepath.Join(b.dir, "authority.pem")
	if err := os.WriteFile(authority, certs.authority, 0o644); err != nil {
		return err
	}
	for _, name := range xmppServers() {
		if err := b.xmppServer(ctx, name, certs, authority); err != nil {
			b.report.holds(name+": the check ran to its end", false, err.Error())
		}
	}
	return ctx.Err()
}

// xmppServers are the servers to check; a variable may name one of them.
func xmppServers() []string {
	if only := os.Getenv("SUNDOG_E2E_XMPP"); only != "" {
		return []string{only}
	}
	return []string{"prosody", "ejabberd"}
}

func (b *bench) xmppServer(ctx context.Context, name string, certs certificates, authority string) error {
	s, err := newXMPPServer(b.run, name, certs)
	if err != nil {
		return err
	}
	defer s.remove()
	if err := s.start(ctx); err != nil {
		return err
	}
	defer func() { s.stop() }()
	if err := s.register(); err != nil {
		return err
	}
	if err := b.xmppTests(ctx, s, authority); err != nil {
		return err
	}
	return b.xmppCalls(ctx, s, authority)
}

// xmppTests runs the tests of idmanager/xmpp against the server. They ask for restarts over HTTP.
func (b *bench) xmppTests(ctx context.Context, s *xmppServer, authority string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	control := &http.Server{Handler: s.controls(ctx)}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = control.Serve(listener) // until closed
	}()
	defer func() {
		_ = control.Close()
		<-served
	}()
	out, err := b.goTest(ctx, "idmanager/xmpp", []string{
		"SUNDOG_XMPP_SERVER=" + s.startTLS, "SUNDOG_XMPP_DIRECT=" + s.direct, "SUNDOG_XMPP_DOMAIN=" + xmppDomain,
		"SUNDOG_XMPP_PASSWORD=" + xmppPassword, "SUNDOG_XMPP_AUTHORITY=" + authority, "SUNDOG_XMPP_CONTROL=http://" + listener.Addr().String(),
	}, "-test.run=^TestServer[A-Z]", "-test.timeout=10m")
	_ = os.WriteFile(filepath.Join(b.keep, s.name+".log"), out, 0o644)
	b.xmppResults(s.name, string(out))
	if err != nil {
		return fmt.Errorf("%w; the server's log: %s", err, s.tail())
	}
	return nil
}

// controls restarts the server as tests ask: POST /restart?by=stop|kill&show=good|wrong-name|self-signed.
func (s *xmppServer) controls(ctx context.Context) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /restart", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("by") == "kill" {
			s.kill()
		} else {
			s.stop()
		}
		shown := map[string]certificate{"": s.certs.good, "good": s.certs.good, "wrong-name": s.certs.wrongName, "self-signed": s.certs.selfSigned}
		err := s.show(shown[r.FormValue("show")])
		if err == nil {
			err = s.start(ctx)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	return mux
}

var (
	testResult = regexp.MustCompile(`(?m)^\s*--- (PASS|FAIL): TestServer([A-Z]\S*)`)
	testFigure = regexp.MustCompile(`(?m)figure: ([^=\n]+) = ([0-9.]+) s \(at most ([0-9.]+) s\)`)
)

// xmppResults reports each test, and holds the figures that they tell against the marks that they name.
func (b *bench) xmppResults(server, out string) {
	results := testResult.FindAllStringSubmatch(out, -1)
	b.report.holds(server+": tests were run", len(results) > 0, out[max(0, len(out)-500):])
	for _, m := range results {
		b.report.holds(server+": "+strings.ReplaceAll(m[2], "_", " "), m[1] == "PASS", "see "+filepath.Join(b.keep, server+".log"))
	}
	for _, m := range testFigure.FindAllStringSubmatch(out, -1) {
		value, err := strconv.ParseFloat(m[2], 64)
		mark, err2 := strconv.ParseFloat(m[3], 64)
		if err == nil && err2 == nil {
			b.report.atMost(server+": "+m[1], value, mark, "s")
		}
	}
	for line := range bytes.Lines([]byte(out)) {
		if _, told, ok := strings.Cut(string(line), "note: "); ok {
			b.report.note("%s: %s", server, strings.TrimSpace(told))
		}
	}
}
