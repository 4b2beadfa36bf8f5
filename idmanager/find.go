package idmanager

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	// findGrace is how long the other directories may still answer when one has found somebody. People on this network answer
	// within 1 s (a multicast query twice), a directory over HTTP or XMPP within a round trip or two.
	findGrace = 1200 * time.Millisecond
	// findTimeout is how long a look-up lasts when nobody was found and a directory does not answer.
	findTimeout = 15 * time.Second
)

// Find asks all directories at once who bears the name, and merges what they say: see Person. It waits until all have answered, or a
// short while after somebody was found. When nobody is found the error is ErrUnknownName if all directories say so, else an Errors
// of those that say something else (ErrOffline, or that they cannot be asked).
func (d *Directories) Find(ctx context.Context, name string) ([]Person, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	all, done, err := d.begin()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel() // the late ones
	defer context.AfterFunc(d.ctx, cancel)()
	type answer struct {
		directory int
		records   []Record
		err       error
	}
	answers := make(chan answer, len(all)) // a late answer goes nowhere
	var asking sync.WaitGroup
	for i, m := range all {
		asking.Go(func() {
			records, err := m.find(ctx, name)
			answers <- answer{directory: i, records: records, err: err}
		})
	}
	go func() {
		asking.Wait()
		done()
	}()
	var (
		ways   []Way
		failed = make([]error, len(all))
		grace  <-chan time.Time
		late   = errors.New("it has not answered in time")
	)
	for i := range failed {
		failed[i] = late
	}
wait:
	for range all {
		select {
		case a := <-answers:
			failed[a.directory] = a.err
			for _, r := range a.records {
				m := all[a.directory]
				ways = append(ways, Way{Where: m.Where(), Record: r, directory: a.directory, preferred: m.Preferred})
			}
			if len(ways) > 0 && grace == nil {
				timer := time.NewTimer(findGrace)
				defer timer.Stop()
				grace = timer.C
			}
		case <-grace:
			break wait
		case <-ctx.Done():
			break wait
		}
	}
	if len(ways) > 0 {
		return mergePeople(ways), nil
	}
	if d.ctx.Err() != nil {
		return nil, ErrClosed
	}
	return nil, nobody(ctx, all, failed)
}

// find asks one directory.
func (m *member) find(ctx context.Context, name string) ([]Record, error) {
	if f, ok := m.IdManager.(Finder); ok {
		return f.Find(ctx, name)
	}
	r, err := m.LookUp(ctx, name)
	if err != nil {
		return nil, err
	}
	return []Record{r}, nil
}

// nobody is the error of a look-up in which each directory has failed.
func nobody(ctx context.Context, all []*member, failed []error) error {
	var errs Errors
	for i, err := range failed {
		if !errors.Is(err, ErrUnknownName) {
			errs = append(errs, DirectoryError{Where: all[i].Where(), Err: err})
		}
	}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err()
	case errs == nil:
		return ErrUnknownName
	}
	return errs
}

// LookUp finds the one person of that name: the only one, else the one whom a preferred directory knows, else the only one whose
// record is signed. Otherwise the error is an AmbiguousError (ErrAmbiguous). It fails as Find does.
func (d *Directories) LookUp(ctx context.Context, name string) (Record, error) {
	people, err := d.Find(ctx, name)
	if err != nil {
		return Record{}, err
	}
	p, ok := choose(people)
	if !ok {
		return Record{}, fmt.Errorf("looking %q up: %w", name, &AmbiguousError{Name: name, People: people})
	}
	return p.record(), nil
}

// choose finds the one meant by a name, if there is one.
func choose(people []Person) (Person, bool) {
	if len(people) == 1 {
		return people[0], true
	}
	for _, fits := range []func(Person) bool{
		func(p Person) bool {
			for _, w := range p.Ways {
				if w.preferred {
					return true
				}
			}
			return false
		},
		func(p Person) bool { return p.Identity != nil },
	} {
		var found []Person
		for _, p := range people {
			if fits(p) {
				found = append(found, p)
			}
		}
		if len(found) == 1 {
			return found[0], true
		}
	}
	return Person{}, false
}
