package phone

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"sundog.dev/sundog/media"
	"sundog.dev/sundog/mesh"
)

// defaultBudget is what is sent until the call tells its budget, bit/s.
const defaultBudget = 700_000

// session is the sound and picture of one call. What is wanted is set under
// mu by anybody; the goroutine run makes it so, since opening a device may take
// seconds. It implements mesh.MediaSession.
type session struct {
	room *mediaRoom
	call *mesh.Call
	out  mesh.MediaOut
	log  *slog.Logger
	see  *media.VideoReceiver

	remote, local media.Screen

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	work   chan struct{} // wakes run

	mu          sync.Mutex
	sources     Sources
	testPicture bool
	budget      int
	audioOn     bool // wanted
	videoOn     bool // wanted
	cameraDead  bool // failed while open; a new choice, or switching it off and on, clears it
	micDead     bool
	problems    problems
	hear        *media.AudioReceiver
	player      *media.Player
	audio       *media.AudioSender
	video       *media.VideoSender

	// What run has opened, its own.
	opened Sources
}

func (s *session) touch() {
	select {
	case s.work <- struct{}{}:
	default:
	}
}

// run opens and closes devices until the session ends.
func (s *session) run() {
	for {
		select {
		case <-s.ctx.Done():
			s.closeDevices()
			return
		case <-s.work:
		}
		s.applySpeaker()
		s.applyMic()
		s.applyCamera()
		s.mu.Lock()
		audio, video := s.audio != nil && s.audioOn, s.video != nil
		s.mu.Unlock()
		s.call.SetSending(audio, video)
	}
}

func (s *session) closeDevices() {
	s.stopVideo()
	s.stopAudio()
	s.stopPlayer()
}

func (s *session) applySpeaker() {
	s.mu.Lock()
	want := s.sources.Speaker
	s.mu.Unlock()
	if want == "" {
		want = "null"
	}
	if s.opened.Speaker == want {
		return
	}
	s.stopPlayer()
	s.opened.Speaker = want
	player, err := media.OpenPlayer(s.ctx, want)
	if err != nil {
		s.fail("loudspeaker", err)
		// Sound is still received and measured, and another choice may work.
		if player, err = media.OpenPlayer(s.ctx, "null"); err != nil {
			return
		}
	}
	hear, err := player.NewReceiver()
	if err != nil {
		s.fail("loudspeaker", errors.Join(err, player.Close()))
		return
	}
	s.mu.Lock()
	s.player, s.hear = player, hear
	s.mu.Unlock()
}

func (s *session) stopPlayer() {
	s.mu.Lock()
	player := s.player
	s.player, s.hear = nil, nil
	s.mu.Unlock()
	if player != nil {
		if err := player.Close(); err != nil {
			s.fail("loudspeaker", err)
		}
	}
}

func (s *session) applyMic() {
	s.mu.Lock()
	want, muted, dead := s.sources.Mic, !s.audioOn, s.micDead
	s.mu.Unlock()
	if dead {
		s.stopAudio()
		s.opened.Mic = ""
		return
	}
	if s.opened.Mic != want {
		s.stopAudio()
		s.opened.Mic = want
		if src, err := media.OpenAudio(s.ctx, want); err != nil {
			s.fail("microphone", err)
		} else if src != nil {
			s.startAudio(src)
		}
	}
	s.mu.Lock()
	audio := s.audio
	s.mu.Unlock()
	if audio != nil {
		audio.SetMuted(muted)
	}
}

func (s *session) startAudio(src media.AudioSource) {
	audio, err := media.NewAudioSender(media.AudioSenderConfig{
		Source: src,
		Send:   s.send,
		Failed: func(err error) {
			s.fail("microphone", err)
			s.mu.Lock()
			s.micDead = true
			s.mu.Unlock()
			s.touch()
		},
	})
	if err != nil {
		s.fail("microphone", err)
		return
	}
	s.mu.Lock()
	s.audio = audio
	s.mu.Unlock()
}

func (s *session) stopAudio() {
	s.mu.Lock()
	audio := s.audio
	s.audio = nil
	s.mu.Unlock()
	if audio != nil {
		_ = audio.Close()
	}
}

