package mesh

import (
	"time"

	"sundog.dev/sundog/rtmfp/flash"
)

// soundPacking gathers our frames of sound until there are as many as go in one datagram. Each stays a message of its own, so that who
// receives them need know nothing of it; what is saved is what each datagram has beyond them, for delay. The datagrams to several
// members do not go at the same moment, or they would be a queue:
//
//	one in each      a ▮   ▮   ▮   ▮   ▮   ▮   ▮
//	three in each    a ─   ─   ▮▮▮ ─   ─   ▮▮▮ ─
//	                 b ─   ▮▮▮ ─   ─   ▮▮▮ ─   ─
//
// It belongs to a mediaOut, and so does its lock.
type soundPacking struct {
	frames int // that go in a datagram now
	wanted int // from grows on
	grows  time.Time

	kept [keptSound]soundMessage // the newest, by their number
	next uint64                  // number of the next one
	both []flash.Message         // reused: of a datagram
	late *time.Timer             // has what was gathered sent, should no more frames come
}

// keptSound is how many frames are kept: those of a datagram that is being gathered, and of the one before it, which may go again.
const keptSound = 2 * maxSoundTogether

// soundMessage is a frame of sound as it is sent.
type soundMessage struct {
	message flash.Message
	body    []byte // reused
	due, at time.Time
}

// soundSent is what of our sound one member has been sent; its mediaOut's.
type soundSent struct {
	from, next uint64 // the last datagram had the frames from, from + 1 … next − 1
	early      int    // the next datagram has so many frames less
}

// want says how many frames go in a datagram from now on. If they are more they do so in packingAfter, when the others know of it and
// have delay enough. It reports whether that is news.
func (s *soundPacking) want(frames int, now time.Time) (news bool) {
	frames = min(max(frames, 1), maxSoundTogether)
	if frames == s.wanted {
		return false
	}
	s.wanted = frames
	if frames > s.frames {
		s.grows = now.Add(packingAfter)
	} else {
		s.frames = frames
	}
	return true
}

// add takes a frame, and reports whether nothing follows it for a while.
func (s *soundPacking) add(stamp uint32, f Frame, now time.Time) (last bool) {
	k := &s.kept[s.next%keptSound]
	k.due, k.at = f.Due, now
	k.body = flash.AppendAudioOpus(k.body[:0], f.Data)
	k.message = flash.Message{Type: flash.MessageAudio, Timestamp: stamp, Payload: k.body}
	s.next++
	return len(f.Data) <= noSound
}

// datagram is the messages that a member has not been sent yet, and behind them, if they are to go twice, those of his last datagram.
// They are valid until the next call.
func (s *soundPacking) datagram(to *soundSent, twice bool) []flash.Message {
	s.both = s.both[:0]
	before := *to
	to.from, to.next, to.early = max(to.next, s.next-min(s.next, maxSoundTogether)), s.next, 0
	for n := to.from; n < to.next; n++ {
		s.both = append(s.both, s.kept[n%keptSound].message)
	}
	if !twice || before.next != to.from || before.from == before.next || to.next-before.from > keptSound ||
		s.kept[to.from%keptSound].due.Sub(s.kept[(to.from-1)%keptSound].due) >= 2*soundFrame {
		return s.both
	}
	for n := before.from; n < before.next; n++ {
		s.both = append(s.both, s.kept[n%keptSound].message)
	}
	return s.both
}

// sendSound sends a frame of sound to all, or keeps it for the datagram with those behind it. o.mu is held.
func (o *mediaOut) sendSound(f Frame) {
	s, now := &o.sound, time.Now()
	if s.frames < s.wanted && !now.Before(s.grows) {
		s.frames = s.wanted
		for i, l := range o.legs {
			l.sound.early = i % s.frames
		}
	}
	last := s.add(o.call.agent.clock.stamp(f.Due), f, now)
	for _, l := range o.legs {
		if last || int(s.next-l.sound.next)+l.sound.early >= s.frames {
			l.writeSound(s)
		}
	}
	switch {
	case s.frames <= 1 || last:
	case s.late == nil:
		s.late = time.AfterFunc(soundPatience, o.sendLate)
	default:
		s.late.Reset(soundPatience)
	}
}

// sendLate sends what was gathered if what is behind it has not come: the microphone was muted.
func (o *mediaOut) sendLate() {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := &o.sound
	if s.next == 0 || time.Since(s.kept[(s.next-1)%keptSound].at) < soundPatience {
		return
	}
	for _, l := range o.legs {
		if l.sound.next < s.next {
			l.writeSound(s)
		}
	}
}

// packSound says how much sound goes in a datagram from now on, and reports whether that is news.
func (o *mediaOut) packSound(packet time.Duration) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.sound.want(int(packet/soundFrame), time.Now())
}

// close ends what waits.
func (o *mediaOut) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sound.late != nil {
		o.sound.late.Stop()
	}
	o.legs = nil
}

// writeSound sends the far end what of our sound it has not been sent yet, if it still may.
func (o *legOut) writeSound(s *soundPacking) {
	o.mu.Lock()
	defer o.mu.Unlock()
	messages := s.datagram(&o.sound, o.repeat)
	if !o.admitted || o.pub == nil {
		return
	}
	// Errors mean that the stream is closed, and the call's goroutine knows.
	_ = o.pub.WriteTogether(messages, audioLifetime+o.rtt)
}
