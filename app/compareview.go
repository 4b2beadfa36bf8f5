package app

import (
	"strings"
	"time"

	"sundog.dev/sundog/mesh/trust"
)

// compareView is all that the panel to compare words shows.
type compareView struct {
	stage   compareStage
	lead    string // what is to be done, or has happened
	tone    tone   // of the lead
	next    string // what follows from it; may be empty
	waiting bool   // something is being tried: the dots move
	words   []string
	emoji   []trust.Emoji
	rows    []memberRow
	code    string // of our own code to show; empty: there is none yet
	experts []expertGroup
}

// compareStage is which buttons the panel offers.
type compareStage int

const (
	compareWaits   compareStage = iota // words are on their way: none
	compareNow                         // they match, they differ
	compareDiffers                     // once more, hang up
	compareFailed                      // once more
	compareIdle                        // start
	compareDone                        // done
	compareCannot                      // nobody to compare with: close
)

// memberRow is somebody in the call, and how far it is known who.
type memberRow struct {
	name   string
	colour uint32
	mark   mark
	line   string
}

// mark is a small sign behind or before a name.
type mark int

const (
	noMark mark = iota
	verifiedMark
	warningMark // not proved, or an old program
	changedMark // another identity than the remembered one
)

// markOf is a member's mark.
func markOf(m Member) mark {
	switch {
	case m.Standing == trust.Changed:
		return changedMark
	case m.Old || m.Identity == "":
		return warningMark
	case m.Standing == trust.Verified:
		return verifiedMark
	}
	return noMark
}

// proofLine says how far it is known who a member is.
func proofLine(m Member, now time.Time) string {
	switch {
	case m.Old:
		return "An older program, which cannot prove who it is"
	case m.Identity == "":
		return "Has not proved who it is"
	}
	switch m.Standing {
	case trust.Verified:
		return "Verified since " + moment(m.Verified, now)
	case trust.Known:
		return "The same key as before, not verified"
	case trust.FirstSeen:
		return "A key seen for the first time, not verified"
	case trust.Changed:
		return "Not the key that you know for this name"
	}
	return "Nobody on your lists, not verified"
}

// compareViewOf is what the panel shows of a call.
func compareViewOf(v Verification, now time.Time) compareView {
	c := compareView{experts: expertsOf(v)}
	for _, m := range v.Members {
		c.rows = append(c.rows, memberRow{m.Name, m.Colour, markOf(m), proofLine(m, now)})
	}
	unproved, old := unprovedIn(v.Members)
	switch {
	case len(v.Members) == 0:
		c.stage, c.lead = compareCannot, "There is nobody in the call to compare with yet."
	case len(unproved) > 0 && v.State != trust.Compared:
		c.lead, c.tone = cannotLead(unproved, old), toneWaiting
		c.next = "Until then, take it for what you see and hear. Do not rely on it for what must stay between you."
		c.stage = compareCannot
	case v.State == trust.Stopped:
		c.stage, c.tone = compareFailed, toneWaiting
		c.lead = orElse(v.Sentence, "The comparison did not come about.")
		c.next = "The call goes on meanwhile."
	case v.State == trust.Idle:
		c.stage, c.lead = compareIdle, "There are no words to compare yet."
		c.next = "Start when everybody is there. It takes some seconds."
	case v.State != trust.Compared:
		c.stage, c.waiting = compareWaits, true
		c.lead = "The phones are making words for this call."
		c.next = "It takes some seconds, and goes on if you close this."
		if v.Attempt > 1 {
			c.lead = "The phones are making new words."
		}
	case v.Differs:
		c.stage, c.tone = compareDiffers, toneBad
		c.lead = "The words differ. Either not everybody read the same ones, or somebody sits in between and hears you."
		c.next = "Say nothing that must stay between you. Compare once more: everybody gets new words. If those differ too, hang up, and find out when you meet, by scanning each other’s codes."
	case v.Asked:
		c.stage, c.tone = compareFailed, toneWaiting
		c.lead, c.next = "Somebody in the call asks for new words, to compare once more.", "The ones from before count no longer."
	default:
		c.words, c.emoji, c.code = v.Words, v.Emoji, v.Code
		if since, all := verifiedSince(v.Members); all {
			c.stage, c.tone = compareDone, toneGood
			c.lead = doneLead(v.Members, since, now)
			c.next = "These are the words of this call, if you want to compare once more."
			break
		}
		c.stage = compareNow
		c.lead, c.next = compareLead(v.Members, unproved), "Say them aloud, and listen for the voice that you know. The pictures say the same; either is enough."
	}
	return c
}

