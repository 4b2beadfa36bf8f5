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
	// (why it ended and what to do, why it reconnects).
	Status() CallStatus
	// Members are the others in the call, in the order in which they came: whom it is with from its beginning, and who was
	// added.
	Members() []CallMember
	// Conference is what can be done in a call of several; nil: the phone knows calls of two only.
	Conference() Conference
	// Changed gets a value (capacity one, coalesced) when Status, Members, Chat or the Conference's state have changed.
	Changed() <-chan struct{}
	Accept() error
	HangUp()
	SetMuted(bool)
	SetCamera(on bool) error
	// SendChat writes a line to all members, or to the one of that ID alone.
	SendChat(text, to string) error
	// ShareScreen sends our screen in place of our camera's picture, until it is told to stop.
	ShareScreen(on bool) error
	// Company is who else is in the call into which an incoming one invites us: names, as the caller gives them.
	Company() []string
	// Showing tells in what size each member's picture is on the screen now, so that they send no more than that. Who is
	// missing from it is not to be seen.
	Showing([]Shown)
	// News are sentences about who has come and gone, the oldest first; many may lose their beginning.
	News() []string
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
	// DrawMember and DrawLocal paint the newest picture of a member and our own into dst, letterboxed and scaled, off the UI
	// thread. They return the picture's number (0: none yet), so that an unchanged one needs no repaint: if it is still
	// last, dst is left as it is. A last of 0 always paints. DrawLocal paints the own picture mirrored.
	// One goroutine per call uses them. DrawMember returns 0 for somebody who has left.
	DrawMember(id string, dst *image.RGBA, last uint64) uint64
	DrawLocal(dst *image.RGBA, last uint64) uint64
}

// CallStatus is what a call window shows.
type CallStatus struct {
	mesh.Status
	Sentence        string // why it ended, why it reconnects, else what is wrong with camera or sound
	Muted, CameraOn bool
	Sharing         bool    // our screen is what others see
	MicLevel        float64 // 0..1
}

// ChatLine is a line of text in a call.
type ChatLine struct {
	From    string
	Text    string
	Mine    bool
	Private bool   // to one alone
	To      string // of our own to one: their name
}

// Shown is how a member's picture is on the screen.
type Shown struct {
	ID     string
	W, H   int  // pixels
	Pinned bool // the user has made it large
}
