package media

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

// ordeal is what a path does to packets that are sent so long after it begins: they travel longer by so much, and with this probability they are lost.
type ordeal func(at time.Duration) (delay time.Duration, lost float64)

// ordealStart is when it begins: what the path is like has been learned.
const ordealStart = 1500 * time.Millisecond

// share is as much of a delay as part is of all.
func share(delay, part, all time.Duration) time.Duration {
	return time.Duration(float64(delay) * float64(part) / float64(all))
}

// swell is a queue that grows, stands, meanwhile losing such a part of the packets, and empties.
func swell(rise, grows, stands, empties time.Duration, loss float64) ordeal {
	return func(at time.Duration) (time.Duration, float64) {
		switch {
		case at < grows:
			return share(rise, at, grows), 0
		case at < grows+stands:
			return rise, loss
		case at < grows+stands+empties:
			return share(rise, grows+stands+empties-at, empties), 0
		}
		return 0, 0
	}
}

// uplinkCut is the uplink of a conference that falls from 5 to 1 Mbit/s: its queue grows within 130 ms, overflows until senders have
// given way, and is empty 300 ms later.
func uplinkCut(rise time.Duration) ordeal {
	return swell(rise, 130*time.Millisecond, 200*time.Millisecond, 300*time.Millisecond, 0.4)
}

// bufferbloat is a queue that grows, stands for half a second and empties, and loses nothing.
func bufferbloat(rise, in time.Duration) ordeal {
	return swell(rise, in, 500*time.Millisecond, in, 0)
}

// stalls are moments in which nothing comes, each so long after the one before; then all comes at once.
func stalls(length, every time.Duration) ordeal {
	return func(at time.Duration) (time.Duration, float64) {
		return max(0, length-at%every), 0
	}
}

// oneLate is one packet that overtakes none but comes late.
func oneLate(by time.Duration) ordeal {
	return func(at time.Duration) (time.Duration, float64) {
		if at >= 300*time.Millisecond && at < 320*time.Millisecond {
			return by, 0
		}
		return 0, 0
	}
}

// hearing is what a listener has of an ordeal, from 0.1 s before it until 2 s after that.
type hearing struct {
	lost      float64       // frames that did not come
	made      float64       // frames made up
	leftOut   float64       // frames that came and were not heard
	stretched float64       // frames, by which sound was made longer and shorter
	delay     time.Duration // mean of playing, beyond the fastest packet
	last      time.Duration // the delay in the end
}

// listening is speech that goes over a path to a real receiver.
type listening struct {
	packets  [][]byte
	together int           // frames in a datagram
	length   time.Duration // of listening; the ordeal begins after ordealStart
	o        ordeal        // nil: none
}

// over is the mean of some moments at which the player may come, and of some fates.
func (l listening) over(t testing.TB, o ordeal) (mean hearing) {
	const runs = 3
	for run := range runs {
		l.o = o
		h := l.once(t, run, runs)
		mean.lost += h.lost / runs
		mean.made += h.made / runs
		mean.leftOut += h.leftOut / runs
		mean.stretched += h.stretched / runs
		mean.delay += h.delay / runs
	}
	return mean
}

// packetUnderWay is a frame that arrives.
type packetUnderWay struct {
	due, at time.Time
	data    []byte
}

// send puts the packets on the way, from one of them on. They come in order.
func (l listening) send(start time.Time, first int, chance *rand.Rand) (air []packetUnderWay, lost float64) {
	var last time.Time
	for n := 0; time.Duration(n)*FrameTime < l.length; n += l.together {
		sent := time.Duration(n+l.together-1) * FrameTime
		delay := time.Duration(chance.Int64N(int64(3 * time.Millisecond)))
		if l.o != nil && sent >= ordealStart {
			more, probability := l.o(sent - ordealStart)
			delay += more
			if chance.Float64() < probability {
				lost += float64(l.together)
				continue
			}
		}
		at := start.Add(sent + delay)
		if at.Before(last) {
			at = last
		}
		last = at
		for i := range l.together {
			air = append(air, packetUnderWay{start.Add(time.Duration(n+i) * FrameTime), at, l.packets[(first+n+i)%len(l.packets)]})
		}
	}
	return air, lost
}

// once is one of several runs.
func (l listening) once(t testing.TB, run, runs int) (h hearing) {
	r, err := newAudioReceiver(nil)
	if err != nil {
		t.Fatal(err)
	}
	if l.length == 0 {
		l.length = ordealStart + 2*time.Second
	}
	start := time.Unix(1000, 0)
	chance := rand.New(rand.NewPCG(uint64(run), 9))
	air, lost := l.send(start, chance.IntN(len(l.packets)), chance)
	from := start.Add(ordealStart - 100*time.Millisecond)
	late, measured := 0, 0
	now := start.Add(time.Duration(run) * FrameTime / time.Duration(runs))
	for ; now.Before(start.Add(l.length)); now = now.Add(FrameTime) {
		for len(air) > 0 && !air[0].at.After(now) {
			r.jitter.together(time.Duration(l.together) * FrameTime)
			r.jitter.push(air[0].due, air[0].data, air[0].at)
			air = air[1:]
		}
		if now.Before(from) {
			r.Stats() // of what was before
			late = r.jitter.late + r.jitter.dropped
		}
		var frame [FrameSamples]int16
		r.read(&frame, now)
		r.handedOver(now)
		if !now.Before(from) {
			h.delay += r.jitter.delay
			measured++
		}
	}
	h.delay, h.last = h.delay/time.Duration(measured), r.jitter.delay
	h.lost, h.made, h.leftOut = lost, float64(r.made), float64(r.jitter.late+r.jitter.dropped-late)
	h.stretched = float64(r.stretched) / FrameSamples
	return h
}

// hissPackets are speech with a fricative in each pause between syllables, in the noise of a room.
var hissPackets = sync.OnceValue(func() [][]byte {
	pcm := slices.Clone(speech())
	r := rand.New(rand.NewPCG(2, 2))
	level, low := 0.0, 0.0
	for i := range pcm {
		level += (float64(max(pcm[i], -pcm[i])) - level) / 2000
		low += (r.NormFloat64() - low) / 2
		amplitude := 60.0
		if level < 300 {
			amplitude = 900
		}
		pcm[i] = int16(min(max(float64(pcm[i])+amplitude*low, -32768), 32767))
	}
	return encodePackets(pcm, false)
})