// compareLead says who should see the same words: not those who have proved nothing.
func compareLead(members, unproved []Member) string {
	const read = "Read these words to each other. "
	switch {
	case len(unproved) > 0:
		return read + "All should see the same ones, but for " + namesOf(unproved) + ", where nothing is proved."
	case len(members) == 1:
		return read + "You and " + members[0].Name + " should see the same ones."
	}
	return read + "All " + number(len(members)+1) + " of you should see the same ones."
}

func doneLead(members []Member, since, now time.Time) string {
	if len(members) == 1 {
		return "This is " + members[0].Name + ", and nobody sits in between. Verified since " + moment(since, now) + "."
	}
	return "These are " + namesOf(members) + ", and nobody sits in between. All are verified."
}

// cannotLead says why there is no string.
func cannotLead(unproved []Member, old bool) string {
	who := namesOf(unproved)
	switch {
	case old && len(unproved) == 1:
		return "There are no words to compare. " + possessive(who) + " program is too old to prove who it is."
	case old:
		return "There are no words to compare. The programs of " + who + " cannot prove who they are."
	case len(unproved) == 1:
		return "There are no words to compare. " + who + " has not proved who it is."
	}
	return "There are no words to compare. " + who + " have not proved who they are."
}

// unprovedIn are those who have proved no identity, and whether any of them cannot.
func unprovedIn(members []Member) (unproved []Member, old bool) {
	for _, m := range members {
		if m.Identity == "" {
			unproved, old = append(unproved, m), old || m.Old
		}
	}
	return unproved, old
}

// verifiedSince is when the last of them was verified, and whether all are.
func verifiedSince(members []Member) (since time.Time, all bool) {
	for _, m := range members {
		if m.Standing != trust.Verified {
			return time.Time{}, false
		}
		if m.Verified.After(since) {
			since = m.Verified
		}
	}
	return since, len(members) > 0
}

// namesOf is a list of names as one reads it aloud.
func namesOf(members []Member) string {
	var names []string
	for _, m := range members {
		names = append(names, m.Name)
	}
	if last := len(names) - 1; last > 0 {
		return strings.Join(names[:last], ", ") + " and " + names[last]
	}
	return strings.Join(names, "")
}

// expertGroup is what there is to compare by letters about one of those in the call.
type expertGroup struct {
	title string
	lines []expertLine
}

// expertLine is a value in hex.
type expertLine struct{ name, value string }

func expertsOf(v Verification) []expertGroup {
	groups := []expertGroup{{title: "You", lines: known(expertLine{"Identity key", v.Own})}}
	for _, m := range v.Members {
		s := m.Session
		side := "opened the session"
		if s.Initiator {
			side = "you opened the session"
		}
		lines := known(
			expertLine{"Identity key", m.Identity},
			expertLine{"Fingerprint of their certificate, the peer ID", s.FarID}, expertLine{"Fingerprint of yours", s.NearID},
			expertLine{"Their nonce", s.FarNonce}, expertLine{"Your nonce", s.NearNonce})
		if s.FarNonce == "" {
			side = "nothing is tied to this session"
		}
		groups = append(groups, expertGroup{title: m.Name + " (" + side + ")", lines: lines})
	}
	return groups
}

// known are the lines that have a value.
func known(lines ...expertLine) []expertLine {
	var some []expertLine
	for _, l := range lines {
		if l.value != "" {
			some = append(some, l)
		}
	}
	return some
}

// grouped is a value in hex in groups of four, as one reads it aloud.
func grouped(hex string) string {
	var b strings.Builder
	for i, r := range hex {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}
