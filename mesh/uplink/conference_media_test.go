package uplink

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"time"

	"sundog.dev/sundog/rtmfp"
)

const (
	messageOverhead = 14 // of sound and pictures in their messages
	soundLifetime   = 340 * ms
	pictureLifetime = 440 * ms
	fillerSize      = 600 // bytes on the link
	// soundDeadline: sound that is later has been concealed. An adaptive jitter buffer waits so long at most in a call of 20 ms
	// one way.
	soundDeadline = 200 * ms
	// pictureDeadline: a later picture is not shown.
	pictureDeadline = 400 * ms
	// keyFrameAfter is how long somebody waits for a missing picture before he asks for a new start.
	keyFrameAfter = 300 * ms
	keyFrameCost  = 6.0 // of a mean picture
)

// layeredEncoder makes pictures of three temporal layers, whose sizes vary as a video encoder's do.
type layeredEncoder struct {
	rng      *rand.Rand
	height   int
	rate     float64 // bit/s
	frame    int
	id       uint32
	last     [Layers]uint32 // of each layer
	debt     float64        // bytes that were too many
	keyAt    time.Duration  // of the last one
	keyAsked bool
}

// layerOf is a frame's layer in its turn of four, and pictureWeight its size against the mean so that layers take their shares.
var layerOf = [4]int{0, 2, 1, 2}

var pictureWeight = [Layers]float64{4 * 0.45, 4 * 0.25, 4 * 0.30 / 2}

// picture is an encoded picture.
type picture struct {
	id, ref uint32 // ref 0: a key frame
	layer   int
	size    int
}

func (e *layeredEncoder) next(now time.Duration, target float64) picture {
	e.rate += (target - e.rate) / 3
	mean := e.rate / 8 / 30
	layer := layerOf[e.frame%4]
	key := e.id == 0 || e.keyAsked && now-e.keyAt >= keyFrameAfter
	if key {
		e.frame, layer = 0, 0
		e.keyAt, e.keyAsked = now, false
	}
	e.frame++
	e.id++
	size := mean * pictureWeight[layer] * (1 + min(max(e.rng.NormFloat64(), -2), 2)*0.15)
	p := picture{id: e.id, layer: layer}
	switch {
	case key:
		size = mean * keyFrameCost
	case layer == 0:
		p.ref = e.last[0]
	case layer == 1:
		p.ref = e.last[0]
	default:
		p.ref = max(e.last[0], e.last[1])
	}
	paid := min(e.debt*0.1, size*0.6)
	e.debt += size - paid - mean*pictureWeight[layer]
	e.last[layer] = e.id
	p.size = max(int(size-paid), 30)
	return p
}

// sendPictures encodes the next picture in the sizes that are wanted, and sends to each who gets it.
func (m *member) sendPictures(now time.Duration) {
	d := m.division
	made := map[int]picture{}
	for _, e := range []Encoding{d.Small, d.Large} {
		if !e.Wanted() {
			continue
		}
		h := e.Size.Height
		enc := m.encoders[h]
		if enc == nil {
			enc = &layeredEncoder{rng: rand.New(rand.NewPCG(uint64(m.index), uint64(h))), height: h, rate: float64(e.Bitrate)}
			m.encoders[h] = enc
		}
		m.mu.Lock()
		made[h] = enc.next(now, float64(e.Bitrate))
		m.mu.Unlock()
	}
	k := -1
	for _, p := range m.peers {
		if p == nil {
			continue
		}
		k++
		s := d.Shares[k]
		h := d.Small.Size.Height
		if s.Large {
			h = d.Large.Size.Height
		}
		if s.Layers == 0 {
			p.height = 0
			continue
		}
		if p.height != h {
			p.height = h
			m.askKeyFrame(h)
		}
		if pic := made[h]; pic.layer < s.Layers {
			b := make([]byte, max(pic.size+messageOverhead, 24))
			binary.BigEndian.PutUint32(b, pic.id)
			binary.BigEndian.PutUint32(b[4:], pic.ref)
			binary.BigEndian.PutUint64(b[8:], uint64(now))
			b[16], b[17] = byte(pic.layer), byte(h/4)
			_, _ = p.picture.Write(ended, b, rtmfp.MessageOptions{DeliverBy: time.Now().Add(pictureLifetime)})
		}
	}
}

// askKeyFrame has the encoder of a height begin anew.
func (m *member) askKeyFrame(height int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.encoders[height]; e != nil {
		e.keyAsked = true
	}
}

// hearing is what one member hears and sees of another.
type hearing struct {
	from, to *member

	mu       sync.Mutex
	expected []time.Duration                 // when each packet of sound was sent
	sounds   map[time.Duration]time.Duration // its delay, by that
	shown    []sight
	decoded  map[uint32]bool // by picture, and height << 24
	waiting  []waiting
}

// sight is a picture that was shown.
type sight struct {
	at     time.Duration
	height int
}

// waiting is a picture that waits for the one before it.
type waiting struct {
	id, ref  uint32
	sent, at time.Duration
	height   int
	layer    int
}

func newHearing(to *member, from int) *hearing {
	return &hearing{from: to.c.memberOrNil(from), to: to, sounds: map[time.Duration]time.Duration{}, decoded: map[uint32]bool{}}
}

func (c *conference) memberOrNil(i int) *member {
	if i < len(c.members) {
		return c.members[i]
	}
	return nil
}

// expect notes that sound was sent.
func (h *hearing) expect(sent time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.expected = append(h.expected, sent)
}

// take takes what has come.
func (h *hearing) take(kind rtmfp.Priority, b []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.to.c.now()
	switch kind {
	case rtmfp.PriorityAudio:
		sent := time.Duration(binary.BigEndian.Uint64(b[4:]))
		h.sounds[sent] = now - sent
	case rtmfp.PriorityVideo:
		height := int(b[17]) * 4
		stream := uint32(height) << 20
		w := waiting{
			id: binary.BigEndian.Uint32(b) | stream, ref: binary.BigEndian.Uint32(b[4:]), sent: time.Duration(binary.BigEndian.Uint64(b[8:])),
			at: now, height: height, layer: int(b[16]),
		}
		if w.ref != 0 {
			w.ref |= stream
		}
		h.waiting = append(h.waiting, w)
		h.show(now)
	}
}

// show shows what can be decoded, and asks for a key frame if something cannot for too long. h.mu is held.
func (h *hearing) show(now time.Duration) {
	for again := true; again; {
		again = false
		rest := h.waiting[:0]
		for _, w := range h.waiting {
			switch {
			case w.ref == 0 || h.decoded[w.ref]:
				h.decoded[w.id] = true
				if now-w.sent <= pictureDeadline {
					h.shown = append(h.shown, sight{now, w.height})
				}
				again = true
			case now-w.at < keyFrameAfter:
				rest = append(rest, w)
			case w.layer == 0:
				h.from.askKeyFrame(w.height)
			}
		}
		h.waiting = rest
	}
}

// concealed is the part of the sound sent between two moments that was not there in time.
func (h *hearing) concealed(from, to time.Duration) float64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	n, missing := 0, 0
	for _, sent := range h.expected {
		if sent < from || sent >= to {
			continue
		}
		n++
		if d, ok := h.sounds[sent]; !ok || d > soundDeadline {
			missing++
		}
	}
	return float64(missing) / float64(max(n, 1))
}

// fps is how many pictures a second of at least a height were shown between two moments.
func (h *hearing) fps(height int, from, to time.Duration) float64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, s := range h.shown {
		if s.at >= from && s.at < to && s.height >= height {
			n++
		}
	}
	return float64(n) / (to - from).Seconds()
}
