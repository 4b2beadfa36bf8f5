package media

import "time"

// A tone is quiet: it tells without interrupting who speaks. Both are two notes a fifth apart, which tell themselves apart by
// their direction alone, and so on any loudspeaker.
const (
	toneLow, toneHigh = 523.25, 783.99 // Hz: C5 and G5
	toneNote          = 130 * time.Millisecond
	toneLoudness      = 0.06
)

// NewJoinTone makes what is heard when somebody comes into a call: two notes that rise.
func NewJoinTone() *Ring { return newTone(toneLow, toneHigh) }

// NewLeaveTone makes what is heard when somebody goes: the same notes, falling.
func NewLeaveTone() *Ring { return newTone(toneHigh, toneLow) }

func newTone(first, second float64) *Ring {
	return newRing(2*toneNote,
		ringPart{0, toneNote, []float64{first}, toneLoudness},
		ringPart{toneNote, 2 * toneNote, []float64{second}, toneLoudness})
}

// playedOnce is a signal that is to be played once; the address tells one time from another.
type playedOnce struct {
	ring *Ring
	at   int // of the next frame; the player's goroutine
}

// Play plays a signal once beside whatever else is played, in the place of one that was played so and is not over. It goes to the
// loudspeaker alone: nobody is sent it.
func (p *Player) Play(r *Ring) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.once = &playedOnce{ring: r}
}

// read copies the next frame into dst; false: it is over.
func (o *playedOnce) read(dst *[FrameSamples]int16) bool {
	if o == nil || o.at >= len(o.ring.pcm) {
		return false
	}
	o.at = o.ring.read(dst, o.at)
	return true
}
