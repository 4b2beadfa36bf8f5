package idmanager

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// memory is a directory in memory, that of one user: what the others say lies in the shared pool. Its owner may make it slow or
// let it fail.
type memory struct {
	where string
	pool  *pool

	mu    sync.Mutex
	mine  *Record
	fails error
	delay time.Duration
}

// shared is a memory that tells several identities under one name apart.
type shared struct{ *memory }

// pool holds the records of one directory.
type pool struct {
	mu      sync.Mutex
	records []Record        // in the order of registration
	known   map[string]bool // names that were ever registered
	changed chan struct{}   // closed at each change
}

func newPool() *pool { return &pool{changed: make(chan struct{}), known: make(map[string]bool)} }

func (p *pool) client(where string) *memory { return &memory{where: where, pool: p} }

// put registers a record for its key, or withdraws it when it has no peer ID.
func (p *pool) put(r Record) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.records = slices.DeleteFunc(p.records, func(old Record) bool { return recordKey(old) == recordKey(r) })
	if r.PeerID != "" {
		p.records = append(p.records, r)
		p.known[FoldName(r.Name)] = true
	}
	close(p.changed)
	p.changed = make(chan struct{})
}

// named are the records of a name, or all.
func (p *pool) named(name string) ([]Record, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found []Record
	for _, r := range p.records {
		if name == "" || FoldName(r.Name) == FoldName(name) {
			found = append(found, r)
		}
	}
	return found, p.changed
}

func (m *memory) set(fails error, delay time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fails, m.delay = fails, delay
}

func (m *memory) wait(ctx context.Context) error {
	m.mu.Lock()
	fails, delay := m.fails, m.delay
	m.mu.Unlock()
	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-ctx.Done():
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return fails
}

func (m *memory) Where() string { return m.where }

func (m *memory) Register(ctx context.Context, r Record) error {
	if err := m.wait(ctx); err != nil {
		return err
	}
	if id, err := hex.DecodeString(r.PeerID); err != nil || len(id) != 32 || r.Name == "" || len(r.Name) > MaxName {
		return ErrRefused
	}
	r.PeerID = strings.ToLower(r.PeerID)
	m.mu.Lock()
	m.mine = &r
	m.mu.Unlock()
	m.pool.put(r)
	return nil
}

func (m *memory) Refresh(ctx context.Context) error {
	m.mu.Lock()
	mine := m.mine
	m.mu.Unlock()
	if mine == nil {
		return ErrNotRegistered
	}
	return m.Register(ctx, *mine)
}

func (m *memory) Unregister(ctx context.Context) error {
	if err := m.wait(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	mine := m.mine
	m.mine = nil
	m.mu.Unlock()
	if mine != nil {
		gone := *mine
		gone.PeerID = ""
		m.pool.put(gone)
	}
	return nil
}

func (m *memory) find(ctx context.Context, name string) ([]Record, error) {
	if err := m.wait(ctx); err != nil {
		return nil, err
	}
	found, _ := m.pool.named(name)
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	switch {
	case name != "" && len(found) > 0:
		return found, nil
	case m.pool.known[FoldName(name)]:
		return nil, ErrOffline
	}
	return nil, fmt.Errorf("%s: %w", m.where, ErrUnknownName)
}

func (m *memory) LookUp(ctx context.Context, name string) (Record, error) {
	found, err := m.find(ctx, name)
	if err != nil {
		return Record{}, err
	}
	return found[len(found)-1], nil
}

func (m shared) Find(ctx context.Context, name string) ([]Record, error) { return m.find(ctx, name) }

// Watch tells of everybody, of its own accord.
func (m *memory) Watch(ctx context.Context, _ []string) (<-chan Event, error) {
	if err := m.wait(ctx); err != nil {
		return nil, err
	}
	events := make(chan Event)
	go func() {
		defer close(events)
		told := make(map[string]Record)
		for {
			now, changed := m.pool.named("")
			var news []Record
			for key, r := range told {
				if !slices.ContainsFunc(now, func(x Record) bool { return recordKey(x) == key }) {
					delete(told, key)
					news = append(news, Record{Name: r.Name, Identity: r.Identity})
				}
			}
			for _, r := range now {
				if !told[recordKey(r)].Equal(r) {
					told[recordKey(r)] = r
					news = append(news, r)
				}
			}
			for _, r := range news {
				select {
				case events <- Event{Record: r}:
				case <-ctx.Done():
					return
				}
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}()
	return events, nil
}
