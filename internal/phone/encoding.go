package phone

import (
	"image"

	"sundog.dev/sundog/media"
	"sundog.dev/sundog/mesh"
)

// What a session makes for the others: as the mesh wants it, which knows what the uplink carries and what anybody shows, and as many
// people need it.

const (
	// lightFrom is the number of others from which on sound is encoded lightly: it then costs a quarter of the processor's time,
	// of which decoding so many people takes most, for 7 kbit/s more where the usual choice saves them.
	lightFrom = 3
	// silentFrom is the number of others from which on silence is not sent: nobody hears so many rooms' noise gladly.
	silentFrom = 9
	// manyFrom is the number of others from which on manyFPS pictures a second are enough: as many as a film has, in tiles that
	// small, for a fifth less of everybody's processor.
	manyFrom = 5
	manyFPS  = 24
)

// meshFrame is what is encoded, as the mesh takes it.
func meshFrame(e media.Encoded) mesh.Frame {
	f := mesh.Frame{Kind: mesh.AudioFrame, Key: e.Key, Due: e.Due, Data: e.Data, Small: e.Size == media.SmallSize, Layer: e.Layer, Needed: e.Needed}
	if e.Kind == media.Video {
		f.Kind = mesh.VideoFrame
	}
	return f
}

// send takes what is encoded. A camera that is switched off sends nothing from that moment on, though it may
// take a while to close.
func (s *session) send(e media.Encoded) {
	f := meshFrame(e)
	if e.Kind == media.Video {
		s.mu.Lock()
		off := s.wish.cameraOff && !s.wish.screen
		f.Screen = s.shows == screenSpec
		s.mu.Unlock()
		if off {
			return
		}
	}
	s.out.SendFrame(f)
}

// KeyFrameRequested implements mesh.MediaSession.
func (s *session) KeyFrameRequested(small bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.video == nil {
		return
	}
	size := media.FullSize
	if small {
		size = media.SmallSize
	}
	s.video.RequestKeyFrame(size)
}

// SetWish implements mesh.MediaSession.
func (s *session) SetWish(w mesh.MediaWish) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wanted = w
	s.applyWish()
}

// applyWish tells the encoders. s.mu is held.
func (s *session) applyWish() {
	if s.video != nil {
		s.video.SetWish(videoWish(s.wanted, s.others))
	}
	if s.audio != nil {
		s.audio.SetLight(s.others >= lightFrom)
		s.audio.SetSilent(s.others >= silentFrom || s.wanted.Sound.Silence)
		if bits := s.wanted.Sound.Bitrate; bits > 0 {
			s.audio.SetBitrate(bits)
		}
	}
}

// count notes how many others are in the call.
func (s *session) count() {
	others := 0
	for _, m := range s.call.Members() {
		if m.State == mesh.InCall || m.State == mesh.Reconnecting {
			others++
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if others != s.others {
		s.others = others
		s.applyWish()
	}
}

// pictured tells the call what our own picture is, before it is scaled; the zero size: none. One that is higher than wide counts by its width, since it has no
// more samples than one that lies. s.mu is held.
func (s *session) pictured(size image.Point, fps float64) {
	if size != s.picture {
		s.picture = size
		s.call.SetPicture(min(size.X, size.Y), fps)
	}
}

// ownPicture shows our picture, and notes its size. It implements media.VideoSink.
type ownPicture struct {
	*media.Screen
	session *session
	fps     float64
	size    image.Point // of the last one
}

// Put implements media.VideoSink.
func (p *ownPicture) Put(f media.VideoFrame) {
	if size := f.Image.Rect.Size(); size != p.size {
		p.size = size
		p.session.mu.Lock()
		p.session.pictured(size, p.fps)
		p.session.mu.Unlock()
	}
	p.Screen.Put(f)
}

// videoWish is what the mesh wants, as the encoders take it.
func videoWish(w mesh.MediaWish, others int) (v media.VideoWish) {
	if others >= manyFrom {
		v.FrameRate = manyFPS
	}
	for size, e := range map[media.Size]mesh.Encoding{media.FullSize: w.Full, media.SmallSize: w.Small} {
		if e.Wanted() {
			v.Sizes[size] = media.SizeWish{Bitrate: e.Bitrate, MaxLayer: e.Layers - 1, Height: e.Height}
		}
	}
	return v
}
