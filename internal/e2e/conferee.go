package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// conferee is a phone in a conference, and what it has told.
type conferee struct {
	*program
	stage *stage
	host  int
	kept  *os.File // what it prints, for people to read
}

func (c *conferee) folder(name string) string { return filepath.Join(c.stage.b.dir, name) }

// signalEnd asks the phone to end, and does not wait.
func (c *conferee) signalEnd() { c.signal(syscall.SIGTERM) }

// cpuProfile is the file that a profiled stage keeps of the phone.
func (c *conferee) cpuProfile() string {
	return filepath.Join(c.stage.b.keep, conferenceNames[c.host]+".pprof")
}

// keepEvents has a copy kept of what the phone will print, beside that of an earlier start.
func (c *conferee) keepEvents() (err error) {
	name := filepath.Join(c.stage.b.keep, c.name+".jsonl")
	if c.kept, err = os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644); err == nil {
		c.record = c.kept
	}
	return err
}

// keepLog keeps what the phone said on standard error, if it said something.
func (c *conferee) keepLog() {
	if text := c.logText(); text != "" {
		_ = os.WriteFile(filepath.Join(c.stage.b.keep, c.name+".log"), []byte(text), 0o644)
	}
}

// peerID is the phone's own; "" until it is registered.
func (c *conferee) peerID() string {
	if found := c.all(named("registered")); len(found) > 0 {
		return found[len(found)-1].PeerID
	}
	return ""
}

// joined is when the phone first told that another one is in the conference and connected to it; zero: it has not.
func (c *conferee) joined(other *conferee) time.Time {
	id := other.peerID()
	found := c.all(func(e event) bool { return e.Event == "member" && e.State == "joined" && e.PeerID == id && id != "" })
	if len(found) == 0 {
		return time.Time{}
	}
	return found[0].Time
}

// roster are the names of those whom the phone has in the conference, itself included.
func (c *conferee) roster() []string {
	in := map[string]bool{c.name: true}
	for _, e := range c.all(named("member")) {
		if e.Peer != "" {
			in[e.Peer] = e.State == "joined" || e.State == "back" || e.State == "lost"
		}
	}
	var names []string
	for name, is := range in {
		if is {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// shortString is the one that the phone shows now.
func (c *conferee) shortString() string {
	found := c.all(func(e event) bool { return e.Event == "verified" })
	if len(found) == 0 {
		return ""
	}
	return found[len(found)-1].SAS
}

// speaker is the peer ID of the active speaker at a time, as the phone told it.
func (c *conferee) speaker(at time.Time) string {
	id := ""
	for _, e := range c.all(named("speaker")) {
		if !e.Time.After(at) {
			id = e.PeerID
		}
	}
	return id
}

// ends waits for the phone's end, and returns the reason that it told and its exit status.
func (c *conferee) ends(ctx context.Context, timeout time.Duration) (reason string, status int, err error) {
	if status, err = c.wait(ctx, timeout); err != nil {
		return "", 0, err
	}
	if told := c.all(named("ended")); len(told) > 0 {
		reason = told[len(told)-1].Reason
	}
	return reason, status, nil
}

// own is the phone's own link to another as the last event since a time tells it; its own identity is that which all the others
// tell.
func (c *conferee) own(other *conferee, since time.Time) (l linkLine, ok bool) {
	me, they := other.identityOf(c), c.identityOf(other)
	for _, e := range c.all(func(e event) bool { return e.Event == "links" && e.Time.After(since) }) {
		for _, line := range e.Links {
			if line.By == me && line.With == they {
				l, ok = line, true
			}
		}
	}
	return l, ok
}

// carrier is who carries the link to another one, by identity; "" while nobody does.
func (c *conferee) carrier(other *conferee, since time.Time) string {
	if l, ok := c.own(other, since); ok && l.State == "carried" {
		return l.Carrier
	}
	return ""
}

// direct reports whether the link to another is up with nobody in between.
func (c *conferee) direct(other *conferee, since time.Time) bool {
	l, ok := c.own(other, since)
	return ok && l.State == "up"
}

// identityOf is another one's identity, as the phone has told it.
func (c *conferee) identityOf(other *conferee) string {
	id := other.peerID()
	found := c.all(func(e event) bool { return e.Identity != "" && e.PeerID == id })
	if len(found) == 0 {
		return "?"
	}
	return found[len(found)-1].Identity
}
