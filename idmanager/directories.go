package idmanager

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

// Directory is one of several Directories.
type Directory struct {
	IdManager
	// Adapt makes this directory's own record of the one that is registered everywhere, as where it has a socket and so
	// a peer ID of its own; nil: the same record.
	Adapt func(Record) Record
	// Preferred: when different people answer to one name, LookUp takes the one that this directory knows.
	Preferred bool
}

// Finder is a directory in which several identities may bear one name at once, such as the people on this network. Find
// returns a record of each, or fails as LookUp does.
type Finder interface {
	Find(ctx context.Context, name string) ([]Record, error)
}

// Directories are several directories at once. What they say is merged by identity: the same person in two of them is one
// Person with two ways; different people who bear one name stay apart. It is an IdManager itself:
//
//	d := idmanager.NewDirectories(idmanager.Directory{IdManager: lan, Adapt: lanRecord}, idmanager.Directory{IdManager: service})
//	defer d.Close()
//	if err := d.Register(ctx, record); err != nil { … } // an Errors: which directory failed, and why
//	people, err := d.Find(ctx, "Bob")
//
// The order of the directories is the order of preference between several ways to one person.
type Directories struct {
	ctx     context.Context // until Close
	cancel  context.CancelFunc
	running sync.WaitGroup // watches and look-ups

	mu      sync.Mutex
	all     []*member // replaced as a whole
	mine    *Record   // what is registered; nil: nothing
	watches map[*mergedWatch]struct{}
}

// member is one directory from Add to Remove.
type member struct {
	Directory
	registered bool
}

var _ IdManager = (*Directories)(nil)

// NewDirectories makes Directories of those given.
func NewDirectories(all ...Directory) *Directories {
	d := &Directories{watches: make(map[*mergedWatch]struct{})}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	for _, one := range all {
		d.all = append(d.all, &member{Directory: one})
	}
	return d
}

// Add puts a directory behind the others. Watches that are under way hear of its people; we are registered there by the
// next Refresh.
func (d *Directories) Add(one Directory) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ctx.Err() != nil {
		return
	}
	d.all = append(slices.Clone(d.all), &member{Directory: one})
	d.tellWatches()
}

// Remove takes a directory out, and reports whether it was there. Watches that are under way tell who is gone with it. It is
// neither unregistered nor closed: that is the caller's.
func (d *Directories) Remove(one IdManager) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.IndexFunc(d.all, func(m *member) bool { return m.IdManager == one })
	if i < 0 {
		return false
	}
	d.all = slices.Delete(slices.Clone(d.all), i, i+1)
	d.tellWatches()
	return true
}

// tellWatches lets each watch look at the directories anew. d.mu is held.
func (d *Directories) tellWatches() {
	for w := range d.watches {
		select {
		case w.changed <- struct{}{}:
		default: // it will look anyway
		}
	}
}

// members is the present list, which nobody changes.
func (d *Directories) members() []*member {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.all
}

// Register publishes the record in every directory at once. The error is an Errors that tells which of them failed; with the
// others we are registered nevertheless.
func (d *Directories) Register(ctx context.Context, r Record) error {
	d.mu.Lock()
	d.mine = &r
	d.mu.Unlock()
	return d.each(ctx, func(m *member) error { return d.register(ctx, m, r) })
}

func (d *Directories) register(ctx context.Context, m *member, r Record) error {
	if m.Adapt != nil {
		r = m.Adapt(r)
	}
	err := m.Register(ctx, r)
	d.mu.Lock()
	m.registered = err == nil
	d.mu.Unlock()
	return err
}

// Refresh refreshes the registration in every directory, and registers where that has failed or the directory is new. It
// fails as Register does; ErrNotRegistered when nothing was registered yet.
func (d *Directories) Refresh(ctx context.Context) error {
	d.mu.Lock()
	mine := d.mine
	d.mu.Unlock()
	if mine == nil {
		return ErrNotRegistered
	}
	return d.each(ctx, func(m *member) error {
		d.mu.Lock()
		registered := m.registered
		d.mu.Unlock()
		if !registered {
			return d.register(ctx, m, *mine)
		}
		return m.Refresh(ctx)
	})
}

