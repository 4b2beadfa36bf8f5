package main

import (
	"encoding/hex"

	"sundog.dev/sundog/app"
	"sundog.dev/sundog/internal/phone"
)

// hexOf is an identity as the windows have it; empty: none.
func hexOf(i phone.Identity) string {
	if i == (phone.Identity{}) {
		return ""
	}
	return i.String()
}

// identityOf reads what hexOf writes; zero for anything else.
func identityOf(text string) phone.Identity {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(phone.Identity{}) {
		return phone.Identity{}
	}
	return phone.Identity(b)
}

// Verification implements app.Call.
func (c *deskCall) Verification() app.Verification {
	v := c.call.Verification()
	shown := app.Verification{
		State: v.State, Words: v.Words, Emoji: v.Emoji, Code: v.Code, Sentence: v.Sentence,
		Attempt: v.Attempt, Asked: v.Asked, Differs: v.Differs, Own: hexOf(v.Own),
	}
	for _, m := range v.Members {
		shown.Members = append(shown.Members, memberOf(m))
	}
	return shown
}

// memberOf is somebody in a call, as far as that is proved.
func memberOf(m phone.Member) app.Member {
	one := app.Member{
		Name: m.Name, Identity: hexOf(m.Identity), Standing: m.Standing, Verified: m.Verified, Old: m.OldClient,
		Session: app.SessionProof{Initiator: m.Initiator, NearNonce: m.NearNonce, FarNonce: m.FarNonce, NearID: m.NearPeerID, FarID: m.PeerID},
	}
	if one.Identity != "" {
		one.Colour = colourOf(m.Identity[:])
	}
	return one
}

// Confirm implements app.Call.
func (c *deskCall) Confirm() error { return c.say(c.call.Confirm()) }

// Deny implements app.Call.
func (c *deskCall) Deny() error { return c.say(c.call.Deny()) }

// CompareAgain implements app.Call.
func (c *deskCall) CompareAgain() error { return c.say(c.call.CompareAgain()) }

// CheckCode implements app.Call.
func (c *deskCall) CheckCode(text string) error { return c.say(c.call.CheckCode(text)) }

// say tells the window that what the user has said counts, and what is wrong with it.
func (c *deskCall) say(err error) error {
	c.notify()
	return told(err)
}

// OtherIdentity implements app.Call.
func (c *deskCall) OtherIdentity() (app.OtherIdentity, bool) {
	o, is := c.call.OtherIdentity()
	return app.OtherIdentity{Name: o.Name, Remembered: hexOf(o.Remembered), Verified: o.Verified, Shown: hexOf(o.Shown)}, is
}

// CallOnce implements app.Phone.
func (d *desk) CallOnce(p app.Person, identity string, camera bool) (app.Call, error) {
	c, err := d.phone.CallOnce(p.ID, identityOf(identity))
	if err != nil {
		return nil, told(err)
	}
	if !camera {
		c.SetCamera(false)
	}
	return d.follow(c, p), nil
}

// Trust implements app.Phone.
func (d *desk) Trust(id, identity string) error {
	return told(d.phone.TrustIdentity(id, identityOf(identity)))
}

// Identity implements app.Phone.
func (d *desk) Identity() app.Identity {
	store := d.phone.Profile()
	return app.Identity{Key: hex.EncodeToString(store.PublicIdentity()), Kept: store.KeptIn()}
}

// ExportIdentity implements app.Phone.
func (d *desk) ExportIdentity(path, passphrase string) error {
	return told(d.phone.ExportIdentity(path, passphrase))
}

// ImportIdentity implements app.Phone: whoever asks for it has been told that it replaces the present one.
func (d *desk) ImportIdentity(path, passphrase string) (app.Imported, error) {
	name := d.phone.Profile().Settings().Name
	done, err := d.phone.ImportIdentity(path, passphrase, true)
	if err == nil && done.Replaced && !d.moved.Load() {
		d.name = name
		d.moved.Store(true)
	}
	return app.Imported{Replaced: done.Replaced, Backup: done.Backup, People: done.People}, told(err)
}
