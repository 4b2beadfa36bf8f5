package idmanager

import (
	"context"
	"slices"
	"strings"
	"time"
)

const (
	// maxWatchedRecords is what one directory may tell a watch, against one that makes people up. The largest rosters known have
	// a few thousand entries.
	maxWatchedRecords = 10_000
	// watchRetry is between two attempts at a watch that a directory has ended.
	watchRetry = 5 * time.Second
	// watchSettle is how long what directories tell is gathered before it is merged, so that a long roster costs few merges.
	watchSettle = 20 * time.Millisecond
	// watchStale is how long people of a directory whose watch has ended are still taken to be there: the time for it to
	// begin anew and tell who is.
	watchStale = 45 * time.Second
)

// Watch reports who comes and goes, merged: somebody is there as long as one directory says so, with the record of the best way. Where
// records are signed an event names the identity, also when its owner is gone; one without identity speaks of an
// unsigned record of that name alone. Directories added later are watched, too; one that cannot be watched is asked again every few seconds.
func (d *Directories) Watch(ctx context.Context, names []string) (<-chan Event, error) {
	return watchAs(ctx, d, names, func(p Person) Event { return Event{Record: p.record()} })
}

// WatchPeople is Watch with all ways to each person: a Person without Ways is no longer there.
func (d *Directories) WatchPeople(ctx context.Context, names []string) (<-chan Person, error) {
	return watchAs(ctx, d, names, func(p Person) Person { return p })
}

func watchAs[T any](ctx context.Context, d *Directories, names []string, as func(Person) T) (<-chan T, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ctx.Err() != nil {
		return nil, ErrClosed
	}
	w := &mergedWatch{
		d:       d,
		names:   slices.Clone(names),
		changed: make(chan struct{}, 1),
		updates: make(chan watchUpdate),
		sources: make(map[*member]*watchSource),
		told:    make(map[string]Person),
		people:  make(map[string]Person),
	}
	w.changed <- struct{}{} // look at the directories for the first time
	d.watches[w] = struct{}{}
	out := make(chan T)
	d.running.Go(func() {
		defer close(out)
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(d.ctx, cancel)()
		runWatch(ctx, w, out, as)
		d.mu.Lock()
		delete(d.watches, w)
		d.mu.Unlock()
	})
	return out, nil
}

// mergedWatch is one Watch over all directories. Its goroutine (runWatch) owns all fields but the channels, and waits for those
// of its sources.
type mergedWatch struct {
	d       *Directories
	names   []string
	changed chan struct{} // the directories are others than before
	updates chan watchUpdate
	sources map[*member]*watchSource
	people  map[string]Person // who is there, by personKey
	told    map[string]Person // who is there as far as the reader knows
	pending []string          // the keys of those of whom the reader is to be told, oldest first
	settle  <-chan time.Time  // when what the sources have told is merged; nil: it is
}

// watchSource is what one directory has told.
type watchSource struct {
	place   int
	cancel  context.CancelFunc
	done    chan struct{}
	records map[string]Record // by recordKey
	stale   map[string]bool   // those not told again since the watch began anew; nil: none
}

// watchUpdate is something that a source's goroutine tells.
type watchUpdate struct {
	from  *member
	event Event
	what  updateKind
}

type updateKind int

const (
	updateEvent  updateKind = iota
	updateEnded             // the directory has ended the watch: all that it told is stale
	updateExpire            // what is stale by now has gone
)

func runWatch[T any](ctx context.Context, w *mergedWatch, out chan<- T, as func(Person) T) {
	defer func() {
		for _, s := range w.sources {
			s.cancel()
		}
		for _, s := range w.sources {
			<-s.done
		}
	}()
	for {
		var (
			send chan<- T
			next T
		)
		if len(w.pending) > 0 {
			send, next = out, as(w.next())
		}
		select {
		case send <- next:
			w.tellNext()
		case u := <-w.updates:
			w.update(u)
		case <-w.settle:
			w.settle = nil
			w.merge()
		case <-w.changed:
			w.setSources(ctx)
			w.mergeSoon()
		case <-ctx.Done():
			return
		}
	}
}

// next is the person of whom the reader is told next, as of now.
func (w *mergedWatch) next() Person {
	key := w.pending[0]
	if p, ok := w.people[key]; ok {
		return p
	}
	p := w.told[key]
	p.Ways = nil
	return p
}

// tellNext notes that the reader has been told of the first that is pending.
func (w *mergedWatch) tellNext() {
	key := w.pending[0]
	w.pending = w.pending[1:]
	if p, ok := w.people[key]; ok {
		w.told[key] = p
	} else {
		delete(w.told, key)
	}
}

