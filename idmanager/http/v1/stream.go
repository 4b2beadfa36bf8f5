package v1

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"time"
)

// maxLine bounds a line of a stream, in bytes: a Name has about 900, and at most 4,000 when all of it has to be escaped.
const maxLine = 32 << 10

// ErrBadStream says that a stream holds no server-sent events, or one that is too long.
var ErrBadStream = errors.New("the stream is not one of events")

// Event is a server-sent event (WHATWG HTML §9.2). One without data stands for a comment: the stream lives.
type Event struct {
	Kind string
	Data []byte
	// Retry is how long to wait before connecting again, if the stream has said so.
	Retry time.Duration
}

// AppendEvent appends an event as a stream has it. The value becomes one line of JSON.
func AppendEvent(b []byte, kind string, value any) []byte {
	data, err := json.Marshal(value)
	if err != nil { // none of our types fails
		panic(err)
	}
	b = append(b, "event: "+kind+"\ndata: "...)
	return append(append(b, data...), "\n\n"...)
}

// EventReader reads a stream.
type EventReader struct {
	lines *bufio.Scanner
	begun bool
}

// NewEventReader reads events from r.
func NewEventReader(r io.Reader) *EventReader {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), maxLine)
	lines.Split(splitLines())
	return &EventReader{lines: lines}
}

// Next returns the next event, or a comment. io.EOF at the end; an event that the end cuts off is dropped.
func (r *EventReader) Next() (Event, error) {
	var e Event
	has := false
	for r.lines.Scan() {
		line := r.lines.Bytes()
		if !r.begun {
			line, r.begun = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf")), true
		}
		if len(line) == 0 {
			if has || e.Retry > 0 {
				e.Data = bytes.TrimSuffix(e.Data, []byte("\n"))
				return e, nil
			}
			e.Kind = ""
			continue
		}
		field, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(field) {
		case "":
			if !has && e.Kind == "" && e.Retry == 0 {
				return Event{}, nil
			}
		case "event":
			e.Kind = string(value)
		case "data":
			if has = true; len(e.Data)+len(value) > maxLine {
				return Event{}, ErrBadStream
			}
			e.Data = append(append(e.Data, value...), '\n')
		case "retry":
			if ms, err := strconv.ParseUint(string(value), 10, 31); err == nil {
				e.Retry = time.Duration(ms) * time.Millisecond
			}
		}
	}
	switch err := r.lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return Event{}, ErrBadStream
	case err != nil:
		return Event{}, err
	}
	return Event{}, io.EOF
}

// splitLines splits at CR LF, LF or CR, without waiting for what may follow a CR.
func splitLines() bufio.SplitFunc {
	afterCR := false
	return func(data []byte, atEOF bool) (int, []byte, error) {
		skip := 0
		if afterCR && len(data) > 0 {
			if data[0] == '\n' {
				skip = 1
			}
			afterCR = false
		}
		if i := bytes.IndexAny(data[skip:], "\r\n"); i >= 0 {
			afterCR = data[skip+i] == '\r'
			return skip + i + 1, data[skip : skip+i], nil
		}
		if atEOF && len(data) > skip {
			return len(data), data[skip:], nil
		}
		return skip, nil, nil
	}
}