// Unregister withdraws the registration everywhere. It fails as Register does.
func (d *Directories) Unregister(ctx context.Context) error {
	d.mu.Lock()
	d.mine = nil
	for _, m := range d.all {
		m.registered = false
	}
	d.mu.Unlock()
	return d.each(ctx, func(m *member) error { return m.Unregister(ctx) })
}

// each does something with every directory at once, and waits for all.
func (d *Directories) each(ctx context.Context, do func(*member) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	all, done, err := d.begin()
	if err != nil {
		return err
	}
	defer done()
	failed := make([]error, len(all))
	var wait sync.WaitGroup
	for i, m := range all {
		wait.Go(func() { failed[i] = do(m) })
	}
	wait.Wait()
	var errs Errors
	for i, err := range failed {
		if err != nil {
			errs = append(errs, DirectoryError{Where: all[i].Where(), Err: err})
		}
	}
	if errs == nil {
		return nil
	}
	return errs
}

// begin gives the list of directories for something that Close waits for until done is called, or says why there is none to ask.
func (d *Directories) begin() (all []*member, done func(), err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.ctx.Err() != nil:
		return nil, nil, ErrClosed
	case len(d.all) == 0:
		return nil, nil, ErrNoDirectory
	}
	d.running.Add(1)
	return d.all, d.running.Done, nil
}

// Where names the directories for the user, in their order.
func (d *Directories) Where() string {
	var names []string
	for _, m := range d.members() {
		names = append(names, m.Where())
	}
	if len(names) == 0 {
		return "no directory"
	}
	return strings.Join(names, ", ")
}

// Close ends all watches and look-ups, waits for them, and closes the directories that can be closed (io.Closer). They are left registered.
func (d *Directories) Close() error {
	d.mu.Lock()
	d.cancel()
	all := d.all
	d.all, d.mine = nil, nil
	d.mu.Unlock()
	d.running.Wait()
	var errs []error
	for _, m := range all {
		if c, ok := m.IdManager.(io.Closer); ok {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(errs...)
}

// DirectoryError is what went wrong with one of several directories.
type DirectoryError struct {
	Where string // the directory's name for the user
	Err   error
}

func (e DirectoryError) Error() string { return e.Where + ": " + e.Err.Error() }

func (e DirectoryError) Unwrap() error { return e.Err }

// Errors tells what went wrong with each directory that failed, in the order of the directories; the others have done what they were asked.
type Errors []DirectoryError

func (e Errors) Error() string {
	var parts []string
	for _, one := range e {
		parts = append(parts, one.Error())
	}
	return strings.Join(parts, "; ")
}

// Unwrap lets errors.Is and errors.As find each of them.
func (e Errors) Unwrap() []error {
	all := make([]error, len(e))
	for i, one := range e {
		all[i] = one
	}
	return all
}

// AmbiguousError says that several people answer to a name, and where each is known. It is an ErrAmbiguous.
type AmbiguousError struct {
	Name   string
	People []Person // two or more
}

func (e *AmbiguousError) Error() string {
	var parts []string
	for _, p := range e.People {
		var where []string
		for _, w := range p.Ways {
			if !slices.Contains(where, w.Where) {
				where = append(where, w.Where)
			}
		}
		parts = append(parts, fmt.Sprintf("%s at %s", short(p.Identity), strings.Join(where, " and ")))
	}
	return fmt.Sprintf("%v: %s (%s)", ErrAmbiguous, e.Name, strings.Join(parts, "; "))
}

// Is makes it an ErrAmbiguous.
func (e *AmbiguousError) Is(target error) bool { return target == ErrAmbiguous }

// short is the beginning of a key, enough to tell two apart in a sentence.
func short(key ed25519.PublicKey) string {
	if len(key) < 4 {
		return "one without a key"
	}
	return fmt.Sprintf("key %x…", []byte(key[:4]))
}
