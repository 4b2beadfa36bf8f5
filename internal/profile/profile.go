// Package profile keeps what belongs to one user of the phone: the name, the
// chosen service and devices, and the people called before. It is a folder with one
// JSON file; every change is written at once and whole, so a crash loses nothing, and so that two
// phones with one profile lose nothing of each other's.
package profile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	fileName = "profile.json"

	// maxFile bounds what is read: a profile of maxPeople people is far smaller.
	maxFile = 4 << 20
	// maxPeople bounds the list; the person called longest ago goes first.
	maxPeople = 5000
)

// Settings are the user's choices. Sources are specs such as "default",
// "device:ID" or "none"; empty means the default.
type Settings struct {
	Name      string `json:"name,omitempty"`
	Server    string `json:"server,omitempty"`
	Directory string `json:"directory,omitempty"`
	Camera    string `json:"camera,omitempty"`
	Mic       string `json:"mic,omitempty"`
	Speaker   string `json:"speaker,omitempty"`
	Theme     string `json:"theme,omitempty"`
}

// Person is somebody called, added, or who has called.
type Person struct {
	Name     string    `json:"name"`
	Contact  bool      `json:"contact,omitempty"` // the user added or called them; such people may call a phone that admits contacts
	LastCall time.Time `json:"last_call,omitzero"`
	Outgoing bool      `json:"outgoing,omitempty"` // of the last call
	Missed   bool      `json:"missed,omitempty"`   // of the last call
}

type contents struct {
	Settings Settings `json:"settings"`
	People   []Person `json:"people,omitempty"`
}

// Store is a profile on disk, or in memory only. It is safe for concurrent use.
type Store struct {
	path string // empty: memory only

	mu   sync.Mutex
	data contents
}

// DefaultDir is the per-user folder for the profile.
func DefaultDir() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("no folder for the profile: %w", err)
	}
	return filepath.Join(dir, "sundog"), nil
}

// Open reads the profile in dir, which is made if it does not exist. A file
// that cannot be read as a profile is an error and is left as it is.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the profile folder cannot be made: %w", err)
	}
	path := filepath.Join(dir, fileName)
	data, err := read(path)
	if err != nil {
		return nil, err
	}
	return &Store{path: path, data: data}, nil
}

// read reads the file at path; one that is not there holds nothing yet.
func read(path string) (contents, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return contents{}, nil
	}
	if err != nil {
		return contents{}, fmt.Errorf("the profile cannot be read: %w", err)
	}
	if info.Size() > maxFile {
		return contents{}, fmt.Errorf("the profile %s is larger than any profile: %d bytes", path, info.Size())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return contents{}, fmt.Errorf("the profile cannot be read: %w", err)
	}
	c, err := parse(b)
	if err != nil {
		return contents{}, fmt.Errorf("the profile %s is damaged (%w); move it away to start anew", path, err)
	}
	return c, nil
}

// InMemory is a profile that is gone with the process.
func InMemory() *Store { return &Store{} }

func parse(b []byte) (contents, error) {
	var c contents
	if err := json.Unmarshal(b, &c); err != nil {
		return contents{}, err
	}
	c.People = slices.DeleteFunc(c.People, func(p Person) bool { return p.Name == "" })
	if len(c.People) > maxPeople {
		c.People = c.People[:maxPeople]
	}
	return c, nil
}

// Settings are the choices as last saved.
func (s *Store) Settings() Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data.Settings
}

// SaveSettings stores the choices.
func (s *Store) SaveSettings(set Settings) error {
	return s.change(func(c *contents) { c.Settings = set })
}

// People are those of the list, the latest call first, then by name.
func (s *Store) People() []Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	people := slices.Clone(s.data.People)
	slices.SortStableFunc(people, func(a, b Person) int {
		if c := b.LastCall.Compare(a.LastCall); c != 0 {
			return c
		}
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return people
}

// IsContact reports whether somebody of that name, in any case, is a contact.
func (s *Store) IsContact(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.data.find(name)
	return i >= 0 && s.data.People[i].Contact
}

// AddPerson makes somebody a contact.
func (s *Store) AddPerson(name string) error {
	return s.change(func(c *contents) { c.person(name).Contact = true })
}

// RemovePerson takes somebody off the list.
func (s *Store) RemovePerson(name string) error {
	return s.change(func(c *contents) {
		if i := c.find(name); i >= 0 {
			c.People = slices.Delete(c.People, i, i+1)
		}
	})
}

// RecordCall notes the latest call with somebody. Somebody the user calls becomes a contact.
func (s *Store) RecordCall(name string, at time.Time, outgoing, missed bool) error {
	return s.change(func(c *contents) {
		p := c.person(name)
		if outgoing {
			p.Name = name // as the directory spells it
		}
		p.LastCall, p.Outgoing, p.Missed = at, outgoing, missed
		p.Contact = p.Contact || outgoing
	})
}

func (c *contents) find(name string) int {
	return slices.IndexFunc(c.People, func(p Person) bool { return strings.EqualFold(p.Name, name) })
}

func (c *contents) person(name string) *Person {
	if i := c.find(name); i >= 0 {
		return &c.People[i]
	}
	if len(c.People) >= maxPeople {
		oldest := 0
		for i, p := range c.People {
			if p.LastCall.Before(c.People[oldest].LastCall) {
				oldest = i
			}
		}
		c.People = slices.Delete(c.People, oldest, oldest+1)
	}
	c.People = append(c.People, Person{Name: name})
	return &c.People[len(c.People)-1]
}

// change applies f to what the file holds now, since another phone may use it too, and keeps the change only if it was written.
func (s *Store) change(f func(*contents)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.path == "" {
		f(&s.data)
		return nil
	}
	next, err := s.changeFile(f)
	if err != nil {
		return fmt.Errorf("the profile could not be saved: %w", err)
	}
	s.data = next
	return nil
}

func (s *Store) changeFile(f func(*contents)) (c contents, err error) {
	unlock, err := lock(s.path + ".lock")
	if err != nil {
		return c, err
	}
	defer unlock()
	if c, err = read(s.path); err != nil {
		return c, err
	}
	f(&c)
	return c, write(s.path, c)
}

// write replaces the file at path by way of a new one beside it, so that there is always a whole profile.
func write(path string, c contents) error {
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), fileName+".*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(append(b, '\n'))
	if err == nil {
		err = tmp.Sync()
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return err
}