func (s *session) applyCamera() {
	s.mu.Lock()
	want, dead, test := s.sources.Camera, s.cameraDead, s.testPicture
	if !s.videoOn || want == "" {
		want = "none"
	}
	s.mu.Unlock()
	if dead {
		s.stopVideo()
		s.opened.Camera = ""
		return
	}
	if s.opened.Camera == want {
		return
	}
	s.stopVideo()
	s.opened.Camera = want
	src, err := media.OpenVideo(s.ctx, want)
	if test && errors.Is(err, media.ErrNoCamera) {
		src, err = media.OpenVideo(s.ctx, "test")
	}
	if err != nil {
		s.fail("camera", err)
		return
	}
	if src != nil {
		s.startVideo(src)
	}
}

func (s *session) startVideo(src media.VideoSource) {
	s.mu.Lock()
	rate := videoShare(s.budget)
	s.mu.Unlock()
	video, err := media.NewVideoSender(media.VideoSenderConfig{
		Source:  src,
		Bitrate: rate,
		Send:    s.send,
		Local:   &s.local,
		Failed: func(err error) {
			s.fail("camera", err)
			s.mu.Lock()
			s.cameraDead = true
			s.mu.Unlock()
			s.touch()
		},
	})
	if err != nil {
		s.fail("camera", err)
		return
	}
	s.mu.Lock()
	s.video = video
	s.mu.Unlock()
}

func (s *session) stopVideo() {
	s.mu.Lock()
	video := s.video
	s.video = nil
	s.mu.Unlock()
	if video != nil {
		_ = video.Close()
	}
	s.local.Clear()
}

func videoShare(budget int) int { return max(budget-audioOnWire, minVideo) }

func (s *session) send(e media.Encoded) {
	kind := mesh.AudioFrame
	if e.Kind == media.Video {
		kind = mesh.VideoFrame
	}
	s.out.SendFrame(mesh.Frame{Kind: kind, Key: e.Key, Due: e.Due, Data: e.Data})
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
func (s *session) ReceiveFrame(f mesh.Frame) {
	if f.Kind == mesh.VideoFrame {
		s.see.Push(media.Encoded{Kind: media.Video, Key: f.Key, Due: f.Due, Data: f.Data})
		return
	}
	s.mu.Lock()
	hear := s.hear
	s.mu.Unlock()
	if hear != nil {
		hear.Push(media.Encoded{Kind: media.Audio, Due: f.Due, Data: f.Data})
	}
}

// KeyFrameRequested implements mesh.MediaSession.
func (s *session) KeyFrameRequested() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.video != nil {
		s.video.RequestKeyFrame()
	}
}

// SetBudget implements mesh.MediaSession: sound first, the rest for the picture.
func (s *session) SetBudget(bitsPerSecond int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.budget = bitsPerSecond
	if s.video != nil {
		s.video.SetBitrate(videoShare(bitsPerSecond))
	}
}

// Close implements mesh.MediaSession.
func (s *session) Close() error {
	s.cancel()
	s.wg.Wait()
	err := s.see.Close()
	s.room.forget(s.call)
	return err
}

func (s *session) setSources(src Sources) {
	s.mu.Lock()
	s.sources, s.cameraDead, s.micDead = src, false, false
	s.problems.clear()
	s.mu.Unlock()
	s.touch()
}

func (s *session) allowTestPicture() {
	s.mu.Lock()
	s.testPicture = true
	s.mu.Unlock()
}

func (s *session) setMuted(muted bool) {
	s.mu.Lock()
	s.audioOn = !muted
	s.mu.Unlock()
	s.touch()
}

func (s *session) setCamera(on bool) {
	s.mu.Lock()
	s.videoOn, s.cameraDead = on, false
	s.mu.Unlock()
	s.touch()
}

func (s *session) sending() (audio, video bool, problem string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.audio != nil && s.audioOn, s.video != nil, s.problems.current()
}

func (s *session) levels() (mic, far float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.audio != nil {
		mic = s.audio.Level()
	}
	if s.hear != nil {
		far = s.hear.Level()
	}
	return mic, far
}

func (s *session) stats() (media.AudioStats, media.VideoStats) {
	s.mu.Lock()
	hear := s.hear
	s.mu.Unlock()
	var a media.AudioStats
	if hear != nil {
		a = hear.Stats()
	}
	return a, s.see.Stats()
}
