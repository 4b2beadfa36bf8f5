package media

import "time"

// jitterBuffer puts packets back in order and says for each moment what is to be heard. It knows times and numbers
// and no sound. Its user locks it.
//
// Packets carry no number, so theirs is worked out from Due: each 20 ms after the newest packet is one number further. A
// sender that says nothing for a while (muted) therefore leaves a gap in the numbers.
//
//	          floor                      newest
//	played ───┤▓▓▓│▓▓▓│   │▓▓▓│   │   │▓▓▓│
//	           next    lost or late
//
// When the next packet is missing, sound is made up and the floor stays: either the packet comes and is played late, so the
// delay has grown by what was made up; or a later one is there, and once as much was made up as is
// missing, it is played: the delay is as before. What comes later and later is played slower before anything is missing (rise), and what then waits
// too long is played faster.
type jitterBuffer struct {
	slots   [jitterSlots]jitterSlot
	count   int               // packets waiting
	floor   int64             // the number that is played next; lower ones are too late
	newest  int64             // the highest number so far
	newDue  time.Time         // its due time
	seen    [jitterSeen]int64 // numbers that were taken
	started bool

	delays  delayEstimator
	rise    rise
	playing bool
	made    int           // frames made up since the last true one
	delay   time.Duration // of playing, beyond the fastest packet: smoothed
	stretch int           // −1: bring the delay down, +1: up
	raised  time.Time     // when the delay had to be, the last time; zero: it has been brought down since
	jumped  bool          // packets were dropped before the floor

	packet   time.Duration // how much sound comes at once, as its sender says
	repeated time.Time     // when a packet last came a second time
	silent   time.Time     // when the sender last said that it is silent; zero: it is not

	dropped, late, duplicate int
	repaired                 int // packets that came only behind a later one
}

type jitterSlot struct {
	number int64
	due    time.Time
	data   []byte
	full   bool
}

// jitterVerdict is what is to be heard next.
type jitterVerdict int

const (
	hearNothing jitterVerdict = iota // nobody speaks, or the first packets are being gathered
	hearPacket
	hearMadeUp  // a packet is missing
	hearSilence // the sender is silent, and says so: comfort noise
)

// jitterFrame is an answer of take.
type jitterFrame struct {
	verdict jitterVerdict
	data    []byte // hearPacket
	due     time.Time
	cut     bool // what comes before this packet in the stream was not played: cross-fade
	stretch int  // −1: shorten it if that can be done unheard, +1: lengthen it
	hard    bool // do so even if it may be heard
}

// push takes a packet with its arrival.
func (b *jitterBuffer) push(due time.Time, data []byte, arrival time.Time) {
	delay := arrival.Sub(due)
	if delay > delayAbsurd || delay < -delayAbsurd {
		return
	}
	if !b.started || b.delays.stepped(delay) {
		b.restart(due)
	}
	number := b.newest + int64((due.Sub(b.newDue)+FrameTime/2+1<<20*FrameTime)/FrameTime) - 1<<20
	if b.seen[number&(jitterSeen-1)] == number {
		b.duplicate++
		b.repeated = arrival
		return
	}
	if b.delays.add(delay, arrival) && number > b.newest {
		b.rise.came(delay - b.delays.base)
	}
	if number < b.floor {
		b.late++
		return
	}
	if first := number - jitterPackets + 1; first > b.floor {
		b.advance(first)
	}
	if number < b.newest {
		b.repaired++
	}
	b.seen[number&(jitterSeen-1)] = number
	b.slots[number&(jitterSlots-1)] = jitterSlot{number: number, due: due, data: data, full: true}
	b.count++
	if number > b.newest {
		b.newest, b.newDue = number, due
	}
}

// restart forgets all times: this is the first packet, or a clock was set.
func (b *jitterBuffer) restart(due time.Time) {
	b.delays.reset()
	b.rise = rise{}
	b.advance(b.newest + jitterSeen) // far from all numbers seen before
	b.newest, b.newDue = b.floor, due
	b.started, b.playing = true, false
}

// advance drops what lies below a number.
func (b *jitterBuffer) advance(floor int64) {
	for n := b.floor; b.count > 0 && n < floor; n++ {
		if s := &b.slots[n&(jitterSlots-1)]; s.full {
			*s = jitterSlot{}
			b.count--
			b.dropped++
			b.jumped = true
		}
	}
	b.floor = floor
	if b.count == 0 {
		b.playing = false
	}
}

// head is the lowest number waiting.
func (b *jitterBuffer) head() (int64, bool) {
	if b.count == 0 {
		return 0, false
	}
	for n := b.floor; ; n++ {
		if b.slots[n&(jitterSlots-1)].full {
			return n, true
		}
	}
}

// lag is how much later than possible the packet would be heard now.
func (b *jitterBuffer) lag(number int64, now time.Time) time.Duration {
	return now.Sub(b.slots[number&(jitterSlots-1)].due) - b.delays.base
}

func (b *jitterBuffer) has(number int64) bool {
	return number < b.floor+jitterSlots && b.slots[number&(jitterSlots-1)].full
}

