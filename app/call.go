package app

import (
	"image"

	"sundog.dev/sundog/mesh"
)

// Call is one call as a window shows it.
type Call interface {
	Name() string
	// With is whom the call is with, as Phone.Call takes them; its Name may be empty in the test call.
	With() Person
	Incoming() bool
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
	// Verification tells who is in the call, as far as that is proved. Changed tells of changes.
	Verification() Verification
	// Confirm and Deny take it from the user that the short strings match, or do not; CompareAgain asks for new ones.
	Confirm() error
	Deny() error
	CompareAgain() error
	// CheckCode takes the text of a code that another member's phone shows. If it fits, that member is verified.
	CheckCode(text string) error
	// OtherIdentity tells of a call that was stopped since another identity was shown than the remembered one, and of a
	// caller who shows another one than the contact of that name.
	OtherIdentity() (OtherIdentity, bool)
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
