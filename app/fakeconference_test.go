package app

import "sync"

// fakeConference is a conference whose state a test sets.
type fakeConference struct {
	call    *fakeCall
	mu      sync.Mutex
	state   ConferenceState
	added   []Person
	removed []string
	blocked []string
	sent    []string // files, and to whom
	saved   []string // IDs, and where
	ended   []string // IDs of files that were declined or stopped
	volumes map[string]float64
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

// does changes the state, unless it is to fail.
func (f *fakeConference) does(change func(*fakeConference)) (err error) {
	f.set(func(f *fakeConference) {
		if err = f.err; err == nil {
			change(f)
		}
	})
	return err
}

func (f *fakeConference) Add(p Person) error {
	return f.does(func(f *fakeConference) { f.added = append(f.added, p) })
}

func (f *fakeConference) Remove(id string) error {
	return f.does(func(f *fakeConference) { f.removed = append(f.removed, id) })
}

func (f *fakeConference) Block(id string) error {
	return f.does(func(f *fakeConference) { f.blocked = append(f.blocked, id) })
}

func (f *fakeConference) RaiseHand(up bool) error {
	return f.does(func(f *fakeConference) { f.state.Hand = up })
}

func (f *fakeConference) React(emoji string) error {
	return f.does(func(f *fakeConference) { f.state.Reaction = emoji })
}

func (f *fakeConference) SetVolume(id string, factor float64) error {
	return f.does(func(f *fakeConference) {
		if f.volumes == nil {
			f.volumes = map[string]float64{}
		}
		f.volumes[id] = factor
	})
}

func (f *fakeConference) SendFile(path, to string) error {
	return f.does(func(f *fakeConference) { f.sent = append(f.sent, path+" to "+to) })
}

func (f *fakeConference) SaveFile(id, folder string) error {
	return f.does(func(f *fakeConference) { f.saved = append(f.saved, id+" in "+folder) })
}

func (f *fakeConference) DeclineFile(id string) error {
	return f.does(func(f *fakeConference) { f.ended = append(f.ended, id) })
}

func (f *fakeConference) StopFile(id string) error {
	return f.does(func(f *fakeConference) { f.ended = append(f.ended, id) })
}

func (f *fakeConference) Link() (Link, error) {
	return Link{Text: "sundog:?room=" + f.call.name}, f.does(func(*fakeConference) {})
}
