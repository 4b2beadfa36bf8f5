package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
)

// timeFormat is RFC 3339 with milliseconds.
const timeFormat = "2006-01-02T15:04:05.000Z07:00"

// printer writes events, each on one line, as JSON objects or as text.
type printer struct {
	mu   sync.Mutex
	w    io.Writer
	json bool
}

func newPrinter(w io.Writer, json bool) *printer { return &printer{w: w, json: json} }

// print writes an event with its fields, given as name and value in turn, in that order.
// Empty strings are left out.
func (p *printer) print(event string, fields ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now().Format(timeFormat)
	var b strings.Builder
	if p.json {
		fmt.Fprintf(&b, `{"event":%s,"time":%s`, quote(event), quote(now))
	} else {
		fmt.Fprintf(&b, "%s %s", now, event)
	}
	for i := 0; i+1 < len(fields); i += 2 {
		if fields[i+1] == "" {
			continue
		}
		if p.json {
			fmt.Fprintf(&b, ",%s:%s", quote(fields[i]), quote(fields[i+1]))
		} else {
			fmt.Fprintf(&b, " %v=%v", fields[i], plain(fields[i+1]))
		}
	}
	if p.json {
		b.WriteByte('}')
	}
	b.WriteByte('\n')
	// A reader that is gone must not end a call.
	_, _ = io.WriteString(p.w, b.String())
}

// plain is a value as text. What others say may hold line ends and more, and must not look like events.
func plain(v any) any {
	if links, ok := v.([]link); ok {
		v = quote(links)
	}
	s, ok := v.(string)
	if ok && strings.ContainsFunc(s, func(r rune) bool { return r == ' ' || r == '"' || r == '=' || !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return v
}

func quote(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // links stay as they can be copied
	if err := e.Encode(v); err != nil {
		return `null`
	}
	return strings.TrimSuffix(b.String(), "\n")
}
