package profile

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"
)

// Earlier versions kept the profile in a JSON file.
const (
	formerName = "profile.json"
	// keptAs is added to its name once it was taken over.
	keptAs = ".old"
	// formerLock is the name of its lock.
	formerLock = ".lock"

	// maxFormer bounds what is read: a profile of maxPeople people is far smaller.
	maxFormer = 4 << 20
)

// formerProfile is the file's contents.
type formerProfile struct {
	Settings Settings       `json:"settings"`
	People   []formerPerson `json:"people"`
}

type formerPerson struct {
	Name     string    `json:"name"`
	Contact  bool      `json:"contact"`
	LastCall time.Time `json:"last_call"`
	Outgoing bool      `json:"outgoing"`
	Missed   bool      `json:"missed"`
}

func parseFormer(b []byte) (formerProfile, error) {
	if len(b) > maxFormer {
		return formerProfile{}, fmt.Errorf("%d bytes are more than any profile has", len(b))
	}
	var former formerProfile
	err := json.Unmarshal(b, &former)
	return former, err
}

// takeOver adds what the file of an earlier version holds, and puts the file aside. What the database has already is newer and
// stays, so that it does no harm to do it again after a crash, or in two processes at once.
func (s *Store) takeOver(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the former profile cannot be read: %w", err)
	}
	if info.Size() > maxFormer {
		return fmt.Errorf("the former profile %s is larger than any profile: %d bytes", path, info.Size())
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // another process was faster
	}
	if err != nil {
		return fmt.Errorf("the former profile cannot be read: %w", err)
	}
	former, err := parseFormer(b)
	if err != nil {
		return fmt.Errorf("the former profile %s is damaged (%w); move it away to start anew", path, err)
	}
	if err := s.change(func(tx *sql.Tx) error { return former.addTo(tx) }); err != nil {
		return err
	}
	if err := os.Rename(path, path+keptAs); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the former profile cannot be put aside: %w", err)
	}
	_ = os.Remove(path + formerLock) // it holds nothing, and may be held by nobody any more
	return nil
}

func (former formerProfile) addTo(tx *sql.Tx) error {
	set, err := readSettings(tx)
	if err != nil {
		return err
	}
	if set == (Settings{}) {
		if err := writeSettings(tx, former.Settings); err != nil {
			return err
		}
	}
	for i, f := range former.People {
		if i == maxPeople {
			break
		}
		name := bounded(strings.TrimSpace(f.Name))
		if name == "" {
			continue
		}
		id, p, err := meet(tx, name, nil)
		if err != nil {
			return err
		}
		p.Contact = p.Contact || f.Contact
		if f.LastCall.After(p.LastCall) {
			p.LastCall, p.Outgoing, p.Missed = f.LastCall, f.Outgoing, f.Missed
		}
		if err := savePerson(tx, id, p); err != nil {
			return err
		}
	}
	return nil
}
