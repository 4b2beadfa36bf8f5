package phone

import (
	"errors"
	"fmt"
	"time"

	"sundog.dev/sundog/internal/profile"
	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/trust"
)

// What the user does about the short string of a call.

// Confirm takes it from the user that the short strings match: the members are contacts and verified from now on. The first time
// counts. The error is a sentence.
func (c *Call) Confirm() error {
	v := c.Verification()
	if v.State != trust.Compared {
		return &sentence{"There is nothing to compare in this call now. " + v.Sentence, nil}
	}
	for _, m := range v.Members {
		if err := c.verify(m); err != nil {
			return err
		}
	}
	c.settle(0)
	return nil
}

// verify notes that a member's identity is theirs.
func (c *Call) verify(m Member) error {
	if c.test {
		return &sentence{"This is the test of your own devices: there is nobody to verify.", nil}
	}
	if m.reach != nil && m.reach.wanted.once { // whoever it is, the user means the one that was called
		return &sentence{fmt.Sprintf("Nobody is verified in a call for this once, so nothing was noted. Take the identity that %s shows as theirs, then call again.", m.called), nil}
	}
	if m.Identity == (Identity{}) {
		return &sentence{fmt.Sprintf("%s has proved no identity that could be verified.", m.Name), nil}
	}
	list := c.phone.cfg.Profile
	known, ok := list.PersonOf(m.Identity[:])
	if !ok && m.Standing == trust.Changed {
		return &sentence{fmt.Sprintf("This is not the identity that you know of %s, so nothing was noted. Take it as the new one first.", m.called), nil}
	}
	if !ok { // the list gets them now and not with the end of the call
		err := list.RecordCall(profile.Call{Name: m.called, Identity: m.Identity[:], At: c.began, Outgoing: m.reach != nil && !m.reach.wanted.intoRoom})
		if err != nil {
			return err
		}
	}
	if _, err := list.AddContact(profile.Person{Name: m.Name, Identity: m.Identity[:]}); err != nil {
		return err
	}
	if !known.Verified.IsZero() {
		return nil
	}
	return list.Verify(m.Identity[:], time.Now())
}

// Deny takes it from the user that the short strings differ: the members are not verified any more. What to do is in
// Verification's Sentence. The error is a sentence.
func (c *Call) Deny() error {
	v := c.Verification()
	if v.State != trust.Compared {
		return &sentence{"There is nothing to compare in this call now. " + v.Sentence, nil}
	}
	var err error
	for _, m := range v.Members {
		if known, ok := c.phone.cfg.Profile.PersonOf(m.Identity[:]); ok && !known.Verified.IsZero() {
			err = errors.Join(err, c.phone.cfg.Profile.Verify(m.Identity[:], time.Time{}))
		}
	}
	c.settle(v.Attempt)
	return err
}

// settle notes what the user has said of the strings: the attempt in which they differ; 0: they do not.
func (c *Call) settle(differs int) {
	c.mu.Lock()
	c.differs = differs
	c.mu.Unlock()
	c.phone.listChanged()
}

// CompareAgain begins another attempt, or takes part in one that another member has begun. The error is a sentence.
func (c *Call) CompareAgain() error {
	err := c.call.CompareAgain()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, mesh.ErrNotInCall):
		return &sentence{"The words can be compared once the call is connected.", err}
	case errors.Is(err, mesh.ErrEnded):
		return &sentence{"The call has ended.", err}
	case errors.Is(err, trust.ErrRoster):
		return &sentence{"Nothing can be compared, since not everybody has proved an identity.", err}
	case errors.Is(err, trust.ErrAttempt):
		return &sentence{"It was tried too often. Hang up and call again.", err}
	}
	return &sentence{"The comparison could not be started. Try again.", err}
}

// CheckCode takes the text of a code that another member's phone shows: if all of it fits, that member is verified, as with Confirm. A
// code that does not fit changes nothing: it may be of another attempt. The error is a sentence.
func (c *Call) CheckCode(text string) error {
	scanned, err := parseCode(text)
	if err != nil {
		return err
	}
	now, own := c.call.Comparison(), c.phone.ownIdentity()
	switch {
	case now.State != trust.Compared:
		return &sentence{"There is nothing to compare in this call now. " + c.Verification().Sentence, nil}
	case scanned.by == own:
		return &sentence{"This is the code of your own phone. Scan the one that the other phone shows.", nil}
	case scanned.short != now.String:
		return &sentence{"The code does not fit. It may be of another attempt, or somebody sits in between: compare again, and scan the new code. If that does not fit either, hang up.", nil}
	}
	for _, m := range c.Verification().Members {
		if m.Identity == scanned.by {
			if err := c.verify(m); err != nil {
				return err
			}
			c.settle(0)
			return nil
		}
	}
	return &sentence{"The code is of somebody who is not in this call.", nil}
}
