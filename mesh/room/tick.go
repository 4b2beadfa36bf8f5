package room

import "time"

// Tick tells the time, every TickEvery or so, and who is heard: whether we, or a member by his last report, have a link to somebody
// that is up (see Matrix.Heard). A member's word about himself does not count.
func (r *Roster) Tick(now time.Time, heard func(Identity) bool) []Send {
	switch r.state {
	case Joining:
		if !now.Before(r.joinAt) {
			for _, who := range r.linked() {
				r.askToJoin(now, who)
			}
		}
	case In:
		r.listen(now, heard)
		r.react(now)
		r.defend(now)
	}
	if r.state == In && !now.Before(r.digestAt) {
		r.digestAt = now.Add(digestEvery)
		if r.store.prune(now, r.judge()) {
			r.touch()
		}
		for _, who := range r.linked() {
			if r.belongs(who) {
				r.send(who, r.store.digestMessage())
			}
		}
	}
	return r.take()
}

// defend says that we are there if somebody says that we are not, and goes if there is no seat for us.
func (r *Roster) defend(now time.Time) {
	if !r.refuteAt.IsZero() && !now.Before(r.refuteAt) {
		r.refuteAt, r.refuted = time.Time{}, now
		next := r.at
		next.version++
		if err := r.writeCard(now, next, false, None); err == nil {
			r.broadcast(r.self)
		}
		r.react(now)
	}
	if r.overSince.IsZero() || now.Before(r.overSince.Add(overGrace)) {
		return
	}
	switch r.judge().standing[r.self] {
	case Over:
		r.leave(now, Full)
	case UsedUp:
		r.leave(now, Used)
	default:
		r.leave(now, Revoked)
	}
}

// listen notes who has fallen silent, and writes off whom nobody has heard for long. One member writes it down for all: the first
// in the order of places among those who are heard; the others wait a little longer, each for those before him.
func (r *Roster) listen(now time.Time, heard func(Identity) bool) {
	members := r.judge().members
	before, alone := 0, true
	var silent []Identity
	passed := false
	for _, m := range members {
		switch {
		case m.Identity == r.self:
			passed = true
		case heard(m.Identity):
			alone = false
			delete(r.silent, m.Identity)
			r.store.heard[m.Identity] = true
			if !passed {
				before++
			}
		default:
			silent = append(silent, m.Identity)
			if r.store.heard[m.Identity] {
				delete(r.store.heard, m.Identity)
				r.touch()
			}
		}
	}
	for _, m := range r.judge().lapsed {
		if heard(m.Identity) {
			r.store.heard[m.Identity] = true
			r.touch()
		}
	}
	r.forget()
	wait := lapseAfter + time.Duration(before)*lapseStep
	if alone {
		wait = lapseAlone
	}
	for _, who := range silent {
		since, ok := r.silent[who]
		if !ok {
			r.silent[who] = now
			continue
		}
		if now.Sub(since) >= wait {
			r.writeOff(now, who)
		}
	}
}

// forget drops those who are no members any more.
func (r *Roster) forget() {
	for who := range r.silent {
		if r.judge().standing[who] != Present {
			delete(r.silent, who)
		}
	}
	for who := range r.store.heard {
		if r.judge().standing[who] != Present && who != r.self {
			delete(r.store.heard, who)
		}
	}
}

func (r *Roster) writeOff(now time.Time, who Identity) {
	held := r.store.records[who]
	l, err := lapse{room: r.store.id, target: who, at: held.card.at, time: now, author: r.self}.sign(r.cfg.Key)
	if err != nil {
		return
	}
	if held.addLapse(l) {
		delete(r.silent, who)
		r.touch()
		r.broadcast(who)
	}
}
