package directory

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"sundog.dev/sundog/idmanager/http/v1"
	"sundog.dev/sundog/internal/cluster"
)

// hub passes changes of names on to the streams that watch them. One watch of each bucket feeds it, whatever the number of streams.
type hub struct {
	mu       sync.RWMutex
	watchers map[string][]*inbox // by folded name
}

// news is what a bucket's watch told of a name.
type news struct {
	presence *presence // nil: it has to be looked up
	revision uint64
}

// inbox holds what a stream has not seen yet: one piece of news for each of its names at most, so that it cannot grow.
type inbox struct {
	wake chan struct{} // a value: there is something in it

	mu  sync.Mutex
	new map[string]news // by folded name
}

func newHub() *hub { return &hub{watchers: make(map[string][]*inbox)} }

func newInbox() *inbox {
	return &inbox{wake: make(chan struct{}, 1), new: make(map[string]news)}
}

// join has an inbox told of these names; leave ends that.
func (h *hub) join(in *inbox, keys []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, key := range keys {
		h.watchers[key] = append(h.watchers[key], in)
	}
}

func (h *hub) leave(in *inbox, keys []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, key := range keys {
		list := h.watchers[key]
		i := slices.Index(list, in)
		if i < 0 {
			continue
		}
		list[i] = list[len(list)-1]
		list[len(list)-1] = nil
		if list = list[:len(list)-1]; len(list) == 0 {
			delete(h.watchers, key)
		} else {
			h.watchers[key] = list
		}
	}
}

// watched reports whether anybody wants to know.
func (h *hub) watched(key string) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.watchers[key]) > 0
}

// tell puts a piece of news into the inboxes of all who watch the name.
func (h *hub) tell(key string, n news) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, in := range h.watchers[key] {
		in.put(key, n)
	}
}

// tellAll has every stream look up all of its names.
func (h *hub) tellAll() {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for key, list := range h.watchers {
		for _, in := range list {
			in.put(key, news{})
		}
	}
}

func (in *inbox) put(key string, n news) {
	in.mu.Lock()
	in.new[key] = n
	in.mu.Unlock()
	select {
	case in.wake <- struct{}{}:
	default:
	}
}

// take empties the inbox.
func (in *inbox) take() map[string]news {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.new) == 0 {
		return nil
	}
	all := in.new
	in.new = make(map[string]news)
	return all
}

// follow starts the watches of the buckets.
func (s *Server) follow() error {
	for _, f := range []struct {
		bucket *cluster.Bucket
		tell   func(cluster.Entry)
	}{{s.presence, s.tellPresence}, {s.old, s.tellOld}} {
		entries, err := f.bucket.Watch(s.ctx)
		if err != nil {
			return err
		}
		s.start(func() {
			current, restarted := false, false
			for e := range entries {
				switch e.Kind {
				case cluster.KindRestart:
					current, restarted = false, true
				case cluster.KindCurrent:
					if current = true; restarted { // changes may have been missed
						s.hub.tellAll()
						restarted = false
					}
				default:
					if current {
						f.tell(e)
					}
				}
			}
		})
	}
	return nil
}

// tellPresence passes on a change of the presence bucket.
func (s *Server) tellPresence(e cluster.Entry) {
	if !s.hub.watched(e.Key) {
		return
	}
	n := news{revision: e.Revision}
	if e.Kind == cluster.KindPut {
		var p presence
		if json.Unmarshal(e.Value, &p) == nil {
			n.presence = &p
		}
	}
	s.hub.tell(e.Key, n)
}

// tellOld passes on a change of the old bucket: whether it counts is for the streams to look up.
func (s *Server) tellOld(e cluster.Entry) {
	if key, err := v1.Fold(strings.ToValidUTF8(e.Key, "")); err == nil {
		s.hub.tell(key, news{})
	}
}
