package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"sundog.dev/sundog/internal/phone"
)

// programVariable makes the test binary be sundog-headless.
const programVariable = "SUNDOG_TEST_HEADLESS"

func TestMain(m *testing.M) {
	if err := os.Setenv("SUNDOG_KEYRING", "off"); err != nil { // leave the keyring of whoever runs them alone
		panic(err)
	}
	if os.Getenv(programVariable) != "" {
		main()
	}
	os.Exit(m.Run())
}

// program is sundog-headless as a process of its own.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, self, append([]string{"--profile", t.TempDir()}, args...)...)
	cmd.Env = append(os.Environ(), programVariable+"=1")
	return cmd
}

func TestReaderWhoGoesAwayEndsNothing(t *testing.T) {
	t.Parallel()
	cmd := program(t, "--name", "ada", "--server", "rtmfp://127.0.0.1:9", "--bind", "127.0.0.1:0", "call", "bob")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil { // head -c 1
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil { // it tells how the call ended
		t.Fatal(err)
	}
	err = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitNoCall {
		t.Errorf("exit %d (%v), want %d as if somebody read", code, err, exitNoCall)
	}
}

func TestAnswerStopsAsAsked(t *testing.T) {
	t.Parallel()
	cmd := program(t, "--name", "ada", "--server", "rtmfp://127.0.0.1:9", "--bind", "127.0.0.1:0", "answer")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil { // ready
		t.Fatal(err)
	}
	for range 2 { // as timeout(1) does
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

func TestBadFlagsExitWithOneSentence(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"", "a command is needed"},
		{"sing", `"sing" is not a command`},
		{"call", "call whom"},
		{"--name ada --server rtmfp://x call ADA", "your own name"},
		{"--name ada --server rtmfp://x:99999 answer", "not a service's address"},
		{"answer bob", "takes no further words"},
		{"--nonsense answer", "nonsense"},
		{"--camera eye --name a --server rtmfp://x answer", "--camera"},
		{"answer", "--name is needed"},
		{"--server rtmfp://x answer", "--name is needed"},
		{"confer", "confer takes new"},
		{"confer a b", "confer takes new"},
		{"confer sundog:bob?at=rtmfp://x", "not into a conference"},
		{"confer sundog:bob?at=rtmfp://x&room=AAAA", "not whole"},
		{"confer new", "--name is needed"},
		{"--view side --name a --server rtmfp://x answer", "grid or speaker"},
		{"--max-peers 99 --name a --server rtmfp://x answer", "15 at most"},
		{"check", "not in this version"},
		{"identity steal", "export FILE"},
		{"identity export", "one file"},
		{"identity import a b", "one file"},
		{"identity keep cellar", "keyring or file"},
		{"--keyring perhaps identity", "auto or off"},
		{"call sundog:?v=1", "this link names nobody"},
		{"--directory xmpp:ada@example.org call bob", "a service is needed"},
		{"--directory carrier-pigeon --server rtmfp://x call bob", "not a directory's address"},
		{"trust bob", "trust takes a name and an identity key"},
		{"trust bob 1234", "64 hex digits"},
		{"--once-key 1234 --server rtmfp://x call bob", "64 hex digits"},
		{"--once-key 1234 --name a --server rtmfp://x answer", "goes with call"},
		{"--verify perhaps --server rtmfp://x call bob", "--verify is auto or off"},
		{"--old-clients maybe --server rtmfp://x call bob", "--old-clients is refuse or allow"},
	} {
		var stdout, stderr bytes.Buffer
		args := append([]string{"--profile", t.TempDir()}, strings.Fields(c.args)...)
		if code := run(t.Context(), args, strings.NewReader(""), &stdout, &stderr); code != exitUsage {
			t.Errorf("%q: exit %d", c.args, code)
		}
		if !strings.Contains(stderr.String(), c.want) || strings.Count(stderr.String(), "\n") != 1 || stdout.Len() > 0 {
			t.Errorf("%q: said %q and %q, want one line about %q", c.args, stderr.String(), stdout.String(), c.want)
		}
	}
}

func TestVersionIsTold(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"--version"}, strings.NewReader(""), &stdout, &stderr); code != exitOK || !strings.HasPrefix(stdout.String(), "sundog-headless ") || stderr.Len() > 0 {
		t.Errorf("exit %d, said %q and %q", code, stdout.String(), stderr.String())
	}
}

func TestEventsAreOneJSONObjectALine(t *testing.T) {
	var b bytes.Buffer
	newPrinter(&b, true).print("state", "peer", `B"ob`, "state", "in_call", "reason", "", "rtt_ms", 1.5)
	var got map[string]any
	if err := json.Unmarshal(b.Bytes(), &got); err != nil || b.Bytes()[b.Len()-1] != '\n' {
		t.Fatalf("%q: %v", b.String(), err)
	}
	if _, err := time.Parse("2006-01-02T15:04:05.000Z07:00", got["time"].(string)); err != nil {
		t.Error(err)
	}
	delete(got, "time")
	if len(got) != 4 || got["event"] != "state" || got["peer"] != `B"ob` || got["state"] != "in_call" || got["rtt_ms"] != 1.5 {
		t.Errorf("event is %v", got)
	}
}

func TestTextOfOthersStaysOnItsLine(t *testing.T) {
	var b bytes.Buffer
	newPrinter(&b, false).print("chat", "peer", "bob", "text", "hello\n2026-01-01 ended reason=hangup", "loss", 0.5)
	if _, got, _ := strings.Cut(b.String(), " "); got != `chat peer=bob text="hello\n2026-01-01 ended reason=hangup" loss=0.5`+"\n" {
		t.Errorf("printed %q", got)
	}
}

func TestExitStatusTellsHowTheCallWent(t *testing.T) {
	for _, c := range []struct {
		established bool
		reason      phone.Reason
		want        int
	}{
		{true, "hangup", exitOK},
		{true, "peer_lost", exitBroken},
		{false, "declined", exitNoCall},
		{false, "hangup", exitNoCall},
	} {
		if got := exitStatus(c.established, c.reason); got != c.want {
			t.Errorf("established %v, %s: %d, want %d", c.established, c.reason, got, c.want)
		}
	}
}
