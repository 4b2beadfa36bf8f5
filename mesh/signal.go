package mesh

import (
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/rtmfp/amf"
)

// Signals travel on a flow of their own in the peer session, one message each: AMF0 values, the first the kind's
// name, the second the call's ID ("" where there is none), then the kind's own values. Values after those
// that we know are ignored and so are kinds that we do not know, so that later versions may add some.
//
//	hello      "", version, name (only of who opened the session), capabilities (words), media epoch (Unix ms)
//	invite     call, name, age of the offer (ms), and into a conference: true, names of its members (one a line)
//	join       call: the sender is in this conference, or asks to be let in (see conference.go)
//	ringing    call
//	accept     call
//	reject     call, reason
//	cancel     call
//	bye        call, reason, and between members of a room: the incarnations of the sender and of whom it is said to (0: not known)
//	ok         call
//	resume     call
//	keyframe   call
//	proof      "", the proof of package trust (hex)
//	compare    call, a message of the comparison of short strings (hex)

// signalKind is the name of a signal on the wire. Those that the Video Phone had keep their names.
type signalKind string

const (
	sigHello    signalKind = "hello"    // the first on every flow
	sigInvite   signalKind = "invite"   // the caller offers a call
	sigRinging  signalKind = "ringing"  // the callee's phone rings
	sigAccept   signalKind = "accept"   // the callee's user accepts
	sigReject   signalKind = "reject"   // the callee does not take the call
	sigCancel   signalKind = "cancel"   // the caller gives up before an answer
	sigBye      signalKind = "bye"      // either side ends the call
	sigOK       signalKind = "ok"       // accept (or ok, cancel, bye) was heard
	sigResume   signalKind = "resume"   // the call goes on in this new session
	sigJoin     signalKind = "join"     // the sender is in the conference, or asks to be let in
	sigKeyFrame signalKind = "keyframe" // the sender cannot decode and needs a key frame
	sigProof    signalKind = "proof"    // who the sender is
	sigCompare  signalKind = "compare"  // a step of the comparison of short strings
)

// Versions of the signals.
const (
	signalVersion    = 1
	minSignalVersion = 1
)

// ourCapabilities are the words of our hello: codecs that we take, and extensions.
const ourCapabilities = "opus h264 " + roomCapability + " " + repeatCapability + " " + fillCapability

// roomCapability says that a phone can be in a conference: it takes the flow of room messages (roomflow.go).
const roomCapability = "room"

// signal is one message of the control flow. Which fields count depends on the kind.
type signal struct {
	kind         signalKind
	call         string // 32 hex digits
	version      int
	name         string
	capabilities string
	epoch        time.Time     // what media timestamp 0 stands for, on the sender's clock
	age          time.Duration // of the offer
	reason       Reason
	near, far    uint64   // of a bye in a room: incarnations of the sender and of the receiver; 0: not known
	message      []byte   // of package trust
	room         bool     // of an invite: into a conference
	with         []string // whose members are called so
}

// errSignal is the error of a message that is no signal; errUnknownSignal that of a kind we do not know.
const (
	errSignal        = meshError("mesh: malformed signal")
	errUnknownSignal = meshError("mesh: unknown signal")
)

// append appends the encoded signal to b.
func (s signal) append(b []byte) ([]byte, error) {
	v := []amf.Value{string(s.kind), s.call}
	switch s.kind {
	case sigHello:
		v = append(v, s.version, s.name, s.capabilities, float64(s.epoch.UnixMilli()))
	case sigInvite:
		v = append(v, s.name, float64(s.age.Milliseconds()))
		if s.room {
			v = append(v, true, strings.Join(s.with, "\n"))
		}
	case sigReject:
		v = append(v, string(s.reason))
	case sigBye:
		v = append(v, string(s.reason))
		if s.near|s.far != 0 {
			v = append(v, float64(s.near), float64(s.far))
		}
	case sigProof, sigCompare:
		v = append(v, hex.EncodeToString(s.message))
	}
	return amf.AppendAMF0(b, v...)
}

// parseSignal decodes one message of the control flow. Whatever comes out is within bounds.
func parseSignal(b []byte) (signal, error) {
	if len(b) > maxSignal {
		return signal{}, fmt.Errorf("%w: %d bytes", errSignal, len(b))
	}
	values, err := amf.DecodeAMF0(b)
	if err != nil {
		return signal{}, fmt.Errorf("%w: %w", errSignal, err)
	}
	a := arguments{rest: values}
	s := signal{kind: signalKind(a.text()), call: a.text()}
	switch s.kind {
	case sigHello:
		s.version = int(a.number(0, math.MaxInt32))
		s.name = tidyName(a.text())
		s.capabilities = a.text()
		s.epoch = time.UnixMilli(int64(a.number(0, maxEpoch)))
		if len(s.capabilities) > maxCapabilities {
			a.bad = true
		}
	case sigInvite:
		s.name = tidyName(a.text())
		s.age = time.Duration(a.number(0, maxAge)) * time.Millisecond
		if len(a.rest) >= 2 {
			s.room, s.with = a.flag(), a.names()
		}
	case sigReject:
		s.reason = Reason(a.text())
	case sigBye:
		s.reason = Reason(a.text())
		if len(a.rest) >= 2 {
			s.near, s.far = uint64(a.number(0, maxIncarnation)), uint64(a.number(0, maxIncarnation))
		}
	case sigProof, sigCompare:
		s.message = a.bytes()
	case sigRinging, sigAccept, sigCancel, sigOK, sigResume, sigKeyFrame, sigJoin:
	default:
		return signal{}, errUnknownSignal
	}
	if a.bad || (s.hasCall() && !isCallID(s.call)) {
		return signal{}, errSignal
	}
	return s, nil
}

