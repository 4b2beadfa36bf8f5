package app

import "sync"

// fakeConference is a conference whose state a test sets.
type fakeConference struct {
	call    *fakeCall
	mu      sync.Mutex
	state   ConferenceState
	added   []Person
	removed []string
	err     error
}

func (f *fakeConference) set(change func(*fakeConference)) {
	f.mu.Lock()
	change(f)
	f.mu.Unlock()
	notify(f.call.changed)
}

func (f *fakeConference) get(read func(*fakeConference)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	read(f)
}

func (f *fakeConference) State() ConferenceState {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state
}

func (f *fakeConference) Add(p Person) error {
	f.set(func(f *fakeConference) {
		if f.err == nil {
			f.added = append(f.added, p)
		}
	})
	return f.err
}

func (f *fakeConference) Remove(id string) error {
	f.set(func(f *fakeConference) { f.removed = append(f.removed, id) })
	return f.err
}

func (f *fakeConference) RaiseHand(up bool) error {
	f.set(func(f *fakeConference) { f.state.Hand = up })
	return f.err
}

func (f *fakeConference) Link() (Link, error) {
	return Link{Text: "sundog:?room=" + f.call.name}, f.err
}
