package lan

import (
	"context"
	"slices"
	"time"

	"sundog.dev/sundog/idmanager"
)

// Find returns everybody of that name, each with another identity: at once if somebody is known, else after asking for up to a
// second and a half. ErrUnknownName: nobody has answered; the network cannot tell who is away from who never was.
func (d *Directory) Find(ctx context.Context, name string) ([]idmanager.Record, error) {
	if err := d.may(ctx); err != nil {
		return nil, err
	}
	folded := idmanager.FoldName(name)
	if len(folded) > idmanager.MaxName || folded == "" {
		return nil, idmanager.ErrUnknownName
	}
	defer d.want(folded)()
	timeout := time.NewTimer(lookUpWait)
	defer timeout.Stop()
	for asked := false; ; asked = true {
		d.mu.Lock()
		people, changed := d.people, d.changed
		if !asked {
			d.askNow()
		}
		d.mu.Unlock()
		var found []idmanager.Record
		for _, r := range people {
			if idmanager.FoldName(r.Name) == folded {
				r.Addresses = slices.Clone(r.Addresses)
				found = append(found, r)
			}
		}
		if len(found) > 0 {
			return found, nil
		}
		select {
		case <-changed:
		case <-timeout.C:
			return nil, idmanager.ErrUnknownName
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-d.ctx.Done():
			return nil, idmanager.ErrClosed
		}
	}
}

// LookUp is Find where one person has the name; of several it says so: an idmanager.AmbiguousError.
func (d *Directory) LookUp(ctx context.Context, name string) (idmanager.Record, error) {
	found, err := d.Find(ctx, name)
	if err != nil {
		return idmanager.Record{}, err
	}
	if len(found) == 1 {
		return found[0], nil
	}
	several := &idmanager.AmbiguousError{Name: name}
	for _, r := range found {
		several.People = append(several.People, idmanager.Person{
			Name: r.Name, Identity: r.Identity, Ways: []idmanager.Way{{Where: d.Where(), Record: r}},
		})
	}
	return idmanager.Record{}, several
}

// askNow asks who is there, or, if we have just done so, a second after that. d.mu is held.
func (d *Directory) askNow() {
	for _, p := range d.engine.ports {
		p.queryAt = earliest(p.queryAt, latest(time.Now(), p.queried.Add(queryInterval)))
	}
	d.poke()
}

// want keeps places for people of these names, until the function that it returns is called.
func (d *Directory) want(folded ...string) (done func()) {
	count := func(by int) {
		d.mu.Lock()
		defer d.mu.Unlock()
		for _, name := range folded {
			if d.engine.wanted[name] += by; d.engine.wanted[name] == 0 {
				delete(d.engine.wanted, name)
			}
		}
	}
	count(1)
	return func() { count(-1) }
}

// Watch tells of everybody on this network, whatever names are given; those are kept places for when strangers fill the network.
func (d *Directory) Watch(ctx context.Context, names []string) (<-chan idmanager.Event, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.may(ctx); err != nil {
		return nil, err
	}
	folded := make([]string, len(names))
	for i, name := range names {
		folded[i] = idmanager.FoldName(name)
	}
	events := make(chan idmanager.Event)
	d.running.Go(func() {
		defer close(events)
		defer d.want(folded...)()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(d.ctx, cancel)()
		d.follow(ctx, events)
	})
	return events, nil
}

// follow tells of changes until ctx ends. Whoever reads slowly is told what is so by then.
func (d *Directory) follow(ctx context.Context, events chan<- idmanager.Event) {
	told := make(map[string]idmanager.Record)
	for {
		d.mu.Lock()
		people, changed := d.people, d.changed
		d.mu.Unlock()
		for _, r := range news(told, people) {
			select {
			case events <- idmanager.Event{Record: r}:
			case <-ctx.Done():
				return
			}
			if key := personKey(r); r.PeerID == "" {
				delete(told, key)
			} else {
				told[key] = r
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// news are those who have gone and those who are others than was told, in that order.
func news(told map[string]idmanager.Record, people []idmanager.Record) []idmanager.Record {
	var all []idmanager.Record
	there := make(map[string]bool, len(people))
	for _, r := range people {
		there[personKey(r)] = true
	}
	for key, r := range told {
		if !there[key] {
			all = append(all, idmanager.Record{Name: r.Name, Identity: r.Identity})
		}
	}
	for _, r := range people {
		if old, ok := told[personKey(r)]; !ok || !old.Equal(r) {
			r.Addresses = slices.Clone(r.Addresses)
			all = append(all, r)
		}
	}
	return all
}
