package main

import (
	"context"
	"time"

	"sundog.dev/sundog/internal/phone"
)

// lookEvery is how often it is looked who is in a call, besides each time that something is told of it.
const lookEvery = 200 * time.Millisecond

// followed is a call that is followed to its end: what happens is printed, and commands are carried out.
type followed struct {
	runner *runner
	call   *phone.Call
	// names are those who are called into the call at its beginning.
	names []string
	// conference: it is one from its beginning, and ends when those who were called have all gone, or, with stays, as it is told.
	conference, stays bool

	established bool
	people      []phone.Participant
	came        map[string]bool // who has been there
	last        phone.Reason    // why the last one of them did not come
	shown       map[string]showing
	looked      string // whose picture the speaker's view shows
	speaker     string
	room        bool // the link was told
	mode        phone.UplinkMode
	problem     string
	blocks      bool // somebody was blocked as the user said
	hangUp      <-chan time.Time
	files       *fileDesk
}

// follow prints a call's events and stats until its end, and returns the exit status it deserves.
func (r *runner) follow(ctx context.Context, c *phone.Call) int {
	return (&followed{runner: r, call: c}).run(ctx)
}

func (f *followed) run(ctx context.Context) int {
	f.came, f.shown = map[string]bool{}, map[string]showing{}
	events, stopReading := f.read()
	defer stopReading()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	second := time.NewTicker(statsEvery)
	defer second.Stop()
	files := newFileDesk(f)
	defer files.close()
	var overdue <-chan time.Time
	end := func() {
		f.call.HangUp()
		overdue = time.After(closeTimeout)
	}
	done := ctx.Done()
	f.files = files
	f.begin()
	for {
		select {
		case ev, ok := <-events:
			if !ok {
				return exitStatus(f.established, "")
			}
			if changed, ok := ev.(phone.StateChanged); ok && changed.Status.State == phone.Ended {
				f.look()
				f.printEvent(ev)
				if f.blocks && changed.Status.Reason == phone.Blocked {
					return exitStatus(f.established, phone.Hangup) // as it was meant
				}
				return exitStatus(f.established, changed.Status.Reason)
			}
			f.printEvent(ev)
			switch ev.(type) {
			case phone.StateChanged, phone.MemberProved, phone.MemberJoined, phone.MemberLeft:
				f.look()
			}
		case <-look.C:
			f.look()
			f.printSpeaker()
		case <-second.C:
			f.everySecond()
		case c := <-f.runner.commands:
			if err := f.carryOut(c, end); err != nil {
				f.runner.printError(c.verb, err)
			}
			f.look()
		case <-f.hangUp:
			end()
		case <-done:
			done = nil
			end()
		case <-overdue:
			return exitBroken
		}
		if f.conference && !f.stays && len(f.people) == 0 && overdue == nil {
			end()
		}
	}
}

// read reads the call's events, until the returned function is called.
func (f *followed) read() (<-chan phone.Event, func()) {
	events := make(chan phone.Event)
	reading, stop := context.WithCancel(context.Background())
	go func() {
		defer close(events)
		for {
			ev, err := f.call.Next(reading)
			if err != nil {
				return
			}
			select {
			case events <- ev:
			case <-reading.Done():
				return
			}
		}
	}()
	return events, stop
}

// begin calls those who are to be in the conference.
func (f *followed) begin() {
	for _, name := range f.names {
		if err := f.call.Add(name); err != nil {
			f.runner.out.print("member", "peer", name, "state", "failed", "sentence", err.Error())
		}
	}
	f.look()
}

// look finds out who is in the call now, and tells what has changed.
func (f *followed) look() {
	now := f.call.People()
	for _, p := range now {
		f.changed(p)
	}
	f.people = now
	f.show()
	f.printRoom()
}

// changed tells how it stands with somebody, if that is new.
func (f *followed) changed(p phone.Participant) {
	var before phone.ParticipantState
	for _, other := range f.people {
		if other.ID == p.ID || other.Name == p.Name && other.Identity == (phone.Identity{}) {
			before = other.State
		}
	}
	switch {
	case before == p.State:
	case p.State == phone.BeingCalled:
		f.printMember(p, "calling")
	case p.State == phone.RingingThere:
		f.printMember(p, "ringing")
	case p.State == phone.Lost:
		f.printMember(p, "lost")
	case p.State == phone.Here && f.came[p.ID]:
		f.printMember(p, "back")
	case p.State == phone.Here:
		f.came[p.ID] = true
		f.printMember(p, "joined")
		f.first()
	}
}

// first is when the call is established, with somebody else in it.
func (f *followed) first() {
	if f.established {
		return
	}
	f.established = true
	if d := f.runner.duration; d > 0 {
		f.hangUp = time.After(d)
	}
}

func (f *followed) printMember(p phone.Participant, state string) {
	id := p.ID
	if p.Identity == (phone.Identity{}) && p.State == phone.BeingCalled {
		id = "" // not found yet
	}
	f.runner.out.print("member", "peer", p.Name, "peer_id", id, "identity", identityText(p.Identity), "standing", string(p.Standing), "state", state)
}

// left tells that somebody has gone, or has not come.
func (f *followed) left(ev phone.MemberLeft) {
	id, state := ev.Member.PeerID.String(), "left"
	switch {
	case ev.Reason == phone.Removed && !ev.Ours:
		state = "removed"
	case !f.came[id]:
		state, f.last = "failed", ev.Reason
	}
	name := f.call.NameOf(ev.Member)
	f.runner.out.print("member", "peer", name, "peer_id", id, "identity", identityText(ev.Member.Identity), "state", state,
		"reason", string(ev.Reason), "sentence", f.call.News(ev))
	delete(f.came, id)
}

// printRoom tells the link into the call, once it is a conference and has one.
func (f *followed) printRoom() {
	if f.room || !f.conference && len(f.people) < 2 || !f.call.MayInvite() {
		return
	}
	if link, err := f.call.RoomLink(); err == nil {
		f.room = true
		f.runner.out.print("room", "link", link)
	}
}

// printSpeaker tells who speaks now.
func (f *followed) printSpeaker() {
	if now := f.call.Speaker(); now != f.speaker {
		f.speaker = now
		f.runner.out.print("speaker", "peer", f.nameOf(now), "peer_id", now)
		f.show()
	}
}

// nameOf is the name of somebody in the call, "" of ourselves.
func (f *followed) nameOf(id string) string {
	for _, p := range f.people {
		if p.ID == id {
			return p.Name
		}
	}
	return ""
}

// everySecond tells how each of the others is received, and what the uplink carries.
func (f *followed) everySecond() {
	if f.established {
		for _, p := range f.people {
			if f.came[p.ID] {
				f.printStats(p)
			}
		}
		if len(f.people) > 1 || f.conference {
			f.printUplink()
		}
	}
	if _, _, now := f.call.Sending(); now != f.problem {
		if f.problem = now; now != "" {
			f.runner.out.print("problem", "peer", f.call.Name(), "sentence", now)
		}
	}
}
