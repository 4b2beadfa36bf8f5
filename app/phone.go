package app

import (
	"context"
	"image"
	"time"

	"sundog.dev/sundog/mesh"
)

// Phone is what the windows need of the phone behind them. cmd/sundog gives the real one.
// Methods return soon unless they take a context; all are safe for concurrent use.
type Phone interface {
	// Settings are as last saved; SaveSettings stores and applies them (it reconnects when the service changed).
	Settings() Settings
	SaveSettings(Settings) error
	// Service tells how others can reach us now.
	Service() ServiceStatus
	// TryService connects to the service in s without keeping it, to tell whether its address is right. The
	// error is a sentence for the user. It takes at most 8 s.
	TryService(ctx context.Context, s Settings) error
	// People are those called or added before, the newest call first.
	People() []Person
	AddPerson(name string) error
	RemovePerson(name string) error
	// Call calls somebody by name; the error is a sentence.
	Call(name string) (Call, error)
	// TestCall calls the echo in this process.
	TestCall() (Call, error)
	// Incoming delivers calls that ring.
	Incoming() <-chan Call
	// Devices lists what can be chosen. It may take a second.
	Devices(ctx context.Context) (Devices, error)
	// Changed gets a value (capacity one, coalesced) when Service or People have changed.
	Changed() <-chan struct{}
}

// Settings are what the user can choose. Device choices are source specs ("default", "none", "device:ID", "screen", "test" …).
type Settings struct {
	Name      string
	Server    string // rtmfp://host:port[/key]; empty: no service
	Directory string // http(s)://…; empty: derived from Server's host by the form
	Camera    string
	Mic       string
	Speaker   string
	Theme     string // "system", "light" or "dark"
}

// ServiceStatus says how others can reach us.
type ServiceStatus struct {
	State    ServiceState
	Where    string // the service's host
	Sentence string // what is wrong and what is being tried; for ServiceFailed
}

// ServiceState is the kind of a ServiceStatus.
type ServiceState int

// The states of the service.
const (
	NoService ServiceState = iota
	ServiceConnecting
	ServiceReachable
	ServiceFailed // it is tried again by itself
)

// Person is somebody in the list.
type Person struct {
	Name     string
	Online   bool
	LastCall time.Time // zero: never
	Outgoing bool      // of the last call
	Missed   bool      // of the last call
}

// Device is a choice in a list: Spec is what Settings hold.
type Device struct{ Spec, Label string }

// Devices are the choices, the system default first.
type Devices struct{ Cameras, Mics, Speakers []Device }

// Call is one call as a window shows it.
type Call interface {
	Name() string
	Incoming() bool
	Proved() bool
	Test() bool // the echo test call
	// Status is the present state; Sentence tells it to the user where the state alone does not
	// (why it ended and what to do, why it reconnects). Far* tell what the other side sends.
	Status() CallStatus
	// Changed gets a value (capacity one, coalesced) when Status or Chat have changed.
	Changed() <-chan struct{}
	Accept() error
	HangUp()
	SetMuted(bool)
	SetCamera(on bool) error
	SendChat(text string) error
	// Chat are the lines so far, the oldest first; a long chat may lose its beginning.
	Chat() []ChatLine
	// DrawRemote and DrawLocal paint the newest picture into dst, letterboxed and scaled, off the UI thread.
	// They return the picture's number (0: none yet), so that an unchanged one needs no repaint: if it is still
	// last, dst is left as it is. A last of 0 always paints. DrawLocal paints the own picture mirrored.
	// One goroutine per call uses them.
	DrawRemote(dst *image.RGBA, last uint64) uint64
	DrawLocal(dst *image.RGBA, last uint64) uint64
}

// CallStatus is what a call window shows.
type CallStatus struct {
	mesh.Status
	Sentence           string // why it ended, why it reconnects, else what is wrong with camera or sound
	Muted, CameraOn    bool
	FarAudio, FarVideo bool
	MicLevel, FarLevel float64 // 0..1, for meters and the speaking ring
	Quality            int     // 0 none, 1 poor, 2 fair, 3 good
}

// ChatLine is a line of text in a call.
type ChatLine struct {
	From string
	Text string
	Mine bool
}
