package mesh

import (
	"errors"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp/flash"
)

func TestAThirdCallerFindsItBusy(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob, eve := w.newPhone("ada"), w.newPhone("bob"), w.newPhone("eve")
		from, to := talk(ada, bob)
		eve.dial(bob.host, "bob").ended(Busy, time.Second)
		eve.dial(ada.host, "ada").ended(Busy, time.Second)
		if from.Status().State != InCall || to.Status().State != InCall {
			t.Error("the call was disturbed")
		}
		if _, err := ada.agent.Dial("eve", ada.at(eve.host)); !errors.Is(err, ErrBusy) {
			t.Errorf("a second call: %v", err)
		}
		from.HangUp()
		to.ended(Hangup, time.Second)
		talk(eve, bob)
	})
}

func TestARingingPhoneIsBusy(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob, eve := w.newPhone("ada"), w.newPhone("bob"), w.newPhone("eve")
		ada.dial(bob.host, "bob")
		bob.rings(time.Second)
		eve.dial(bob.host, "bob").ended(Busy, time.Second)
	})
}

// policy admits everyone but some.
type policy map[flash.PeerID]Reason

func (p policy) Admit(f FarEnd) Reason { return p[f.PeerID] }

func TestThePolicyDecidesWhoRings(t *testing.T) {
	inWorld(t, func(w *world) {
		refuse := policy{}
		ada, eve := w.newPhone("ada"), w.newPhone("eve")
		bob := w.newPhone("bob", func(c *Config) { c.Policy = refuse })
		refuse[eve.id] = Blocked
		eve.dial(bob.host, "bob").ended(Blocked, time.Second)
		bob.quiet(5 * time.Second)
		talk(ada, bob)
	})
}
