package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// relayRealm and relaySecret are coturn's in this check.
const relayRealm, relaySecret = "relay.example", "a secret for one check"

// checkRelay carries RTMFP over TURN servers: Debian's coturn, and our own one.
func checkRelay(ctx context.Context, b *bench) error {
	interop, err := b.build(ctx, "./internal/interop")
	if err != nil {
		return err
	}
	coturn, host, err := b.startCoturn(ctx)
	if err != nil {
		return err
	}
	defer coturn.stop()
	for name, query := range map[string]string{"UDP": "", "TCP": "?transport=tcp"} {
		b.overRelay(ctx, "coturn over "+name, interop, "turn:"+restCredentials("ann", time.Hour)+"@"+host+query)
	}
	b.refusedByRelay(ctx, "coturn, wrong password", interop, "turn:"+restUser("ann", time.Hour)+":wrong@"+host)
	b.refusedByRelay(ctx, "coturn, expired credentials", interop, "turn:"+restCredentials("ann", -time.Hour)+"@"+host)
	return nil
}

// startCoturn starts a coturn on loopback, with credentials of the TURN REST form.
func (b *bench) startCoturn(ctx context.Context) (*program, string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	host := l.Addr().String()
	_, port, _ := net.SplitHostPort(host)
	_ = l.Close()
	p, err := start("coturn", nil, "turnserver", "-n", "--no-cli", "--no-tls", "--no-dtls", "--listening-ip", "127.0.0.1",
		"--listening-port", port, "--relay-ip", "127.0.0.1", "--allow-loopback-peers", "--use-auth-secret",
		"--static-auth-secret", relaySecret, "--realm", relayRealm, "--log-file", "stdout", "--simple-log",
		"--pidfile", filepath.Join(b.dir, "coturn.pid"), "--userdb", filepath.Join(b.dir, "coturn.db"))
	if err != nil {
		return nil, "", err
	}
	return p, host, p.serves(ctx, soon, func() error { return answers(host) })
}

func restUser(identity string, lifetime time.Duration) string {
	return strconv.FormatInt(time.Now().Add(lifetime).Unix(), 10) + ":" + identity
}

// restCredentials are user:password as everybody computes them who knows the secret.
func restCredentials(identity string, lifetime time.Duration) string {
	user := restUser(identity, lifetime)
	mac := hmac.New(sha1.New, []byte(relaySecret))
	mac.Write([]byte(user))
	return user + ":" + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// overRelay has a sender behind the relay send to a plain peer for some seconds.
func (b *bench) overRelay(ctx context.Context, what, interop, relay string) {
	const seconds = 5
	sink := exec.CommandContext(ctx, interop, "sink", "-once")
	reports, err := sink.StdoutPipe()
	if err == nil {
		err = sink.Start()
	}
	if err != nil {
		b.report.holds(what, false, err.Error())
		return
	}
	defer func() {
		_ = sink.Process.Kill()
		_ = sink.Wait()
	}()
	lines := bufio.NewScanner(reports)
	var listening struct{ Address, Fingerprint string }
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &listening) != nil {
		b.report.holds(what+": the peer listens", false, lines.Text())
		return
	}
	send := exec.CommandContext(ctx, interop, "send", "-relay", relay, "-to-uri", "rtmfp:", "-small", "160", "-rate", "100",
		"-bulk", "1000", "-time", strconv.Itoa(seconds)+"s", listening.Address)
	out, err := send.CombinedOutput()
	b.report.holds(what+": sent and ended as meant", err == nil, string(bytes.TrimSpace(out)))
	if err != nil {
		return
	}
	for lines.Scan() {
		var r struct {
			What     string
			Flow     string
			All      int
			P50      float64 `json:"p50_ms"`
			P95      float64 `json:"p95_ms"`
			Messages int
		}
		if json.Unmarshal(lines.Bytes(), &r) != nil || r.What != "received" {
			continue
		}
		if r.Messages > 0 {
			b.report.atLeast(what+": small messages of "+strconv.Itoa(100*seconds)+" received", float64(r.All), 80*seconds, "") // the sender writes fewer where processors are busy
			b.report.atMost(what+": their delay, p95", r.P95, 100, "ms")
		} else {
			b.report.note("%s: %d bulk messages of 1000 bytes beside them", what, r.All)
		}
	}
}

// refusedByRelay has a sender be refused, and looks for a sentence about it.
func (b *bench) refusedByRelay(ctx context.Context, what, interop, relay string) {
	out, err := exec.CommandContext(ctx, interop, "send", "-relay", relay, "-small", "100", "127.0.0.1:9").CombinedOutput()
	b.report.holds(what+": refused with a sentence", err != nil && strings.Contains(string(out), "the relay refuses"), string(bytes.TrimSpace(out)))
}
