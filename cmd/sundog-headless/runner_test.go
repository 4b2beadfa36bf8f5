package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"sundog.dev/sundog/internal/phone"
	"sundog.dev/sundog/internal/phone/phonetest"
)

// on are the flags for a phone on a service.
func on(s *phonetest.Service, name string, more ...string) []string {
	return append([]string{"--server", s.Server, "--directory", s.Directory, "--bind", "127.0.0.1:0", "--name", name, "--json"}, more...)
}

// start starts the program and returns its events, which are closed with it.
func start(t *testing.T, cmd *exec.Cmd) <-chan map[string]any {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	events := make(chan map[string]any, 1000)
	go func() {
		defer close(events)
		for d := json.NewDecoder(out); ; {
			var ev map[string]any
			if d.Decode(&ev) != nil {
				return
			}
			events <- ev
		}
	}()
	return events
}

// await reads events until one has the fields, given as name=value.
func await(t *testing.T, events <-chan map[string]any, fields ...string) map[string]any {
	t.Helper()
	late := time.After(time.Minute)
	for {
		select {
		case ev, ok := <-events:
			if !ok {
				t.Fatal("the program ended before ", fields)
			}
			if !slices.ContainsFunc(fields, func(f string) bool {
				name, value, _ := strings.Cut(f, "=")
				return fmt.Sprint(ev[name]) != value
			}) {
				return ev
			}
		case <-late:
			t.Fatal("nothing said of ", fields)
		}
	}
}

func stop(t *testing.T, cmd *exec.Cmd, events <-chan map[string]any) {
	t.Helper()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for range events {
	}
	if err := cmd.Wait(); err != nil {
		t.Error("asked to stop:", err)
	}
}

