package phone

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"sundog.dev/sundog/media"
	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/rtmfp/flash"
)

// Sources are the specs of sound and picture (see media.OpenVideo, OpenAudio, OpenPlayer, OpenDisplay). Empty: none or null.
type Sources struct {
	Camera, Mic, Speaker, Display string
}

// defaultVideo is the rate of our picture until the call says what it wants, in bit/s, and defaultHeight how many lines it has at most.
const (
	defaultVideo  = 600_000
	defaultHeight = 360
)

// screenSpec is the source of a picture that is the screen.
const screenSpec = "screen"

// wish is what the user wants of a call's own sound and picture.
type wish struct{ muted, cameraOff, screen, hand bool }

// mediaRoom gives each call its session of sound and picture. It implements mesh.Media.
type mediaRoom struct {
	log      *slog.Logger
	open     openers
	maxPeers int // the most others in a call

	mu       sync.Mutex
	sources  Sources
	sessions map[*mesh.Call]*session
	wishes   map[*mesh.Call]wish // said before there was a session
	echo     flash.PeerID        // the test call's far end: it gets the test picture where there is no camera
}

// openers open devices and files, and say how long their closing may take.
type openers struct {
	video  func(context.Context, string) (media.VideoSource, error)
	audio  func(context.Context, string) (media.AudioSource, error)
	player func(context.Context, string) (*media.Player, error)
	// display keeps somebody's pictures.
	display func(spec, name string) (media.VideoSink, error)

	closePatience time.Duration
}

func newMediaRoom(s Sources, maxPeers int, log *slog.Logger) *mediaRoom {
	return &mediaRoom{
		log: log, sources: s, maxPeers: maxPeers, open: openers{media.OpenVideo, media.OpenAudio, media.OpenPlayer, media.OpenDisplay, closePatience},
		sessions: map[*mesh.Call]*session{}, wishes: map[*mesh.Call]wish{},
	}
}

func (r *mediaRoom) session(c *mesh.Call) *session {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sessions[c]
}

// want changes what the user wants of a call, whether its session is there already or opens later.
func (r *mediaRoom) want(c *mesh.Call, change func(*wish)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.sessions[c]; s != nil {
		s.want(change)
		return
	}
	if c.Status().State != mesh.Ended {
		w := r.wishes[c]
		change(&w)
		r.wishes[c] = w
	}
}

// expectEcho tells the room whose calls are test calls.
func (r *mediaRoom) expectEcho(id flash.PeerID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.echo = id
}

func (r *mediaRoom) speaker() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sources.Speaker
}

func (r *mediaRoom) display() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sources.Display
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
	s := newSession(r, c, out)
	r.sessions[c] = s
	s.start()
	return s, nil
}

// forget is called when a call has ended.
func (r *mediaRoom) forget(c *mesh.Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.sessions, c)
	delete(r.wishes, c)
}
