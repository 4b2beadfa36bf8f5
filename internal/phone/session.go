package phone

import (
	"context"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"sync"
	"time"

	"sundog.dev/sundog/media"
	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/rtmfp/flash"
)

// closePatience bounds how long the end of a call waits for its devices and for the files of what is received: one that hangs in its
// driver, or a disk that does not answer, must keep neither the call nor the program from ending.
const closePatience = 5 * time.Second

// session is the sound and picture of one call. What is wanted is set under mu by anybody; a goroutine for
// each device makes it so, since opening one may take seconds and must not hold up the others. They end with
// Close. It implements mesh.MediaSession.
type session struct {
	room *mediaRoom
	call *mesh.Call
	out  mesh.MediaOut
	log  *slog.Logger
	*hearing

	local media.Screen

	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{}  // the devices are closed
	people sync.WaitGroup // the goroutine that tends whom we hear
	work   [3]chan struct{}

	mu          sync.Mutex
	sources     Sources
	wish        wish
	testPicture bool
	wanted      mesh.MediaWish // what the others can be sent
	others      int            // how many there are
	picture     image.Point    // the size of our own
	problems    problems
	shows       string // the source of our picture
	audio       *media.AudioSender
	video       *media.VideoSender
	audioFailed bool // the open one has: it is closed, and opened again only on a new choice
	videoFailed bool
	retryAudio  bool // the user chose again
	retryVideo  bool

	speakers   media.ActiveSpeaker[flash.PeerID]
	voice      media.ActiveSpeaker[struct{}] // whether we ourselves speak
	speaker    flash.PeerID                  // zero: we ourselves
	someSpeaks bool                          // somebody has spoken

	speakerTried, audioTried, videoTried bool // the first opening has come to its end

	// What is open, or was tried; each belongs to its device's goroutine.
	opened Sources
}

// showsScreen reports whether our picture is that of the screen.
func (s *session) showsScreen() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shows == screenSpec
}

// newSession makes a session; r.mu is held.
func newSession(r *mediaRoom, c *mesh.Call, out mesh.MediaOut) *session {
	s := &session{
		room: r, call: c, out: out, log: r.log.With("call", c.Name()), done: make(chan struct{}),
		sources: r.sources, wish: r.wishes[c], wanted: mesh.MediaWish{Full: mesh.Encoding{Bitrate: defaultVideo, Layers: media.TopLayer + 1, Height: defaultHeight}},
		testPicture: r.echo != flash.PeerID{} && c.PeerID() == r.echo,
	}
	for i := range s.work {
		s.work[i] = make(chan struct{}, 1)
	}
	s.hearing = newHearing(r, c, out, s.fail)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

func (s *session) start() {
	s.call.SetPicture(0, 0) // until the camera gives one
	var devices sync.WaitGroup
	devices.Go(func() { s.tend(s.work[0], s.applySpeaker, s.stopPlayer, &s.speakerTried) })
	devices.Go(func() { s.tend(s.work[1], s.applyMic, s.stopAudio, &s.audioTried) })
	devices.Go(func() { s.tend(s.work[2], s.applyCamera, s.stopVideo, &s.videoTried) })
	s.people.Go(s.tendPeople)
	go func() {
		devices.Wait()
		close(s.done)
	}()
}

// tend opens and closes one device as it is wanted, until the session ends.
func (s *session) tend(work <-chan struct{}, apply, stop func(), tried *bool) {
	defer stop()
	for {
		apply()
		s.mu.Lock()
		*tried = true
		if s.audioTried && s.videoTried { // the first word is the whole one
			s.tellSending()
		}
		s.mu.Unlock()
		select {
		case <-s.ctx.Done():
			return
		case <-work:
		}
	}
}

// touch has all devices looked at again.
func (s *session) touch() {
	for _, w := range s.work {
		poke(w)
	}
}

// tellSending tells the far end what it gets, or will get from a device that is still being opened. s.mu is held.
func (s *session) tellSending() {
	s.call.SetState(mesh.OwnState{
		Sound:   s.sendsAudio() || !s.audioTried && !s.wish.muted,
		Picture: s.sendsVideo() || !s.videoTried && (!s.wish.cameraOff || s.wish.screen),
		Muted:   s.wish.muted, Screen: s.sendsVideo() && s.shows == screenSpec, Hand: s.wish.hand,
		Speaking: s.sendsAudio() && s.voice.Speaking(),
	})
}

func (s *session) sendsAudio() bool { return s.audio != nil && !s.audioFailed && !s.wish.muted }
func (s *session) sendsVideo() bool {
	return s.video != nil && !s.videoFailed && (!s.wish.cameraOff || s.wish.screen)
}

// failed notes under mu that a device has failed, if it is still the one in use.
func (s *session) failed(device string, err error, inUse func() bool, note *bool) {
	s.mu.Lock()
	if !inUse() {
		s.mu.Unlock()
		return
	}
	*note = true
	s.mu.Unlock()
	s.fail(device, err)
	s.touch()
}

// fail remembers a sentence for the user; a device never ends a call.
func (s *session) fail(device string, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	s.log.Warn("device failed", "device", device, "error", err)
	s.mu.Lock()
	s.problems.add(device, err)
	s.mu.Unlock()
}

// ReceiveFrame implements mesh.MediaSession.
func (s *session) ReceiveFrame(from flash.PeerID, f mesh.Frame) { s.hearing.receive(from, f) }

// Close implements mesh.MediaSession. A device that hangs in its driver, or a disk that does not answer, is left to itself after
// closePatience: its goroutines keep the device, the receivers of pictures, and the files that they write, which nobody else uses, and
// end when it answers at last. The names of those files stay taken until then, so no later call writes into them.
func (s *session) Close() error {
	s.cancel()
	heard := make(chan error, 1)
	go func() {
		s.people.Wait()
		heard <- s.hearing.close()
	}()
	patience, cancel := context.WithTimeout(context.Background(), s.room.open.closePatience)
	defer cancel()
	var err error
	select {
	case <-s.done:
	case <-patience.Done():
		err = errors.New("a device hangs; it is left to itself")
	}
	select {
	case problem := <-heard:
		err = errors.Join(err, problem)
	case <-patience.Done():
		err = errors.Join(err, fmt.Errorf("the files of what was received are not complete: %w", errDisk))
	}
	s.room.forget(s.call)
	return err
}

func (s *session) setSources(src Sources) {
	s.mu.Lock()
	s.sources = src
	s.retryAudio = s.audio == nil || s.audioFailed
	s.retryVideo = s.video == nil || s.videoFailed
	s.problems.clear()
	s.mu.Unlock()
	s.touch()
}

// want changes what the user wants, with effect at once.
func (s *session) want(change func(*wish)) {
	s.mu.Lock()
	change(&s.wish)
	if s.audio != nil {
		s.audio.SetMuted(s.wish.muted)
	}
	s.retryVideo = s.retryVideo || s.videoFailed && (!s.wish.cameraOff || s.wish.screen)
	s.tellSending()
	s.mu.Unlock()
	s.touch()
}

func (s *session) sending() (audio, video bool, problem string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sendsAudio(), s.sendsVideo(), s.problems.current()
}

// mic is the loudness of the microphone, 0 to 1.
func (s *session) mic() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.audio == nil {
		return 0
	}
	return s.audio.Level()
}