// hasCall reports whether a signal of the kind is about a call; the others are about the session.
func (s signal) hasCall() bool { return s.kind != sigHello && s.kind != sigProof }

const (
	maxEpoch = 1 << 52 // ms; a float64 holds it exactly, and so does time.Time
	maxAge   = 1 << 31 // ms
	// maxIncarnation is that of a member in a signal; a float64 holds it exactly. It is a time in ms.
	maxIncarnation = 1 << 53
)

// arguments takes values from a decoded message one by one and notes when one is missing or of another type.
type arguments struct {
	rest []amf.Value
	bad  bool
}

func (a *arguments) next() amf.Value {
	if len(a.rest) == 0 {
		a.bad = true
		return nil
	}
	v := a.rest[0]
	a.rest = a.rest[1:]
	return v
}

func (a *arguments) text() string {
	s, ok := a.next().(string)
	if !ok {
		a.bad = true
	}
	return s
}

func (a *arguments) flag() bool {
	f, ok := a.next().(bool)
	if !ok {
		a.bad = true
	}
	return f
}

// number takes a number from lo to hi; NaN is refused with all others outside.
func (a *arguments) number(lo, hi float64) float64 {
	n, ok := a.next().(float64)
	if !ok || !(n >= lo && n <= hi) {
		a.bad = true
		return lo
	}
	return n
}

// names takes names, one a line.
func (a *arguments) names() []string {
	var all []string
	for line := range strings.SplitSeq(a.text(), "\n") {
		if name := tidyName(line); name != "" && len(all) < room.MaxMembers {
			all = append(all, name)
		}
	}
	return all
}

// bytes takes bytes in hex. How many they must be, and what they mean, is for package trust to say.
func (a *arguments) bytes() []byte {
	s := a.text()
	b, err := hex.DecodeString(s)
	if err != nil || len(b) > maxTrustMessage {
		a.bad = true
		return nil
	}
	return b
}

// isCallID reports whether s has the form of a call ID.
func isCallID(s string) bool {
	if len(s) != 2*callIDBytes {
		return false
	}
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// callIDBytes makes a call ID unguessable for anybody but the peer.
const callIDBytes = 16

// tidyName makes a name from the network fit to be shown: valid, printable, one line, not too long. Names that look the same to
// the last point are the same, so that nobody is "Bob " beside Bob: no blanks at the ends nor in a row, nothing
// that cannot be seen, and one way to write an accent (NFC). Letters that merely look alike (a Cyrillic о) stay what they are.
func tidyName(s string) string {
	const enough = 4 * maxName // what is joined to one letter included
	out := make([]rune, 0, min(len(s), enough))
	for _, r := range s {
		if len(out) < enough && r != utf8.RuneError && unicode.IsPrint(r) && !unicode.In(r, invisible...) && r != brailleBlank { // also drops controls and what turns the direction of writing
			out = append(out, r)
		}
	}
	out = []rune(norm.NFC.String(string(out)))
	return strings.Join(strings.Fields(string(out[:min(len(out), maxName)])), " ")
}

// What is printable to package unicode, and blank to the eye.
var invisible = []*unicode.RangeTable{unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector}

const brailleBlank = '\u2800'

// tidyText makes a text from the network fit to be shown: as tidyName, with line ends, and longer.
func tidyText(s string) string {
	out := make([]rune, 0, min(len(s), maxChat))
	for _, r := range s {
		if len(out) == maxChat {
			break
		}
		if r == '\n' || (r != utf8.RuneError && unicode.IsPrint(r)) || unicode.Is(unicode.Zs, r) || r == zeroWidthJoiner {
			out = append(out, r)
		}
	}
	return string(out)
}

// zeroWidthJoiner joins emoji into one; it is not "printable".
const zeroWidthJoiner = '\u200d'

// rejectReason and byeReason take a far end's reason for what it may mean here.
func rejectReason(r Reason) Reason {
	switch r {
	case Declined, Busy, Blocked, NoAnswer, TooOld, Full, Removed, IdentityChanged:
		return r
	case wireProofRefused, wireSameKey:
		return IdentityChanged
	}
	return Declined
}

func byeReason(r Reason) Reason {
	switch r {
	case PeerLost, Removed, Full, IdentityChanged, TooOld, Blocked:
		return r
	case wireProofRefused, wireSameKey:
		return IdentityChanged
	}
	return Hangup
}
