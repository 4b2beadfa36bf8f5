package mesh

import (
	"encoding/hex"
	"testing"
	"time"

	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// middle is a man in the middle: ada believes one of his hosts to be bob, and bob the other to be ada.
type middle struct{ toAda, toBob *puppet }

func (w *world) newMiddle() *middle {
	m := &middle{}
	m.toAda, _ = w.silent()
	m.toBob, _ = w.silent()
	return m
}

// between takes ada's session, opens one to bob and passes all signals on until the world ends.
func (m *middle) between(bob *phone) {
	m.toAda.accept()
	m.toBob.open(bob.host)
	pass := func(from, to *puppet) {
		for sent := 0; ; time.Sleep(time.Millisecond) {
			from.mu.Lock()
			fresh := from.signals[sent:]
			sent = len(from.signals)
			from.mu.Unlock()
			for _, s := range fresh {
				if s.kind == sigHello {
					continue
				}
				b, err := s.append(nil)
				if err != nil {
					return
				}
				if _, err := to.flow.Write(endedContext, b, rtmfp.MessageOptions{}); err != nil {
					return
				}
			}
			if closed(from.peer.Session().Done()) || closed(to.peer.Session().Done()) {
				return
			}
		}
	}
	go pass(m.toAda, m.toBob)
	go pass(m.toBob, m.toAda)
}

func TestAManInTheMiddleCannotPassProofsOn(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob, m := w.newPhone("ada"), w.newPhone("bob"), w.newMiddle()
		f := ada.dial(m.toAda.host, "bob")
		m.between(bob)
		f.ended(IdentityChanged, 3*time.Second)
		if s := f.Status(); s.Trouble != ProofRefused {
			t.Errorf("status %+v", s)
		}
		bob.quiet(3 * time.Second)
		if ada.media.session() != nil || bob.media.session() != nil {
			t.Error("media was opened")
		}
	})
}

func TestAManInTheMiddleWithKeysOfHisOwnShowsDifferentStrings(t *testing.T) {
	for range 5 {
		inWorld(t, func(w *world) {
			ada, bob := w.newPhone("ada"), w.newPhone("bob", autoAccept)
			key := w.newKey()
			his := func(c *Config) { c.Identity, c.AutoAccept = key, true }
			asBob, asAda := w.newPhone("bob", his), w.newPhone("ada", his)
			from := ada.dial(asBob.host, "bob")
			asBob.rings(time.Second)
			asAda.dial(bob.host, "bob")
			to := bob.rings(time.Second)
			one, two := from.compares(trust.Compared, 1, 3*time.Second), to.compares(trust.Compared, 1, 3*time.Second)
			if one.String == two.String {
				t.Error("the strings match")
			}
			if from.Members()[0].Identity == identityOf(bob.key) || to.Members()[0].Identity == identityOf(ada.key) {
				t.Error("he has shown a key that is not his")
			}
		})
	}
}

func TestAManInTheMiddleIsFoundByARememberedKey(t *testing.T) {
	inWorld(t, func(w *world) {
		bob := w.newPhone("bob")
		remembered := identityOf(bob.key)
		ada := w.newPhone("ada", with(judged(func(f FarEnd) Reason {
			if f.Name == "bob" && f.Identity != remembered {
				return IdentityChanged
			}
			return ""
		})))
		key := w.newKey()
		his := w.newPhone("bob", autoAccept, func(c *Config) { c.Identity = key })
		ada.dial(his.host, "bob").ended(IdentityChanged, time.Second)
		if ada.media.session() != nil {
			t.Error("media was opened")
		}
		talk(ada, bob)
	})
}
