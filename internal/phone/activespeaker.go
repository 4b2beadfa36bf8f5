package phone

import (
	"time"

	"sundog.dev/sundog/media"
	"sundog.dev/sundog/rtmfp/flash"
)

// tendPeople looks after whom we hear, and who speaks, until the session ends.
func (s *session) tendPeople() {
	tick := time.NewTicker(media.SpeakerPoll)
	defer tick.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-s.hearing.wake:
			s.hearing.tend()
		case <-tick.C:
			s.hearing.tend()
			s.count()
			s.pollSpeaker()
		}
	}
}

// pollSpeaker finds out who speaks now: a member, or we ourselves, for whom the zero peer ID stands.
func (s *session) pollSpeaker() {
	levels := s.hearing.levels()
	s.mu.Lock()
	defer s.mu.Unlock()
	own := media.SpeakerLevel[flash.PeerID]{}
	if s.sendsAudio() {
		own.Level = s.audio.Level()
	}
	s.voice.Poll([]media.SpeakerLevel[struct{}]{{Level: own.Level}})
	if s.audioTried && s.videoTried {
		s.tellSending()
	}
	now, some := s.speakers.Poll(append(levels, own))
	if some == s.someSpeaks && now == s.speaker {
		return
	}
	s.speaker, s.someSpeaks = now, some // nobody, once the speaker has left
	s.call.SetSpeaker(now, some && now == flash.PeerID{})
}

// active is who speaks, or has spoken last: a member, or we ourselves.
func (s *session) active() (who flash.PeerID, own, some bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.speaker, s.someSpeaks && s.speaker == flash.PeerID{}, s.someSpeaks
}
