package phone

import (
	"context"
	"slices"
)

// WayState is the kind of a Way.
type WayState string

// The states of a way.
const (
	WayOpening WayState = "opening" // not yet
	WayOpen    WayState = "open"    // others find our name there and reach us
	WaySearch  WayState = "search"  // we find others; they do not find us, since we have no name
	WayFailed  WayState = "failed"  // it is tried again by itself
)

// Way is one of the ways by which others reach us: a directory that has our name.
type Way struct {
	Kind     DirectoryKind
	Where    string // the directory, for the user
	State    WayState
	Sentence string // of WayFailed: what happened and what is tried
	PeerID   string // by which we are called that way, in hex
}

// Ways are the ways by which others reach us, in the order of the directories.
func (p *Phone) Ways() []Way {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.waysNow()
}

// waysNow is Ways with p.mu held.
func (p *Phone) waysNow() []Way {
	var ways []Way
	for _, l := range p.setup.listings {
		w := Way{Kind: l.spec.kind, Where: l.ids.Where(), State: l.state, Sentence: l.sentence, PeerID: l.line.peerID()}
		if s := l.service; s != nil && s.state == ServiceFailed {
			w.State, w.Sentence = WayFailed, s.sentence
		}
		ways = append(ways, w)
	}
	return ways
}

// NextWays waits until Ways differs from last.
func (p *Phone) NextWays(ctx context.Context, last []Way) ([]Way, error) {
	for {
		p.mu.Lock()
		ways, changed := p.waysNow(), p.statusChanged
		p.mu.Unlock()
		if !slices.Equal(ways, last) {
			return ways, nil
		}
		select {
		case <-ctx.Done():
			return ways, ctx.Err()
		case <-changed:
		}
	}
}
