// Package eventfile writes the event log of a program's RTMFP endpoints (rtmfp.Config.Events) to a file, if whoever runs
// the program has named one in the environment.
//
//	events, err := eventfile.Open()
//	…
//	defer events.Close()
//	endpoint, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Events: events.Writer(), …})
package eventfile

import (
	"fmt"
	"io"
	"os"
)

// Variable is the environment variable that names the file.
const Variable = "SUNDOG_RTMFP_EVENTS"

// File is the file, or none. Endpoints may share it: each event is one write to its end.
type File struct{ f *os.File }

// Open opens the file to be appended to, for nobody else to read, since it tells who is in touch with whom. Without
// the variable there is no file, and no error.
func Open() (File, error) {
	name := os.Getenv(Variable)
	if name == "" {
		return File{}, nil
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return File{}, fmt.Errorf("the file of %s cannot be written: %w", Variable, err)
	}
	return File{f}, nil
}

// Writer is for rtmfp.Config.Events: nil without a file.
func (f File) Writer() io.Writer {
	if f.f == nil {
		return nil
	}
	return f.f
}

// Close closes the file, if there is one.
func (f File) Close() error {
	if f.f == nil {
		return nil
	}
	return f.f.Close()
}
