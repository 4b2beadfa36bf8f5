package mesh

import (
	"bytes"
	"sync"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp/flash"
)

// fakeMedia is sound and picture without devices: it sends a frame of each kind at its pace and counts what comes.
type fakeMedia struct {
	t    *testing.T
	slow int // times slower than real media, for long tests; 0: not at all

	mu       sync.Mutex
	sessions []*fakeSession
}

// OpenMedia implements Media.
func (m *fakeMedia) OpenMedia(c *Call, out MediaOut) (MediaSession, error) {
	if s := c.Status().State; s == Calling || s == Ringing {
		m.t.Errorf("media opens in state %q", s)
	}
	s := &fakeSession{slow: max(1, m.slow), call: c, out: out, stop: make(chan struct{}), last: map[FrameKind]time.Time{}, froms: map[heardFrom]int{}, count: map[FrameKind]int{}}
	m.mu.Lock()
	m.sessions = append(m.sessions, s)
	m.mu.Unlock()
	s.wg.Go(s.run)
	return s, nil
}

// session is the newest session, nil if there was none.
func (m *fakeMedia) session() *fakeSession {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.sessions) == 0 {
		return nil
	}
	return m.sessions[len(m.sessions)-1]
}

// heardFrom is frames of a kind from somebody.
type heardFrom struct {
	who  flash.PeerID
	kind FrameKind
}

type fakeSession struct {
	call *Call
	out  MediaOut
	slow int
	stop chan struct{}
	wg   sync.WaitGroup

	mu               sync.Mutex
	count            map[FrameKind]int
	froms            map[heardFrom]int
	last             map[FrameKind]time.Time // Due of the newest frame
	worst, soundLate time.Duration           // from Due to arrival, of all and of sound
	keys             int
	damaged          int
	asked            int
	wish             MediaWish
	begun            [2]bool // the full and the small size have had a key frame
	closed           bool
	tooLate          int // frames after Close
}

// Annex B: parameter sets and a slice, with bodies that the codecs' own tests would not accept but the wire does.
var (
	fakeParameters = []byte{0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1e, 0xda, 0x02, 0, 0, 0, 1, 0x68, 0xce, 0x3c, 0x80}
	fakeKeySlice   = append([]byte{0, 0, 0, 1, 0x65}, bytes.Repeat([]byte{0x5a}, 3000)...)
	fakeSlice      = append([]byte{0, 0, 0, 1, 0x41}, bytes.Repeat([]byte{0xa5}, 1500)...)
	fakeOpus       = append([]byte{0x78}, bytes.Repeat([]byte{0x33}, 80)...)
)

func (s *fakeSession) run() {
	audio, video := time.NewTicker(20*time.Millisecond*time.Duration(s.slow)), time.NewTicker(40*time.Millisecond*time.Duration(s.slow))
	defer audio.Stop()
	defer video.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-audio.C:
			s.out.SendFrame(Frame{Kind: AudioFrame, Due: time.Now(), Data: fakeOpus})
		case <-video.C:
			due := time.Now()
			for i, f := range s.pictures() {
				if f.Data != nil {
					f.Kind, f.Due, f.Small = VideoFrame, due, i == 1
					s.out.SendFrame(f)
				}
			}
		}
	}
}

// pictures are the next ones of both sizes, as far as they are wanted.
func (s *fakeSession) pictures() (p [2]Frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, e := range []Encoding{s.wish.Full, s.wish.Small} {
		if !e.Wanted() {
			s.begun[i] = false
			continue
		}
		p[i] = Frame{Key: !s.begun[i], Data: fakeSlice[:pictureSize(e.Bitrate)]}
		if p[i].Key {
			p[i].Data = append(bytes.Clone(fakeParameters), fakeKeySlice...)
		}
		s.begun[i] = true
	}
	return p
}

// pictureSize is how large a picture may be at 25 a second.
func pictureSize(bitrate int) int { return min(len(fakeSlice), max(300, bitrate/8/25)) }

// ReceiveFrame implements MediaSession.
func (s *fakeSession) ReceiveFrame(from flash.PeerID, f Frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.froms[heardFrom{from, f.Kind}]++
	if s.closed {
		s.tooLate++
	}
	s.count[f.Kind]++
	s.last[f.Kind] = f.Due
	s.worst = max(s.worst, time.Since(f.Due))
	if f.Kind == AudioFrame {
		s.soundLate = max(s.soundLate, time.Since(f.Due))
	}
	want := fakeOpus
	if f.Kind == VideoFrame && !f.Key && len(f.Data) <= len(fakeSlice) {
		want = fakeSlice[:len(f.Data)]
	}
	if f.Kind == VideoFrame && f.Key {
		s.keys++
		want = append(bytes.Clone(fakeParameters), fakeKeySlice...)
	}
	if !bytes.Equal(f.Data, want) {
		s.damaged++
	}
}

// KeyFrameRequested implements MediaSession.
func (s *fakeSession) KeyFrameRequested(small bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if small {
		s.begun[1] = false
	} else {
		s.begun[0] = false
	}
}

// SetWish implements MediaSession.
func (s *fakeSession) SetWish(w MediaWish) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wish = w
}

// bitrate is that of our picture, whatever its size.
func (w MediaWish) bitrate() int { return max(w.Full.Bitrate, w.Small.Bitrate) }

// Close implements MediaSession.
func (s *fakeSession) Close() error {
	close(s.stop)
	s.wg.Wait()
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	return nil
}

// tally is what a session has seen so far.
type tally struct {
	audio, video, keys, damaged, asked, tooLate int
	wish                                        MediaWish
	worst, soundLate                            time.Duration
	closed                                      bool
}

func (s *fakeSession) tally() tally {
	if s == nil {
		return tally{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return tally{
		audio: s.count[AudioFrame], video: s.count[VideoFrame], keys: s.keys, damaged: s.damaged,
		asked: s.asked, wish: s.wish, tooLate: s.tooLate, worst: s.worst, soundLate: s.soundLate, closed: s.closed,
	}
}

// received are the frames of a kind so far.
func (s *fakeSession) received(k FrameKind) int {
	if k == VideoFrame {
		return s.tally().video
	}
	return s.tally().audio
}

// from are the frames of a kind from somebody so far.
func (s *fakeSession) from(who flash.PeerID, k FrameKind) int {
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.froms[heardFrom{who, k}]
}
