package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"sundog.dev/sundog/internal/phone/phonetest"
)

// controlled starts the program with --control, and returns its events and what gives it commands.
func controlled(t *testing.T, s *phonetest.Service, name string, more ...string) (*exec.Cmd, <-chan map[string]any, func(format string, args ...any)) {
	t.Helper()
	cmd := program(t, on(s, name, append([]string{"--control", "--mic", "tone", "--camera", "test:320x180@15"}, more...)...)...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	return cmd, start(t, cmd), func(format string, args ...any) {
		t.Helper()
		if _, err := fmt.Fprintf(in, format+"\n", args...); err != nil {
			t.Fatal(err)
		}
	}
}

// ends waits for a program's end, and returns its exit status.
func ends(t *testing.T, cmd *exec.Cmd, events <-chan map[string]any) int {
	t.Helper()
	for range events {
	}
	_ = cmd.Wait() // the status says it
	return cmd.ProcessState.ExitCode()
}

func TestAConferenceFromCommands(t *testing.T) {
	t.Parallel()
	s := phonetest.NewService(t)
	folder := t.TempDir()
	ada, adas, tellAda := controlled(t, s, "ada", "confer", "new")
	link := fmt.Sprint(await(t, adas, "event=room")["link"])
	bob, bobs, tellBob := controlled(t, s, "bob", "--files", folder, "confer", link)
	await(t, adas, "event=member", "peer=bob", "state=joined")
	await(t, bobs, "event=member", "peer=ada", "state=joined")
	carol, carols, _ := controlled(t, s, "carol", "--accept", "anyone", "answer")
	await(t, carols, "event=registered")
	tellAda("add carol")
	await(t, adas, "event=member", "peer=carol", "state=calling")
	joined := await(t, adas, "event=member", "peer=carol", "state=joined")
	id := fmt.Sprint(joined["peer_id"])
	await(t, bobs, "event=member", "peer=carol", "state=joined", "peer_id="+id)
	await(t, bobs, "event=links")
	await(t, carols, "event=room")

	for _, c := range []struct {
		tell    func(string, ...any)
		command string
		events  <-chan map[string]any
		want    []string
	}{
		{tellBob, "chat good morning", carols, []string{"event=chat", "peer=bob", "text=good morning", "private=false"}},
		{tellAda, "chat @" + id + " a secret", carols, []string{"event=chat", "peer=ada", "text=a secret", "private=true"}},
		{tellAda, "hand up", carols, []string{"event=media", "peer=ada", "hand=true"}},
		{tellBob, "mute on", carols, []string{"event=media", "peer=bob", "muted=true"}},
		{tellAda, "dance", adas, []string{"event=error", "command=dance"}},
		{tellAda, "chat @nobody hello", adas, []string{"event=error"}},
		{tellAda, "view speaker", adas, []string{"event=uplink"}},
	} {
		c.tell(c.command)
		await(t, c.events, c.want...)
	}
	await(t, bobs, "event=stats", "peer=ada")
	await(t, bobs, "event=stats", "peer=carol", "peer_id="+id)
	tellBob("block carol")
	await(t, bobs, "event=member", "peer=carol", "state=left", "reason=blocked")
	await(t, carols, "event=member", "peer=bob", "state=left", "reason=blocked")
	tellAda("remove carol")
	await(t, carols, "event=ended", "reason=removed")
	stop(t, carol, carols)
	tellBob("quit")
	if code := ends(t, bob, bobs); code != exitOK {
		t.Errorf("who has left exits with %d", code)
	}
	await(t, adas, "event=member", "peer=bob", "state=left", "reason=hangup")
	stop(t, ada, adas)
}

func TestAConferenceOfThoseWhoAreCalled(t *testing.T) {
	t.Parallel()
	s := phonetest.NewService(t)
	bob, bobs, _ := controlled(t, s, "bob", "--accept", "anyone", "answer")
	carol, carols, _ := controlled(t, s, "carol", "--accept", "none", "answer")
	await(t, bobs, "event=registered")
	await(t, carols, "event=registered")
	ada, adas, tell := controlled(t, s, "ada", "call", "bob", "carol", "dora")
	await(t, bobs, "event=member", "peer=ada", "state=joined")
	states := map[string]string{}
	for len(states) < 3 {
		ev := await(t, adas, "event=member")
		if state := fmt.Sprint(ev["state"]); state == "joined" || state == "failed" {
			states[fmt.Sprint(ev["peer"])] = strings.TrimSpace(state + " " + strings.TrimPrefix(fmt.Sprint(ev["reason"]), "<nil>"))
		}
	}
	if states["bob"] != "joined" || states["carol"] != "failed declined" || states["dora"] != "failed unknown_name" {
		t.Errorf("those who were called: %v", states)
	}
	tell("quit")
	if code := ends(t, ada, adas); code != exitOK {
		t.Errorf("exit %d", code)
	}
	stop(t, bob, bobs)
	stop(t, carol, carols)

	nobody := program(t, on(s, "ada", "call", "erna", "fritz")...)
	var out bytes.Buffer
	nobody.Stdout = &out
	_ = nobody.Run() // the status says it
	if code := nobody.ProcessState.ExitCode(); code != exitNoCall || !strings.Contains(out.String(), `"reason":"unknown_name"`) {
		t.Errorf("nobody came: exit %d\n%s", code, out.String())
	}
}

func TestALinkThatLeadsNowhere(t *testing.T) {
	t.Parallel()
	s := phonetest.NewService(t)
	ada, adas, tell := controlled(t, s, "ada", "--max-peers", "1", "confer", "new")
	link := fmt.Sprint(await(t, adas, "event=room")["link"])
	bob, bobs, _ := controlled(t, s, "bob", "confer", link)
	await(t, adas, "event=member", "peer=bob", "state=joined")
	carol, carols, _ := controlled(t, s, "carol", "confer", link)
	if ev := await(t, carols, "event=ended"); ev["reason"] != "full" || !strings.Contains(fmt.Sprint(ev["sentence"]), "as many people as it may have") {
		t.Errorf("one too many is told %v", ev)
	}
	if code := ends(t, carol, carols); code != exitNoCall {
		t.Errorf("one too many exits with %d", code)
	}
	tell("quit")
	if code := ends(t, ada, adas); code != exitOK {
		t.Errorf("exit %d", code)
	}
	ends(t, bob, bobs)
}
