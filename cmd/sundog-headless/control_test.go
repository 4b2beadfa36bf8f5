package main

import (
	"strings"
	"testing"
)

func TestCommands(t *testing.T) {
	for line, want := range map[string]command{
		"add bob":                {verb: "add", text: "bob"},
		"add sundog:bob?v=1":     {verb: "add", text: "sundog:bob?v=1"},
		"  remove 00ff ":         {verb: "remove", peer: "00ff"},
		"block Bob B":            {verb: "block", peer: "Bob B"},
		"remove Bob B":           {verb: "remove", peer: "Bob B"},
		"chat good morning, all": {verb: "chat", text: "good morning, all"},
		"chat @00ff only you":    {verb: "chat", peer: "00ff", text: "only you"},
		"file /tmp/a file.pdf":   {verb: "file", text: "/tmp/a file.pdf"},
		"file @00ff /tmp/a":      {verb: "file", peer: "00ff", text: "/tmp/a"},
		"react 👍":                {verb: "react", text: "👍"},
		"hand up":                {verb: "hand", text: "up", on: true},
		"hand down":              {verb: "hand", text: "down"},
		"mute on":                {verb: "mute", text: "on", on: true},
		"camera off":             {verb: "camera", text: "off"},
		"cap 800":                {verb: "cap", text: "800", kbps: 800},
		"cap 0":                  {verb: "cap", text: "0"},
		"view speaker":           {verb: "view", text: "speaker"},
		"quit":                   {verb: "quit"},
	} {
		if got, err := parseCommand(line); err != nil || got != want {
			t.Errorf("%q is %+v, %v", line, got, err)
		}
	}
	for line, want := range map[string]string{
		"":            "is no command",
		"dance":       `"dance" is no command`,
		"add":         "write add NAME-or-LINK",
		"block":       "write block PEER",
		"chat":        "write chat",
		"chat @00ff":  "write chat",
		"chat @ text": "write chat",
		"hand":        "write hand up|down",
		"hand left":   "write hand up|down",
		"mute":        "write mute on|off",
		"camera up":   "write camera on|off",
		"cap much":    "write cap KBPS",
		"cap -1":      "write cap KBPS",
		"view list":   "grid or speaker",
		"quit now":    "write quit",
	} {
		if got, err := parseCommand(line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is %+v, %v, want an error about %q", line, got, err, want)
		}
	}
}

func FuzzCommands(f *testing.F) {
	for _, line := range []string{"add bob", "chat @a b", "file @ x", "cap 99999999999999999999", "view grid", "quit", "chat \x00", "  "} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		c, err := parseCommand(line)
		if err != nil {
			if c.verb != "" && c.verb != "hand" && c.verb != "mute" && c.verb != "camera" {
				t.Fatalf("%q is %+v and %v", line, c, err)
			}
			return
		}
		if controlUsage[c.verb] == "" || c.kbps < 0 || strings.HasPrefix(c.text, " ") {
			t.Fatalf("%q is %+v", line, c)
		}
	})
}