// take says what is heard next by a player that comes now and still has so much sound of before.
func (b *jitterBuffer) take(now time.Time, left time.Duration) jitterFrame {
	head, ok := b.head()
	if !b.playing {
		for ok && silenceMark(b.slots[head&(jitterSlots-1)].data) {
			b.silence(head, now)
			head, ok = b.head()
		}
		if !ok || b.lag(head, now)+FrameTime/2 < b.target(now) {
			if now.Sub(b.silent) < silenceHeld {
				return jitterFrame{verdict: hearSilence}
			}
			return jitterFrame{verdict: hearNothing}
		}
		for b.has(head+1) && b.lag(head+1, now) > b.target(now) { // a heap came at once: begin with its end
			head++
		}
		b.advance(head)
		b.playing, b.made, b.stretch, b.silent = true, 0, 0, time.Time{}
		b.delay = b.lag(head, now) + left
		return b.play(now, left, true)
	}
	missing := int64(jitterPackets)
	if ok {
		missing = head - b.floor
	}
	switch made := int64(b.made); {
	case missing == 0 && made > 0 && b.has(b.floor+made) && b.lag(b.floor, now) > b.target(now)+shrinkDrop:
		b.advance(b.floor + made) // it came, but its place was filled, and there is too much delay already
		return b.play(now, left, true)
	case missing == 0:
		if made > 1 {
			b.rise.stalled(b.lag(b.floor, now), now)
		}
		return b.play(now, left, made > 0)
	case made >= missing:
		b.advance(head)
		return b.play(now, left, true)
	case made >= concealFrames:
		b.playing = false
		return jitterFrame{verdict: hearNothing}
	}
	b.made++
	return jitterFrame{verdict: hearMadeUp}
}

// together takes how much sound comes at once, as its sender says.
func (b *jitterBuffer) together(packet time.Duration) {
	b.packet = min(packet, packetMost)
}

// target is the delay to play with: the usual one, or more while packets come later and later.
func (b *jitterBuffer) target(now time.Time) time.Duration {
	return max(b.usual(now), b.rise.needed(now))
}

// usual is the delay that the path was seen to need. The first frame of several that come at once is older than the last by what they are more than one;
// and when they come a second time, with those behind them, all are older by so many.
func (b *jitterBuffer) usual(now time.Time) time.Duration {
	packet, least := max(b.packet, FrameTime), time.Duration(0)
	switch {
	case !b.repeated.IsZero() && now.Sub(b.repeated) < repeatHeld:
		least = 2*packet - FrameTime + 2*jitterMargin
	case packet > FrameTime:
		least = packet - FrameTime + 2*jitterMargin
	}
	return max(b.delays.target, least)
}

// silenceMark: a packet of nothing but its first byte says that its sender is silent from now on (RFC 6716 §3.2.1: no frame is transmitted).
func silenceMark(data []byte) bool { return len(data) == 1 }

// silence takes a mark that is waiting, and what came before it.
func (b *jitterBuffer) silence(number int64, now time.Time) {
	b.advance(number)
	b.slots[number&(jitterSlots-1)] = jitterSlot{}
	b.count--
	b.floor = number + 1
	b.playing, b.made, b.jumped, b.silent = false, 0, false, now
}

// play takes the packet at the floor.
func (b *jitterBuffer) play(now time.Time, left time.Duration, cut bool) jitterFrame {
	if silenceMark(b.slots[b.floor&(jitterSlots-1)].data) {
		b.silence(b.floor, now)
		return jitterFrame{verdict: hearSilence}
	}
	rising := b.watch(now)
	over := b.measure(now, b.lag(b.floor, now)+left, b.made > 0, b.target(now))
	if b.stretch < 0 && over > shrinkDrop && b.has(b.floor+1) {
		b.advance(b.floor + 1)
		b.delay -= FrameTime
	}
	s := &b.slots[b.floor&(jitterSlots-1)]
	f := jitterFrame{
		verdict: hearPacket, data: s.data, due: s.due, cut: cut || b.jumped,
		stretch: b.stretch, hard: b.stretch > 0 && rising || over > shrinkHard,
	}
	*s = jitterSlot{}
	b.count--
	b.floor++
	b.made, b.jumped = 0, false
	return f
}

// measure follows the delay, and decides whether it has to change.
func (b *jitterBuffer) measure(now time.Time, delay time.Duration, jumped bool, target time.Duration) (over time.Duration) {
	if jumped {
		if delay > b.delay+jitterMargin {
			b.raised = now
		}
		b.delay = delay
	} else {
		b.delay += (delay - b.delay) / 8
	}
	over = b.delay - target
	grow := growFrom
	if b.packet > FrameTime {
		grow = jitterMargin // what is missing will be, each time
	}
	if b.rise.need > 0 {
		grow = 0
	}
	from, to := shrinkFrom, shrinkTo
	if !b.raised.IsZero() && now.Sub(b.raised) >= raisedFor {
		from, to = shrinkTo, jitterMargin
	}
	switch {
	case over > from:
		b.stretch = -1
	case over < -grow:
		b.stretch, b.raised = 1, now
	case b.stretch < 0 && over < to:
		b.stretch = 0
		if to < shrinkTo {
			b.raised = time.Time{}
		}
	case b.stretch > 0 && over > 0:
		b.stretch = 0
	}
	return over
}

// stretched is told by how much the last packet was lengthened (or shortened, if negative).
func (b *jitterBuffer) stretched(by time.Duration) { b.delay += by }

// buffered is the sound that waits.
func (b *jitterBuffer) buffered() time.Duration { return time.Duration(b.count) * FrameTime }
