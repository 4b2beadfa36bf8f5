package phone

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"sundog.dev/sundog/media"
	"sundog.dev/sundog/mesh"
)

// Sources are the specs of sound and picture (see media.OpenVideo, OpenAudio, OpenPlayer, OpenDisplay). Empty: none or null.
type Sources struct {
	Camera, Mic, Speaker, Display string
}

// audioOnWire is what sound takes of a budget: 32 kbit/s of Opus in 50
// packets a second with their headers.
const audioOnWire = 64_000

// minVideo is the least picture rate that is worth sending, bit/s.
const minVideo = 60_000

// mediaRoom gives each call its session of sound and picture. It implements mesh.Media.
type mediaRoom struct {
	log *slog.Logger

	mu       sync.Mutex
	sources  Sources
	sessions map[*mesh.Call]*session
	testing  map[*mesh.Call]bool // test calls, which show the test picture where there is no camera
}

func newMediaRoom(s Sources, log *slog.Logger) *mediaRoom {
	return &mediaRoom{log: log, sources: s, sessions: map[*mesh.Call]*session{}, testing: map[*mesh.Call]bool{}}
}

func (r *mediaRoom) session(c *mesh.Call) *session {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sessions[c]
}

// expectTest tells the room that the call is a test call.
func (r *mediaRoom) expectTest(c *mesh.Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.testing[c] = true
	if s := r.sessions[c]; s != nil {
		s.allowTestPicture()
	}
}

func (r *mediaRoom) setSources(src Sources) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sources = src
	for _, s := range r.sessions {
		s.setSources(src)
	}
}

// OpenMedia implements mesh.Media. The devices open in the background, since that may take seconds.
func (r *mediaRoom) OpenMedia(c *mesh.Call, out mesh.MediaOut) (mesh.MediaSession, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := &session{
		room: r, call: c, out: out, log: r.log.With("call", c.Name()),
		sources: r.sources, testPicture: r.testing[c],
		budget: defaultBudget, audioOn: true, videoOn: true,
		work: make(chan struct{}, 1),
	}
	sinks := []media.VideoSink{&s.remote}
	if r.sources.Display != "" && r.sources.Display != "null" {
		display, err := media.OpenDisplay(r.sources.Display, c.Name())
		if err != nil {
			return nil, err
		}
		sinks = append(sinks, display)
	}
	var err error
	s.see, err = media.NewVideoReceiver(media.VideoReceiverConfig{Sinks: sinks, RequestKeyFrame: out.RequestKeyFrame})
	if err != nil {
		for _, sink := range sinks {
			err = errors.Join(err, sink.Close())
		}
		return nil, err
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	r.sessions[c] = s
	s.wg.Go(s.run)
	s.touch()
	return s, nil
}

func (r *mediaRoom) forget(c *mesh.Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.sessions, c)
	delete(r.testing, c)
}