// setSources watches the directories that there are now, and no others.
func (w *mergedWatch) setSources(ctx context.Context) {
	all := w.d.members()
	for m, s := range w.sources {
		if !slices.Contains(all, m) {
			s.cancel()
			w.drain(s)
			delete(w.sources, m)
		}
	}
	for i, m := range all {
		s := w.sources[m]
		if s == nil {
			ctx, cancel := context.WithCancel(ctx)
			s = &watchSource{cancel: cancel, done: make(chan struct{}), records: make(map[string]Record)}
			w.sources[m] = s
			go w.follow(ctx, m, s.done)
		}
		s.place = i
	}
}

// mergeSoon has all that is told merged in a moment.
func (w *mergedWatch) mergeSoon() {
	if w.settle == nil {
		w.settle = time.After(watchSettle)
	}
}

// drain waits for the end of a source's goroutine, which may have something to tell yet.
func (w *mergedWatch) drain(s *watchSource) {
	for {
		select {
		case <-s.done:
			return
		case u := <-w.updates:
			w.update(u)
		}
	}
}

// follow watches one directory until ctx ends, again and again if need be.
func (w *mergedWatch) follow(ctx context.Context, m *member, done chan struct{}) {
	defer close(done)
	tell := func(u watchUpdate) {
		u.from = m
		select {
		case w.updates <- u:
		case <-ctx.Done():
		}
	}
	expire := time.NewTimer(watchStale)
	defer expire.Stop()
	for ctx.Err() == nil {
		events, err := m.Watch(ctx, w.names)
		if err != nil {
			events = nil
		}
		retry := (<-chan time.Time)(nil)
		if events == nil {
			retry = time.After(watchRetry)
		}
		for again := false; !again; {
			select {
			case ev, ok := <-events:
				if ok {
					tell(watchUpdate{event: ev})
					continue
				}
				tell(watchUpdate{what: updateEnded})
				expire.Reset(watchStale)
				events, retry = nil, time.After(watchRetry)
			case <-expire.C:
				tell(watchUpdate{what: updateExpire})
			case <-retry:
				again = true
			case <-ctx.Done():
				if events != nil {
					for range events { // it is closed, since ctx has ended
					}
				}
				return
			}
		}
	}
}

// update takes in what a source tells.
func (w *mergedWatch) update(u watchUpdate) {
	s := w.sources[u.from]
	if s == nil {
		return
	}
	switch u.what {
	case updateEvent:
		_, shared := u.from.IdManager.(Finder)
		s.take(u.event.Record, shared)
	case updateEnded:
		s.stale = make(map[string]bool)
		for key := range s.records {
			s.stale[key] = true
		}
		return
	case updateExpire:
		for key := range s.stale {
			delete(s.records, key)
		}
		s.stale = nil
	}
	w.mergeSoon()
}

// recordKey tells records of one source apart.
func recordKey(r Record) string { return string(r.Identity) + "\x00" + FoldName(r.Name) }

// take puts a record in, or out when it has no peer ID. In a directory that is not shared one name has one record; in a shared one,
// each identity has one, and records without identity one in all.
func (s *watchSource) take(r Record, shared bool) {
	key := recordKey(r)
	for other := range s.records {
		if other == key || !shared && strings.HasSuffix(other, "\x00"+FoldName(r.Name)) {
			delete(s.records, other)
			delete(s.stale, other)
		}
	}
	if r.PeerID != "" && len(s.records) < maxWatchedRecords {
		s.records[key] = r
	}
}

// merge makes people of all records anew, and notes of whom the reader is to be told.
func (w *mergedWatch) merge() {
	var ways []Way
	for m, s := range w.sources {
		where := m.Where()
		for _, r := range s.records {
			ways = append(ways, Way{Where: where, Record: r, directory: s.place, preferred: m.Preferred})
		}
	}
	w.people = make(map[string]Person)
	var order []string
	for _, p := range mergePeople(ways) {
		key := personKey(p)
		if _, ok := w.people[key]; !ok { // of several without identity under one name the best
			w.people[key] = p
			order = append(order, key)
		}
	}
	var gone []string
	for key := range w.told {
		if _, ok := w.people[key]; !ok {
			gone = append(gone, key)
		}
	}
	slices.Sort(gone)
	w.pending = slices.DeleteFunc(w.pending, func(key string) bool { return !w.news(key) })
	waiting := make(map[string]bool, len(w.pending))
	for _, key := range w.pending {
		waiting[key] = true
	}
	for _, key := range append(gone, order...) {
		if w.news(key) && !waiting[key] {
			w.pending = append(w.pending, key)
		}
	}
}

// news reports whether the reader knows something else of a person than what is so.
func (w *mergedWatch) news(key string) bool {
	p, there := w.people[key]
	old, told := w.told[key]
	return there != told || there && !p.equal(old)
}

// personKey tells people apart in a watch: by identity, or, without one, by name.
func personKey(p Person) string {
	if p.Identity != nil {
		return "key " + string(p.Identity)
	}
	return "name " + FoldName(p.Name)
}
