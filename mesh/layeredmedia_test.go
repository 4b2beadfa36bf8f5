package mesh

import (
	"bytes"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"sundog.dev/sundog/mesh/uplink"
	"sundog.dev/sundog/rtmfp/flash"
)

const (
	// soundDeadline: sound that is later has been concealed. An adaptive jitter buffer waits so long at most in a call of 20 ms
	// one way.
	soundDeadline = 200 * time.Millisecond
	// pictureDeadline: a later picture is not shown.
	pictureDeadline = 400 * time.Millisecond
	// missingFor is how long somebody waits for a missing picture before he asks for a new start.
	missingFor   = 300 * time.Millisecond
	keyFrameCost = 6.0 // of a mean picture
)

// layeredMedia is sound and picture as media make them for a conference, but of no content: 50 packets of sound a second, and
// pictures in the sizes, layers and bitrates that are wished. It notes when what comes from others is there.
type layeredMedia struct {
	t      *testing.T
	camera bool
	index  int

	mu       sync.Mutex
	silent   bool
	wish     MediaWish
	encoders [2]layeredEncoder // of the full and the small size
	sent     []time.Time       // of sound
	hears    map[flash.PeerID]*hearing
	call     *Call
	out      MediaOut
	stop     chan struct{}
	wg       sync.WaitGroup
}

func newLayeredMedia(t *testing.T, index int, camera bool) *layeredMedia {
	return &layeredMedia{t: t, index: index, camera: camera, hears: map[flash.PeerID]*hearing{}, stop: make(chan struct{})}
}

// OpenMedia implements Media.
func (m *layeredMedia) OpenMedia(c *Call, out MediaOut) (MediaSession, error) {
	if m.camera {
		c.SetPicture(360, 30)
	} else {
		c.SetPicture(0, 0)
	}
	c.SetState(OwnState{Sound: true, Picture: true}) // for those who divide their uplink by it
	for i := range m.encoders {
		m.encoders[i].rng = rand.New(rand.NewPCG(uint64(m.index), uint64(i)))
	}
	m.mu.Lock()
	m.call, m.out = c, out
	m.mu.Unlock()
	m.wg.Go(m.run)
	return m, nil
}

func (m *layeredMedia) run() {
	time.Sleep(time.Duration(m.index) * 1700 * time.Microsecond) // nobody's clock ticks with another's
	audio, video := time.NewTicker(20*time.Millisecond), time.NewTicker(time.Second/30)
	defer audio.Stop()
	defer video.Stop()
	for {
		select {
		case <-m.stop:
			return
		case now := <-audio.C:
			m.sendSound(now)
		case now := <-video.C:
			m.sendPictures(now)
		}
	}
}

func (m *layeredMedia) sendSound(now time.Time) {
	m.mu.Lock()
	if m.silent {
		m.mu.Unlock()
		return
	}
	m.sent = append(m.sent, time.UnixMilli(now.UnixMilli()))
	data := fakeOpus
	if bits := m.wish.Sound.Bitrate; bits > 0 {
		data = fakeOpus[:min(bits/8/50, len(fakeOpus))]
	}
	m.mu.Unlock()
	m.out.SendFrame(Frame{Kind: AudioFrame, Due: now, Data: data})
}

func (m *layeredMedia) sendPictures(now time.Time) {
	if !m.camera {
		return
	}
	var frames []Frame
	m.mu.Lock()
	for i, e := range []Encoding{m.wish.Full, m.wish.Small} {
		if !e.Wanted() {
			m.encoders[i].wanted = false
			continue
		}
		p := m.encoders[i].next(now, float64(e.Bitrate)/uplink.LayerShare(e.Layers))
		if p.layer >= e.Layers {
			continue
		}
		frames = append(frames, Frame{Kind: VideoFrame, Due: now, Key: p.ref == 0, Small: i == 1, Layer: p.layer, Needed: p.layer < 2, Data: p.data(e.Height)})
	}
	m.mu.Unlock()
	for _, f := range frames {
		m.out.SendFrame(f)
	}
}

// KeyFrameRequested implements MediaSession.
func (m *layeredMedia) KeyFrameRequested(small bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := 0
	if small {
		i = 1
	}
	m.encoders[i].keyAsked = true
}

// SetWish implements MediaSession.
func (m *layeredMedia) SetWish(w MediaWish) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wish = w
}

// keys is how many key frames of the full size were made.
func (m *layeredMedia) keys() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.encoders[0].keys
}

// wished is the wish now.
func (m *layeredMedia) wished() MediaWish {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.wish
}

func (m *layeredMedia) setSilent(silent bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.silent = silent
}

// Close implements MediaSession.
func (m *layeredMedia) Close() error {
	close(m.stop)
	m.wg.Wait()
	return nil
}

