package http

import (
	"errors"
	"strings"
	"sync"
	"time"
)

// Entry is one registration.
type Entry struct {
	Name     string    `json:"name"` // as spelled by whoever registered
	Identity string    `json:"identity"`
	Updated  time.Time `json:"updated"`
}

// Store keeps registrations by name; names that differ only in the case of ASCII
// letters are the same (SQLite's NOCASE, as the old server had it). Methods are safe for concurrent use.
type Store interface {
	// Put inserts or replaces the entry of that name.
	Put(e Entry) error
	// Get finds an entry; false if there is none. Whether it has expired is for the caller to say.
	Get(name string) (Entry, bool, error)
}

// ErrStoreFull says that a store holds as many names as it may, none of them expired.
var ErrStoreFull = errors.New("the store of names is full")

// MemoryStore keeps registrations while the process lives.
type MemoryStore struct {
	mu      sync.Mutex
	entries map[string]Entry
	limit   int
}

// NewMemoryStore makes an empty store of at most 100,000 names.
func NewMemoryStore() *MemoryStore {
	return &MemoryStore{entries: make(map[string]Entry), limit: maxNames}
}

// Put implements Store. ErrStoreFull when a new name finds no room, even after
// what has expired is swept out.
func (s *MemoryStore) Put(e Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := key(e.Name)
	if _, known := s.entries[k]; !known && len(s.entries) >= s.limit {
		s.sweep(e.Updated)
		if len(s.entries) >= s.limit {
			return ErrStoreFull
		}
	}
	s.entries[k] = e
	return nil
}

// Get implements Store.
func (s *MemoryStore) Get(name string) (Entry, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.entries[key(name)]
	return e, ok, nil
}

// Len is the number of entries, expired ones included.
func (s *MemoryStore) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.entries)
}

// sweep drops what has expired at the given time.
func (s *MemoryStore) sweep(now time.Time) {
	for k, e := range s.entries {
		if e.expired(now) {
			delete(s.entries, k)
		}
	}
}

func (e Entry) expired(now time.Time) bool { return now.Sub(e.Updated) >= Expiry }

// key folds the case of ASCII letters only.
func key(name string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, name)
}
