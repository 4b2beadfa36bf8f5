package main

import (
	"time"

	"sundog.dev/sundog/app"
	"sundog.dev/sundog/internal/phone"
)

// Members implements app.Call.
func (c *deskCall) Members() []app.CallMember {
	proofs := map[string]app.Member{}
	old := map[string]bool{}
	for _, m := range c.call.Verification().Members {
		proofs[m.PeerID], old[m.PeerID] = memberOf(m), m.OldClient
	}
	ended := c.call.Status().State == phone.Ended
	var members []app.CallMember
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.call.People() {
		one := app.CallMember{
			ID: p.ID, State: memberStates[p.State], Audio: !p.Muted, Video: p.Picture, Screen: p.Screen, Level: p.Level,
			Quality: c.quality[p.ID], Hand: p.Hand, HandAt: p.HandAt, Reaction: c.reactionOf(p.ID), Volume: 1,
		}
		if proof, known := proofs[p.ID]; known {
			one.Member = proof
		}
		one.Name = p.Name
		if one.Colour == 0 {
			one.Colour = c.with.Colour
			if p.Name != c.with.Name {
				one.Colour = 0
			}
		}
		if old[p.ID] || c.call.Test() { // who does not say what they send
			one.Audio, one.Video = true, true
		}
		if v, set := c.volumes[p.ID]; set {
			one.Volume = v
		}
		if ended {
			one.State = app.MemberHere
		}
		members = append(members, one)
	}
	return members
}

// reactionOf is what somebody shows now; c.mu is held.
func (c *deskCall) reactionOf(id string) string {
	if r := c.reacted[id]; time.Since(r.at) < reactionStays {
		return r.emoji
	}
	return ""
}

var memberStates = map[phone.ParticipantState]app.MemberState{
	phone.BeingCalled: app.MemberRinging, phone.RingingThere: app.MemberRinging, phone.ComingIn: app.MemberConnecting,
	phone.Here: app.MemberHere, phone.Lost: app.MemberReconnecting,
}
