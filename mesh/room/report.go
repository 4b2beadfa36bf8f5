package room

import (
	"bytes"
	"cmp"
	"crypto"
	"encoding/binary"
	"slices"
	"time"

	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// Dials reports whether the near end opens the session between two members: the one with the smaller peer ID does, so that they do
// not both. A newcomer dials whom he asks to let him in, whatever their peer IDs.
func Dials(near, far flashcrypto.Fingerprint) bool { return bytes.Compare(near[:], far[:]) < 0 }

// LinkState is what a member says about his session with another.
type LinkState byte

// The states of links. Numbers that we do not know count as NoLink.
const (
	NoLink     LinkState = 0 // has not tried, or has given up
	Connecting LinkState = 1 // tries for the first time, and not for long yet
	Up         LinkState = 2 // hears him
	Broken     LinkState = 3 // does not hear him, or any more, and tries again
	Carried    LinkState = 4 // hears him by way of another member
)

// Link is one member's view of his session with another.
type Link struct {
	State LinkState
	RTT   time.Duration // the highest, smoothed, since the report before; in steps of 8 ms to 2 s; 0: unknown
	Loss  float64       // of packets to him of late, as his acknowledgements show, 0 to 1 in steps of ½ %
}

const (
	rttStep  = 8 * time.Millisecond
	lossStep = 1. / 200
)

// TypeReport is the type of link reports.
const TypeReport = 24

const (
	reportContext = "sundog room links 1\x00"

	// ReportEvery is how often a member repeats his report; a change is reported at once.
	ReportEvery = 5 * time.Second
	// ReportAtMost is the least time between two reports, for links that come and go: each is signed, and checked by all.
	ReportAtMost = 500 * time.Millisecond
	// reportLife is how long a report counts: three in a row have been lost.
	reportLife = 16 * time.Second
	// MaxCarried bounds for how many pairs of others a member may offer to carry: each costs its uplink two streams.
	MaxCarried = 4

	reportMin = headSize + 16 + identitySize + 8 + 4 + 1 + 1 + signatureSize
	reportMax = reportMin + (MaxMembers-1)*(8+3) + 256
)

// report is what a member says about all his links; the newest counts. Signed, since members pass it on to those who do not hear the
// author:
//
//	0   type 24, version 1
//	2   room, 16
//	18  author, 32
//	50  incarnation, 8 (that of his card)
//	58  sequence number, 4
//	62  for how many pairs he would carry, 1
//	63  number of links, 1; each: the first 8 bytes of the identity; state 1; round trip time in 8 ms, 1; loss in ½ %, 1
//	…   number of doubts, 1, or nothing for none; each: the first 8 bytes of the identity of the other one, and of the carrier
//	…   whatever later versions add, at most 256 bytes with those, ignored
//	…   signature, 64
type report struct {
	room        ID
	author      Identity
	incarnation uint64
	sequence    uint32
	carries     int
	links       map[[8]byte]Link
	doubts      [][16]byte
}

func (r report) sign(key crypto.Signer) ([]byte, error) {
	b := append([]byte{TypeReport, version}, r.room[:]...)
	b = append(b, r.author[:]...)
	b = binary.BigEndian.AppendUint64(b, r.incarnation)
	b = binary.BigEndian.AppendUint32(b, r.sequence)
	b = append(b, byte(r.carries), byte(len(r.links)))
	var ids [][8]byte
	for id := range r.links {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b [8]byte) int { return bytes.Compare(a[:], b[:]) })
	for _, id := range ids {
		l := r.links[id]
		b = append(b, id[:]...)
		b = append(b, byte(l.State), inSteps(float64(l.RTT)/float64(rttStep)), inSteps(l.Loss/lossStep))
	}
	if len(r.doubts) > 0 {
		b = append(b, byte(len(r.doubts)))
		for _, d := range r.doubts {
			b = append(b, d[:]...)
		}
	}
	return seal(key, reportContext, b)
}

// Doubt is that a member by way of whom another was to be heard passes on nothing of his packets, or too little: as long as one of two
// reports it he does not carry for these two. It counts only of whoever reports it, and nobody else can be kept from carrying so.
type Doubt struct{ With, Carrier Identity }

// MaxDoubts bounds those of one report, so that there is room for what later versions add.
const MaxDoubts = 8

func (d Doubt) short() [16]byte { return [16]byte(append(bytes.Clone(d.With[:8]), d.Carrier[:8]...)) }

// inSteps rounds to what a byte holds; something is never nothing.
func inSteps(x float64) byte {
	switch {
	case !(x > 0):
		return 0
	case x < 1:
		return 1
	}
	return byte(min(x+0.5, 255))
}

// parseReport decodes a report. It does not check the signature.
func parseReport(raw []byte) (report, error) {
	in, err := readDocument(raw, TypeReport, reportMin, reportMax)
	if err != nil {
		return report{}, err
	}
	r := report{links: make(map[[8]byte]Link)}
	in.Copy(r.room[:])
	r.author, r.incarnation, r.sequence = readIdentity(in), in.U64(), in.U32()
	r.carries = in.Count(MaxCarried)
	for range in.Count(MaxMembers - 1) {
		var id [8]byte
		in.Copy(id[:])
		l := Link{State: LinkState(in.U8()), RTT: time.Duration(in.U8()) * rttStep, Loss: min(1, float64(in.U8())*lossStep)}
		if l.State > Carried {
			l.State = NoLink
		}
		r.links[id] = l
	}
	later := in.Len()
	if later > 0 {
		for range in.Count(MaxDoubts) {
			var d [16]byte
			in.Copy(d[:])
			r.doubts = append(r.doubts, d)
		}
	}
	if in.Bad() || later > 256 {
		return report{}, ErrDocument
	}
	return r, nil
}

func (r report) compare(other report) int {
	return cmp.Or(cmp.Compare(r.incarnation, other.incarnation), cmp.Compare(r.sequence, other.sequence))
}