func TestEventsHaveTheirFields(t *testing.T) {
	t.Parallel()
	s := phonetest.NewService(t)
	bob := program(t, on(s, "Bob", "--accept", "anyone", "--camera", "test:320x180@15", "--mic", "tone", "answer")...)
	events := start(t, bob)
	await(t, events, "event=registered")
	ada := program(t, on(s, "ada", "--camera", "test:320x180@15", "--mic", "tone", "--duration", "2500ms", "call", "bob")...)
	var out bytes.Buffer
	ada.Stdout = &out
	if err := ada.Run(); err != nil {
		t.Fatal(err)
	}
	if ev := await(t, events, "event=incoming"); ev["peer"] != "ada" || ev["proved"] != true {
		t.Errorf("incoming: %v", ev)
	}
	await(t, events, "event=ended", "reason=hangup")
	stop(t, bob, events)

	fields := map[string]string{
		"ready":      "peer_id",
		"registered": "peer_id",
		"state":      "peer state",
		"ended":      "peer reason sentence",
		"stats":      "peer rtt_ms loss send_kbps recv_kbps audio_latency_ms video_latency_ms fps width height uplink_kbps path",
	}
	stamp := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)$`)
	seen := map[any]bool{}
	var states []string
	for line := range strings.Lines(out.String()) {
		var ev map[string]any
		if err := json.Unmarshal([]byte(line), &ev); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		name := fmt.Sprint(ev["event"])
		seen[name] = true
		if at, ok := ev["time"].(string); !ok || !stamp.MatchString(at) {
			t.Errorf("%s without its time: %s", name, line)
		}
		for f := range strings.FieldsSeq(fields[name]) {
			if _, ok := ev[f]; !ok {
				t.Errorf("%s without %s: %s", name, f, line)
			}
		}
		if name == "state" && (len(states) == 0 || states[len(states)-1] != ev["state"]) {
			states = append(states, fmt.Sprint(ev["state"]))
		}
	}
	for name := range fields {
		if !seen[name] {
			t.Errorf("no event %s in\n%s", name, out.String())
		}
	}
	if want := []string{"calling", "connecting", "in_call", "ended"}; !slices.Equal(states, want) {
		t.Errorf("states are %v, want %v", states, want)
	}
}

// A caller whose phone died keeps the line for as long as the call may come back, but not from others.
func TestBrokenCallKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	s := phonetest.NewService(t)
	bob := program(t, on(s, "bob", "--accept", "anyone", "echo")...)
	events := start(t, bob)
	await(t, events, "event=registered")
	first := program(t, on(s, "ada", "call", "bob")...)
	await(t, start(t, first), "state=in_call")
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait() // it was killed
	await(t, events, "peer=ada", "state="+string(phone.Reconnecting))
	second := program(t, on(s, "cid", "--duration", "100ms", "call", "bob")...)
	answers := start(t, second)
	await(t, answers, "state=in_call")
	for range answers {
	}
	if err := second.Wait(); err != nil {
		t.Error("the second caller:", err)
	}
	if ev := await(t, events, "peer=ada", "event=ended"); ev["reason"] != "hangup" {
		t.Errorf("the broken call was not given up: %v", ev)
	}
	await(t, events, "peer=cid", "event=ended", "reason=hangup")
	stop(t, bob, events)
}

func TestAnswerOnce(t *testing.T) {
	t.Parallel()
	s := phonetest.NewService(t)
	bob := program(t, on(s, "bob", "--accept", "anyone", "--once", "answer")...)
	events := start(t, bob)
	await(t, events, "event=registered")
	ada := program(t, on(s, "ada", "--duration", "100ms", "call", "bob")...)
	if err := ada.Run(); err != nil {
		t.Error(err)
	}
	await(t, events, "event=ended", "reason=hangup")
	for range events {
	}
	if err := bob.Wait(); err != nil {
		t.Error("after one call:", err)
	}
}

// Whoever has another key than the remembered one is not called, and both keys are told; then it is the user's to decide.
func TestAChangedIdentityIsTold(t *testing.T) {
	t.Parallel()
	here, there := phonetest.NewService(t), phonetest.NewService(t)
	profile := t.TempDir()
	ada := func(s *phonetest.Service, args ...string) (ended map[string]any) {
		t.Helper()
		cmd := program(t, append(on(s, "ada", "--profile", profile, "--duration", "100ms"), args...)...)
		events := start(t, cmd)
		for ev := range events {
			if ev["event"] == "ended" || ev["event"] == "trusted" {
				ended = ev
			}
		}
		_ = cmd.Wait() // the events tell
		return ended
	}
	for _, s := range []*phonetest.Service{here, there} {
		bob := program(t, on(s, "bob", "--accept", "anyone", "answer")...)
		events := start(t, bob)
		await(t, events, "event=registered")
		defer stop(t, bob, events)
	}
	if ev := ada(here, "call", "bob"); ev["reason"] != "hangup" {
		t.Fatalf("the first call: %v", ev)
	}
	ev := ada(there, "call", "bob")
	key := fmt.Sprint(ev["identity"])
	if ev["reason"] != "identity_changed" || len(fmt.Sprint(ev["remembered"])) != 64 || len(key) != 64 || ev["remembered"] == key {
		t.Fatalf("the second bob: %v", ev)
	}
	for _, c := range []struct{ args, reason string }{
		{"--once-key " + key + " call bob", "hangup"},
		{"call bob", "identity_changed"}, // once was once
		{"trust bob " + key, "<nil>"},
		{"call bob", "hangup"},
	} {
		if ev := ada(there, strings.Fields(c.args)...); ev == nil || fmt.Sprint(ev["reason"]) != c.reason {
			t.Errorf("%s: %v", c.args, ev)
		}
	}
}

func TestARefusedStrangerIsTold(t *testing.T) {
	t.Parallel()
	s := phonetest.NewService(t)
	bob := program(t, on(s, "bob", "--accept", "contacts", "answer")...)
	events := start(t, bob)
	await(t, events, "event=registered")
	ada := program(t, on(s, "ada", "call", "bob")...)
	called := start(t, ada)
	await(t, called, "event=ended", "reason=declined")
	if ev := await(t, events, "event=request", "peer=ada", "times=1"); len(fmt.Sprint(ev["identity"])) != 64 || ev["where"] == nil || ev["standing"] != "stranger" {
		t.Errorf("the directory knows ada: %v", ev)
	}
	for range called {
	}
	_ = ada.Wait() // it says that no call came about
	stop(t, bob, events)
}

func TestTheShortStringIsTold(t *testing.T) {
	t.Parallel()
	s := phonetest.NewService(t)
	bob := program(t, on(s, "bob", "--accept", "anyone", "--once", "answer")...)
	events := start(t, bob)
	await(t, events, "event=registered")
	ada := program(t, on(s, "ada", "--duration", "2s", "call", "bob")...)
	called := start(t, ada)
	if ev := await(t, events, "event=incoming"); ev["standing"] != "stranger" || len(fmt.Sprint(ev["identity"])) != 64 || ev["old_client"] != false {
		t.Errorf("incoming: %v", ev)
	}
	if ev := await(t, called, "event=proved"); ev["standing"] != "first_seen" || len(fmt.Sprint(ev["far_nonce"])) != 64 {
		t.Errorf("proved: %v", ev)
	}
	here, there := await(t, called, "event=verified"), await(t, events, "event=verified")
	for _, ev := range []map[string]any{here, there} {
		if ev["state"] != "compared" || len(strings.Fields(fmt.Sprint(ev["sas"]))) != 3 || len([]rune(fmt.Sprint(ev["emoji"]))) != 6 || len(fmt.Sprint(ev["identity"])) != 64 {
			t.Errorf("verified: %v", ev)
		}
	}
	if here["sas"] != there["sas"] || here["emoji"] != there["emoji"] || here["identity"] == there["identity"] {
		t.Errorf("they see %v and %v", here, there)
	}
	for range called {
	}
	if err := ada.Wait(); err != nil {
		t.Error(err)
	}
	for range events {
	}
	_ = bob.Wait() // after its one call
}

func TestAFailedComparisonIsTold(t *testing.T) {
	var out bytes.Buffer
	p, err := phone.New(phone.Config{Directory: "service"})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close() //nolint:errcheck // nothing to lose
	c, err := p.TestCall()
	if err != nil {
		t.Fatal(err)
	}
	r := &runner{phone: p, out: newPrinter(&out, false), failed: map[*phone.Call]int{}}
	var ev phone.ComparisonChanged
	ev.Comparison.Failure.Reason, ev.Comparison.Failure.Attempt = "no_commitment", 3
	for range 2 { // of one failure it is told once
		r.printComparison(c, ev)
	}
	if text := out.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "state=failed reason=no_commitment") || !strings.Contains(text, "attempt=3") {
		t.Errorf("told is %q", text)
	}
}
