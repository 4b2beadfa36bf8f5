package phone

import (
	"errors"
	"image"

	"sundog.dev/sundog/media"
)

// The devices of a session. Each apply function runs in its device's own goroutine (tend).

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
	player, err := s.room.open.player(s.ctx, want)
	if err != nil {
		s.fail("loudspeaker", err)
		// Sound is still received and measured, and another choice may work.
		if player, err = s.room.open.player(s.ctx, "null"); err != nil {
			return
		}
	}
	if _, err := s.hearing.use(player); err != nil {
		s.fail("loudspeaker", err)
	}
}

func (s *session) stopPlayer() {
	player, _ := s.hearing.use(nil) // without a player there is nothing that could fail
	if player != nil {
		if err := player.Close(); err != nil {
			s.fail("loudspeaker", err)
		}
	}
}

func (s *session) applyMic() {
	s.mu.Lock()
	want, failed, retry := s.sources.Mic, s.audioFailed, s.retryAudio
	s.retryAudio = false
	if want == "" {
		want = "none"
	}
	s.mu.Unlock()
	if failed {
		s.stopAudio()
	}
	if s.opened.Mic == want && !retry {
		return
	}
	s.stopAudio()
	s.opened.Mic = want
	src, err := s.room.open.audio(s.ctx, want)
	if err == nil && src != nil {
		err = s.startAudio(src)
	}
	if err != nil {
		s.fail("microphone", err)
	}
}

func (s *session) startAudio(src media.AudioSource) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var audio *media.AudioSender
	audio, err := media.NewAudioSender(media.AudioSenderConfig{
		Source: src,
		Send:   s.send,
		Failed: func(err error) {
			s.failed("microphone", err, func() bool { return s.audio == audio }, &s.audioFailed)
		},
	})
	if err != nil {
		return errors.Join(err, src.Close())
	}
	audio.SetMuted(s.wish.muted)
	s.audio = audio
	s.applyWish()
	return nil
}

func (s *session) stopAudio() {
	s.mu.Lock()
	audio := s.audio
	s.audio, s.audioFailed = nil, false
	s.mu.Unlock()
	if audio != nil {
		_ = audio.Close()
	}
}

func (s *session) applyCamera() {
	s.mu.Lock()
	want, failed, retry, test := s.sources.Camera, s.videoFailed, s.retryVideo, s.testPicture
	s.retryVideo = false
	if s.wish.cameraOff || want == "" {
		want = "none"
	}
	if s.wish.screen {
		want = screenSpec
	}
	s.mu.Unlock()
	if failed {
		s.stopVideo()
	}
	if s.opened.Camera == want && !retry {
		return
	}
	s.stopVideo()
	s.opened.Camera = want
	src, err := s.room.open.video(s.ctx, want)
	if test && errors.Is(err, media.ErrNoCamera) {
		src, err = s.room.open.video(s.ctx, "test")
	}
	if err == nil && src != nil {
		err = s.startVideo(src)
	}
	if err != nil {
		s.fail("camera", err)
	}
}

func (s *session) startVideo(src media.VideoSource) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wish.cameraOff && !s.wish.screen {
		return src.Close() // switched off while it opened
	}
	var video *media.VideoSender
	video, err := media.NewVideoSender(media.VideoSenderConfig{
		Source: src,
		Send:   s.send,
		Sharp:  s.opened.Camera == screenSpec,
		Local:  &ownPicture{Screen: &s.local, session: s, fps: frameRate(src)},
		Failed: func(err error) {
			s.failed("camera", err, func() bool { return s.video == video }, &s.videoFailed)
		},
	})
	if err != nil {
		return errors.Join(err, src.Close())
	}
	s.video, s.shows = video, s.opened.Camera
	s.applyWish()
	return nil
}

func (s *session) stopVideo() {
	s.mu.Lock()
	video := s.video
	s.video, s.videoFailed = nil, false
	s.pictured(image.Point{}, 0)
	s.mu.Unlock()
	if video != nil {
		_ = video.Close()
	}
	s.local.Clear()
}

// frameRate is what a source says of itself, pictures a second; what most give where it does not.
func frameRate(src media.VideoSource) float64 {
	if r, ok := src.(interface{ FrameRate() float64 }); ok && r.FrameRate() > 0 {
		return r.FrameRate()
	}
	return usualFPS
}

// usualFPS is what cameras give.
const usualFPS = 30