// ReceiveFrame implements MediaSession.
func (m *layeredMedia) ReceiveFrame(from flash.PeerID, f Frame) {
	now := time.Now()
	m.mu.Lock()
	h := m.hears[from]
	if h == nil {
		h = &hearing{sounds: map[time.Time]time.Duration{}, decoded: map[uint32]bool{}}
		m.hears[from] = h
	}
	ask := h.take(now, f)
	m.mu.Unlock()
	if ask {
		m.out.RequestKeyFrame(from)
	}
}

// layeredEncoder makes pictures of three temporal layers, whose sizes vary as a video encoder's do.
type layeredEncoder struct {
	rng      *rand.Rand
	wanted   bool
	rate     float64 // bit/s
	frame    int
	id       uint32
	last     [uplink.Layers]uint32 // of each layer
	debt     float64               // bytes that were too many
	keyAt    time.Time             // of the last one
	keyAsked bool
	keys     int // how many were made
}

// layerOf is a frame's layer in its turn of four, and pictureWeight its size against the mean so that layers take their shares.
var (
	layerOf       = [4]int{0, 2, 1, 2}
	pictureWeight = [uplink.Layers]float64{4 * 0.45, 4 * 0.25, 4 * 0.30 / 2}
)

// madePicture is an encoded picture.
type madePicture struct {
	id, ref uint32 // ref 0: a key frame
	layer   int
	size    int // bytes
}

func (e *layeredEncoder) next(now time.Time, target float64) madePicture {
	if e.rate == 0 {
		e.rate = target
	}
	e.rate += (target - e.rate) / 3
	mean := e.rate / 8 / 30
	layer := layerOf[e.frame%4]
	key := !e.wanted || e.keyAsked && now.Sub(e.keyAt) >= keyFrameEvery
	e.wanted = true
	if key {
		e.frame, layer = 0, 0
		e.keys++
		e.keyAt, e.keyAsked = now, false
	}
	e.frame++
	e.id++
	p := madePicture{id: e.id, layer: layer}
	size := mean * pictureWeight[layer] * (1 + min(max(e.rng.NormFloat64(), -2), 2)*0.15)
	switch {
	case key:
		size = mean * keyFrameCost
	case layer < 2:
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

// data is a picture as an access unit: its numbers, and nothing. No byte of it is small, or it would look like a start code.
func (p madePicture) data(height int) []byte {
	b := []byte{0, 0, 0, 1, 0x41}
	if p.ref == 0 {
		b = append(bytes.Clone(fakeParameters), 0, 0, 0, 1, 0x65)
	}
	for _, v := range []uint32{p.id, p.ref, uint32(height), uint32(p.layer)} {
		b = append(b, byte(v>>14)|0x80, byte(v>>7)|0x80, byte(v)|0x80)
	}
	return append(b, bytes.Repeat([]byte{0xa5}, max(p.size-len(b), 0))...)
}

// seenPicture is what data has put there.
func seenPicture(b []byte) (id, ref uint32, height, layer int) {
	head := b[:min(len(b), len(fakeParameters)+5)] // no start code is behind that
	b = b[bytes.LastIndex(head, []byte{0, 0, 0, 1})+5:]
	read := func(i int) uint32 {
		return uint32(b[3*i]&0x7f)<<14 | uint32(b[3*i+1]&0x7f)<<7 | uint32(b[3*i+2]&0x7f)
	}
	return read(0), read(1), int(read(2)), int(read(3))
}

// hearing is what one member hears and sees of another.
type hearing struct {
	sounds  map[time.Time]time.Duration // its delay, by when it was sent
	shown   []sight
	decoded map[uint32]bool // by picture, and height << 20
	waiting []waiting
}

// sight is a picture that was shown.
type sight struct {
	at     time.Time
	height int
}

// waiting is a picture that waits for the one before it.
type waiting struct {
	id, ref       uint32
	sent, at      time.Time
	height, layer int
}

// take takes what has come, and reports whether a key frame is to be asked for.
func (h *hearing) take(now time.Time, f Frame) (ask bool) {
	if f.Kind == AudioFrame {
		if _, again := h.sounds[f.Due]; !again {
			h.sounds[f.Due] = now.Sub(f.Due)
		}
		return false
	}
	id, ref, height, layer := seenPicture(f.Data)
	stream := uint32(height) << 20
	w := waiting{id: id | stream, ref: ref, sent: f.Due, at: now, height: height, layer: layer}
	if ref != 0 {
		w.ref |= stream
	}
	h.waiting = append(h.waiting, w)
	for again := true; again; {
		again = false
		rest := h.waiting[:0]
		for _, w := range h.waiting {
			switch {
			case w.ref == 0 || h.decoded[w.ref]:
				h.decoded[w.id] = true
				if now.Sub(w.sent) <= pictureDeadline {
					h.shown = append(h.shown, sight{now, w.height})
				}
				again = true
			case now.Sub(w.at) < missingFor:
				rest = append(rest, w)
			case w.layer == 0:
				ask = true
			}
		}
		h.waiting = rest
	}
	return ask
}
