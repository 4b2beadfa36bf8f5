package media

import "time"

// SpeakerPoll is how often levels are to be given to an ActiveSpeaker.
const SpeakerPoll = 200 * time.Millisecond

// What makes a speaker. Polls are of 200 ms.
const (
	// speakerLevel is the loudness from which sound is speech, on the scale of AudioReceiver.Level: −36 dB of full scale.
	speakerLevel = 0.4
	// speakerPolls is how many of the last speakerWindow polls must be that loud before somebody has the floor: 0.8 of 1.2 s. A cough or a slammed
	// door fills two or three, and typing every other one, and softer.
	speakerPolls, speakerWindow = 4, 6
	// speakerHang is how many polls somebody keeps the floor in silence against one who speaks up: 1 s, as long as a breath between sentences.
	speakerHang = 5
	// speakerOver: who talks over somebody takes the floor if louder by this on average, 6 dB, for as long as it takes to get it.
	speakerOver = 0.1
)

// SpeakerLevel is somebody's loudness now, 0..1 (AudioReceiver.Level, AudioSender.Level).
type SpeakerLevel[ID comparable] struct {
	ID    ID
	Level float64
}

// ActiveSpeaker says who speaks now, so that neither coughs nor short answers make pictures jump. It is a plain value without clock or lock; give
// it everybody's level each SpeakerPoll. The zero value is ready. In silence the last speaker remains the active one.
//
//	level   A ▇▆▇▅▇▆▁▁▁▁▁▁▁▁▁▁▁▁▁▁▆▇▅▇
//	        B ▁▁▁▁▁▇▁▁▁▁▁▅▇▆▇▆▅▇▁▁▁▁▁▁
//	active        A A A A A A A A A B B B B B B A   (B's cough is none; four loud polls take the floor)
type ActiveSpeaker[ID comparable] struct {
	people map[ID]*speaker
	active ID
	some   bool // active is somebody
	polls  uint64
}

// speaker is what is known of one person.
type speaker struct {
	recent [speakerWindow]float64 // levels, a ring
	seen   uint64                 // number of the last poll
}

// Poll takes the levels of all who are there, in a fixed order, and returns the active speaker; ok is false while nobody has
// spoken yet. Who is not among them has left.
func (a *ActiveSpeaker[ID]) Poll(levels []SpeakerLevel[ID]) (active ID, ok bool) {
	if a.people == nil {
		a.people = make(map[ID]*speaker)
	}
	a.polls++
	for _, l := range levels {
		s := a.people[l.ID]
		if s == nil {
			s = &speaker{}
			a.people[l.ID] = s
		}
		s.recent[a.polls%speakerWindow] = min(max(l.Level, 0), 1)
		s.seen = a.polls
	}
	for id, s := range a.people {
		if s.seen != a.polls {
			delete(a.people, id)
		}
	}
	holder := a.people[a.active]
	if holder == nil && a.some {
		var nobody ID
		a.active, a.some = nobody, false
	}
	best, found := a.active, false
	for _, l := range levels {
		s := a.people[l.ID]
		if a.some && l.ID == a.active || s.loudPolls() < speakerPolls || s.recent[a.polls%speakerWindow] < speakerLevel {
			continue
		}
		if !a.some || a.yields(holder, s) {
			if !found || s.mean() > a.people[best].mean() {
				best, found = l.ID, true
			}
		}
	}
	if found {
		a.active, a.some = best, true
	}
	return a.active, a.some
}

// yields reports whether the holder of the floor loses it to somebody who speaks.
func (a *ActiveSpeaker[ID]) yields(holder, other *speaker) bool {
	for back := range uint64(speakerHang) {
		if holder.recent[(a.polls-back+speakerWindow)%speakerWindow] >= speakerLevel {
			return other.mean() > holder.mean()+speakerOver
		}
	}
	return true
}

// Speaking reports whether the active speaker was loud in the last second, rather than being the last who was.
func (a *ActiveSpeaker[ID]) Speaking() bool {
	return a.some && a.people[a.active].loudPolls() > 1
}

func (s *speaker) loudPolls() (n int) {
	for _, l := range s.recent {
		if l >= speakerLevel {
			n++
		}
	}
	return n
}

func (s *speaker) mean() (sum float64) {
	for _, l := range s.recent {
		sum += l
	}
	return sum / speakerWindow
}
