package http

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// FileStore keeps registrations in memory and in a file that survives a
// restart. The file has one JSON object a line, the last of a name counts. A registration appends its
// line; when superseded lines pile up the file is written anew beside the old one and renamed over it. Lines
// are not forced to disk each: a machine that falls over may lose the last moments of what expires within the hour.
type FileStore struct {
	memory *MemoryStore
	path   string

	mu    sync.Mutex
	file  *os.File
	lines int
}

// OpenFileStore opens or makes the file at path and reads what is in it. Lines
// that cannot be read, such as one cut short by a crash, are passed over. Close it at the end.
func OpenFileStore(path string) (*FileStore, error) {
	s := &FileStore{memory: NewMemoryStore(), path: path}
	if err := s.load(); err != nil {
		return nil, fmt.Errorf("the file of names %s cannot be read: %w", path, err)
	}
	if err := s.compact(); err != nil {
		return nil, fmt.Errorf("the file of names %s cannot be written: %w", path, err)
	}
	return s, nil
}

// Put implements Store.
func (s *FileStore) Put(e Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return fs.ErrClosed
	}
	if err := s.memory.Put(e); err != nil {
		return err
	}
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("storing %q: %w", e.Name, err)
	}
	s.lines++
	// A line that was written in part would spoil the next one: then, too, the file is written anew.
	if _, err := s.file.Write(append(line, '\n')); err != nil || s.lines > 2*s.memory.Len()+compactSlack {
		if err := s.compact(); err != nil {
			return fmt.Errorf("storing %q: %w", e.Name, err)
		}
	}
	return nil
}

// Get implements Store.
func (s *FileStore) Get(name string) (Entry, bool, error) { return s.memory.Get(name) }

// Len is the number of entries, expired ones included.
func (s *FileStore) Len() int { return s.memory.Len() }

// Close forces the file to disk and closes it. Put fails from then on.
func (s *FileStore) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	err := errors.Join(s.file.Sync(), s.file.Close())
	s.file = nil
	return err
}

// load reads the file, if there is one, without what has expired.
func (s *FileStore) load() error {
	f, err := os.Open(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err != nil {
		return err
	} else if info.Size() > maxStoreFile {
		return fmt.Errorf("it has %d bytes, more than %d", info.Size(), maxStoreFile)
	}
	lines, now := bufio.NewScanner(f), time.Now()
	lines.Buffer(nil, maxStoreFile)
	for lines.Scan() {
		var e Entry
		if json.Unmarshal(lines.Bytes(), &e) != nil || e.Name == "" || len(e.Name) > maxName || len(e.Identity) > maxIdentity {
			continue
		}
		if e.Updated.After(now) { // a clock was put back: it shall not count for ever
			e.Updated = now
		}
		if e.expired(now) {
			continue
		}
		if err := s.memory.Put(e); err != nil {
			return err
		}
	}
	return lines.Err()
}

// compact writes what is live into a new file, renames it over the old one and
// goes on appending to it.
func (s *FileStore) compact() error {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	s.memory.mu.Lock()
	s.memory.sweep(time.Now())
	n := len(s.memory.entries)
	for _, e := range s.memory.entries {
		if err := enc.Encode(e); err != nil {
			s.memory.mu.Unlock()
			return err
		}
	}
	s.memory.mu.Unlock()

	f, err := os.CreateTemp(filepath.Dir(s.path), filepath.Base(s.path)+".*.tmp")
	if err != nil {
		return err
	}
	_, err = f.Write(buf.Bytes())
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = os.Rename(f.Name(), s.path)
	}
	if err != nil {
		return errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	old := s.file
	s.file, s.lines = f, n
	if old != nil {
		_ = old.Close() // nothing in it counts any more
	}
	return nil
}
