package phone

import (
	"cmp"
	"errors"
	"image"
	"slices"
	"sync"

	"sundog.dev/sundog/media"
	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/rtmfp/flash"
)

const (
	// framesWaiting bounds what has come of a member before there is something to take it: making a decoder takes milliseconds,
	// and somebody's first key frame must not be lost over it. A second of sound.
	framesWaiting = 50
	// bytesWaiting bounds the same in bytes: a large key frame, and what comes behind it.
	bytesWaiting = 2 << 20
	// maxDisplays bounds the files of received pictures in one call: each stays open until the call ends, so that who comes back
	// is found in the same file.
	maxDisplays = 64
)

// reception is what a session has of one other member: the jitter buffer, the decoders, the newest picture.
type reception struct {
	from   flash.PeerID
	name   string
	screen media.Screen

	// Under the session's hearing.
	see    *media.VideoReceiver // nil: being made
	hear   *media.AudioReceiver // nil: being made, or there is no loudspeaker
	early  []mesh.Frame         // what came meanwhile
	bytes  int                  // of it
	volume float64
	broken bool // no decoder of pictures could be made: there is sound alone
}

// take hands a frame on, or keeps it until there is something to take it.
func (r *reception) take(f mesh.Frame) {
	switch {
	case f.Kind == mesh.VideoFrame && r.see != nil:
		r.see.Push(media.Encoded{Kind: media.Video, Key: f.Key, Due: f.Due, Data: f.Data})
	case f.Kind == mesh.AudioFrame && r.hear != nil:
		r.hear.Push(media.Encoded{Kind: media.Audio, Due: f.Due, Data: f.Data, Packet: f.Packet})
	case r.see == nil && !r.broken && len(r.early) < framesWaiting && r.bytes+len(f.Data) <= bytesWaiting:
		r.early, r.bytes = append(r.early, f), r.bytes+len(f.Data)
	}
}

// hearing is the receiving half of a session: a reception for each member whose frames come. Its tend makes and closes them; it is
// called by one goroutine.
type hearing struct {
	room     *mediaRoom
	call     *mesh.Call
	out      mesh.MediaOut
	fail     func(device string, err error)
	wake     chan struct{}              // capacity one: somebody has begun to send
	displays map[string]media.VideoSink // by whom they show; tend's own

	mu      sync.RWMutex
	from    map[flash.PeerID]*reception
	volumes map[flash.PeerID]float64 // other than 1
	player  *media.Player
}

func newHearing(r *mediaRoom, c *mesh.Call, out mesh.MediaOut, fail func(string, error)) *hearing {
	return &hearing{
		room: r, call: c, out: out, fail: fail, wake: make(chan struct{}, 1),
		displays: map[string]media.VideoSink{}, from: map[flash.PeerID]*reception{}, volumes: map[flash.PeerID]float64{},
	}
}

// receive takes a frame of a member. Of more people than may be in a call nothing is taken, until one of them has gone.
func (h *hearing) receive(from flash.PeerID, f mesh.Frame) {
	h.mu.RLock()
	r := h.from[from]
	if r != nil && (r.see != nil || r.broken) { // the usual case, for several members at once
		r.take(f)
		h.mu.RUnlock()
		return
	}
	h.mu.RUnlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	if r = h.from[from]; r == nil {
		if len(h.from) >= h.room.maxPeers {
			return
		}
		r = &reception{from: from, volume: 1}
		if v, ok := h.volumes[from]; ok {
			r.volume = v
		}
		h.from[from] = r
		poke(h.wake)
	}
	r.take(f)
}

// tend makes what is missing, and closes what is of people who have gone.
func (h *hearing) tend() {
	names := map[flash.PeerID]mesh.Member{}
	for _, m := range h.call.Members() {
		names[m.PeerID] = m
	}
	var begin, gone []*reception
	h.mu.Lock()
	for id, r := range h.from {
		switch _, there := names[id]; {
		case !there:
			delete(h.from, id)
			gone = append(gone, r)
		case r.see == nil && !r.broken:
			begin = append(begin, r)
		}
	}
	h.mu.Unlock()
	for _, r := range begin {
		if err := h.begin(r, names[r.from]); err != nil {
			h.fail("picture", err)
		}
	}
	for _, r := range gone {
		if err := r.close(); err != nil {
			h.fail("picture", err)
		}
	}
}

// begin makes the receivers of a member.
func (h *hearing) begin(r *reception, m mesh.Member) error {
	r.name = m.Name
	see, err := media.NewVideoReceiver(media.VideoReceiverConfig{
		Sinks: h.sinks(r, m), RequestKeyFrame: func() { h.out.RequestKeyFrame(r.from) },
	})
	h.mu.Lock()
	defer h.mu.Unlock()
	r.see, r.broken = see, err != nil
	err = errors.Join(err, h.listen(r))
	for _, f := range r.early {
		r.take(f)
	}
	r.early = nil
	return err
}

