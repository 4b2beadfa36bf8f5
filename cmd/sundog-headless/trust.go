package main

import (
	"encoding/hex"
	"strings"

	"sundog.dev/sundog/internal/phone"
)

// The events about who the other side is.

// identityText is 64 hex digits, "" for none.
func identityText(i phone.Identity) string {
	if i == (phone.Identity{}) {
		return ""
	}
	return hex.EncodeToString(i[:])
}

// first is the other side of a call of two.
func first(v phone.Verification) phone.Member {
	if len(v.Members) == 0 {
		return phone.Member{}
	}
	return v.Members[0]
}

func (r *runner) printIncoming(c *phone.Call) {
	far := first(c.Verification())
	other, _ := c.OtherIdentity()
	r.out.print("incoming", "peer", c.Name(), "peer_id", c.PeerID(), "proved", c.Proved(),
		"identity", identityText(far.Identity), "standing", string(far.Standing), "old_client", far.OldClient, "contact", other.Name, "with", strings.Join(c.With(), ", "))
}

// printProved tells who has proved an identity, and what the session binds it to.
func (r *runner) printProved(c *phone.Call, who phone.MemberProved) {
	far := c.Member(who)
	r.out.print("proved", "peer", far.Name, "peer_id", far.PeerID, "identity", identityText(far.Identity), "standing", string(far.Standing),
		"near_nonce", far.NearNonce, "far_nonce", far.FarNonce, "near_peer_id", far.NearPeerID)
}

// printComparison tells the short string, or why there is none.
func (r *runner) printComparison(c *phone.Call, ev phone.ComparisonChanged) {
	far, now := first(c.Verification()), ev.Comparison
	if now.State == phone.Compared {
		var emoji strings.Builder
		for _, e := range now.String.Emoji() {
			emoji.WriteString(e.Text)
		}
		r.out.print("verified", "peer", c.Name(), "state", "compared", "sas", now.String.String(), "emoji", emoji.String(),
			"identity", identityText(far.Identity), "standing", string(far.Standing), "attempt", now.Attempt)
		return
	}
	if f := now.Failure; f.Reason != "" && f.Attempt > r.failed[c] {
		r.failed[c] = f.Attempt
		r.out.print("verified", "peer", c.Name(), "state", "failed", "reason", string(f.Reason), "sentence", f.Sentence(),
			"identity", identityText(far.Identity), "standing", string(far.Standing), "attempt", f.Attempt)
	}
}

// printEnded tells the end of a call; of one that has ended for the identity, which was remembered and which was shown.
func (r *runner) printEnded(c *phone.Call, st phone.Status) {
	delete(r.failed, c)
	fields := []any{"peer", c.Name(), "reason", string(st.Reason), "sentence", c.Sentence(st.Reason), "detail", st.Detail}
	if other, ok := c.OtherIdentity(); ok && !c.Incoming() {
		fields = append(fields, "remembered", identityText(other.Remembered), "identity", identityText(other.Shown))
	}
	r.out.print("ended", fields...)
}
