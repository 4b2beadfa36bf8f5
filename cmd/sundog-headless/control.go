package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// maxControlLine bounds a command, in bytes: the longest has a path or a line of chat.
const maxControlLine = 64 << 10

// command is one line on standard input, with --control.
type command struct {
	verb string
	peer string // whom it is for: a peer ID or a name; "": all
	text string // the rest
	on   bool   // of those that switch
	kbps int    // of cap
}

// The words of commands, and what they take.
var controlUsage = map[string]string{
	"add":    "add NAME-or-LINK",
	"remove": "remove PEER",
	"block":  "block PEER",
	"chat":   "chat [@PEER] TEXT",
	"file":   "file [@PEER] PATH",
	"react":  "react EMOJI",
	"hand":   "hand up|down",
	"mute":   "mute on|off",
	"camera": "camera on|off",
	"screen": "screen on|off",
	"cap":    "cap KBPS, 0 for no limit",
	"view":   "view grid|speaker",
	"quit":   "quit",
}

// parseCommand reads a line. Its errors are sentences.
func parseCommand(line string) (command, error) {
	verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	c := command{verb: verb, text: strings.TrimSpace(rest)}
	usage, ok := controlUsage[verb]
	if !ok {
		return command{}, fmt.Errorf("%.40q is no command: add, remove, block, chat, file, react, hand, mute, camera, screen, cap, view or quit", verb)
	}
	wrong := errors.New("write " + usage)
	if (verb == "quit") != (c.text == "") {
		return command{}, wrong
	}
	switch verb {
	case "chat", "file":
		if to, text, ok := strings.Cut(c.text, " "); strings.HasPrefix(to, "@") {
			if c.peer, c.text = to[1:], strings.TrimSpace(text); !ok || c.peer == "" || c.text == "" {
				return command{}, wrong
			}
		}
	case "remove", "block":
		c.peer, c.text = c.text, ""
	case "hand":
		return c, c.choose("up", "down", wrong)
	case "mute", "camera", "screen":
		return c, c.choose("on", "off", wrong)
	case "view":
		if err := checkView(c.text); err != nil {
			return command{}, err
		}
	case "cap":
		kbps, err := strconv.Atoi(c.text)
		if err != nil || kbps < 0 {
			return command{}, wrong
		}
		c.kbps = kbps
	}
	return c, nil
}

// choose reads one of two words.
func (c *command) choose(yes, no string, wrong error) error {
	if c.on = c.text == yes; !c.on && c.text != no {
		return wrong
	}
	return nil
}

// readCommands reads lines until ctx or the input ends. A line that is too long ends it, too, with an error event.
func (r *runner) readCommands(ctx context.Context, in io.Reader) {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 4<<10), maxControlLine)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" {
			continue
		}
		c, err := parseCommand(line)
		if err != nil {
			r.printError(line, err)
			continue
		}
		select {
		case r.commands <- c:
		case <-ctx.Done():
			return
		}
	}
	if err := lines.Err(); err != nil {
		r.printError("", err)
	}
}

// printError tells of a command that was not carried out.
func (r *runner) printError(line string, err error) {
	r.out.print("error", "command", firstWords(line), "sentence", err.Error())
}

// firstWords is enough of a line to know it again.
func firstWords(line string) string {
	const enough = 80
	for i := range line {
		if i >= enough {
			return line[:i] + "…"
		}
	}
	return line
}