// listen has a member heard, if there is a loudspeaker. h.mu is held.
func (h *hearing) listen(r *reception) error {
	if h.player == nil {
		return nil
	}
	hear, err := h.player.NewReceiver()
	if err == nil {
		hear.SetVolume(r.volume)
		r.hear = hear
	}
	return err
}

// sinks are where a member's pictures go. Whoever comes back gets the file that they had.
func (h *hearing) sinks(r *reception, m mesh.Member) []media.VideoSink {
	sinks := []media.VideoSink{&r.screen}
	spec := h.room.display()
	if spec == "" || spec == "null" {
		return sinks
	}
	who := string(m.Identity[:])
	if m.Identity == (Identity{}) {
		who = string(m.PeerID[:])
	}
	display := h.displays[who]
	if display == nil && len(h.displays) < maxDisplays {
		var err error
		if display, err = h.room.open.display(spec, cmp.Or(m.Name, m.PeerID.String()[:8])); err != nil {
			h.fail("display", err) // the call goes on without it
			return sinks
		}
		h.displays[who] = display
	}
	if display != nil {
		sinks = append(sinks, keptSink{display})
	}
	return sinks
}

// keptSink stays open when the receiver that shows into it is closed.
type keptSink struct{ media.VideoSink }

// Close implements media.VideoSink.
func (keptSink) Close() error { return nil }

func (r *reception) close() (err error) {
	if r.see != nil {
		err = r.see.Close()
	}
	if r.hear != nil {
		err = errors.Join(err, r.hear.Close())
	}
	return err
}

// use has everybody heard by another player; nil: by none. It returns the one before, to be closed.
func (h *hearing) use(p *media.Player) (before *media.Player, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	before, h.player = h.player, p
	for _, r := range h.from {
		r.hear = nil // it ends with its player
		if r.see != nil || r.broken {
			err = errors.Join(err, h.listen(r))
		}
	}
	return before, err
}

// close ends all receptions, and completes the files.
func (h *hearing) close() (err error) {
	h.mu.Lock()
	all := h.from
	h.from = map[flash.PeerID]*reception{}
	h.mu.Unlock()
	for _, r := range all {
		err = errors.Join(err, r.close())
	}
	for _, d := range h.displays {
		err = errors.Join(err, d.Close())
	}
	clear(h.displays)
	return err
}

// of is what there is of a member; nil: nothing has come.
func (h *hearing) of(id flash.PeerID) *reception {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.from[id]
}

// draw paints a member's newest picture (see media.Screen.Draw).
func (h *hearing) draw(id flash.PeerID, dst *image.RGBA, last uint64) uint64 {
	if r := h.of(id); r != nil {
		return r.screen.Draw(dst, last, false)
	}
	return new(media.Screen).Draw(dst, last, false)
}

// setVolume makes a member louder or softer, whether there is something to be heard already or not.
func (h *hearing) setVolume(id flash.PeerID, factor float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.volumes) > maxDisplays {
		clear(h.volumes) // of people long gone
	}
	h.volumes[id] = factor
	if r := h.from[id]; r != nil {
		r.volume = factor
		if r.hear != nil {
			r.hear.SetVolume(factor)
		}
	}
}

// levels are how loud the members are, in a fixed order.
func (h *hearing) levels() []media.SpeakerLevel[flash.PeerID] {
	h.mu.RLock()
	defer h.mu.RUnlock()
	all := make([]media.SpeakerLevel[flash.PeerID], 0, len(h.from)+1)
	for id, r := range h.from {
		if r.hear != nil {
			all = append(all, media.SpeakerLevel[flash.PeerID]{ID: id, Level: r.hear.Level()})
		}
	}
	slices.SortFunc(all, func(a, b media.SpeakerLevel[flash.PeerID]) int { return slices.Compare(a.ID[:], b.ID[:]) })
	return all
}

// level is how loud a member is now, 0 to 1.
func (h *hearing) level(id flash.PeerID) float64 {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if r := h.from[id]; r != nil && r.hear != nil {
		return r.hear.Level()
	}
	return 0
}

// stats are of what comes from a member, since the previous snapshot.
func (h *hearing) stats(id flash.PeerID) (a media.AudioStats, v media.VideoStats) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if r := h.from[id]; r != nil {
		if r.hear != nil {
			a = r.hear.Stats()
		}
		if r.see != nil {
			v = r.see.Stats()
		}
	}
	return a, v
}
