package xmpp

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/idmanager"
)

// streamError is one as a server sends it, with its closing tag.
func streamErrorXML(condition, text string) string {
	return "<stream:error><" + condition + " xmlns='urn:ietf:params:xml:ns:xmpp-streams'>" + text + "</" + condition + "></stream:error></stream:stream>"
}

func TestASecondClientThatTakesOurResourceGetsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryServer(t)
		m.befriend("ann")
		c := m.client(t, "ann", Options{Resource: "desk"})
		if err := c.Register(patience(t), recordOf(c, idA)); err != nil || c.own.full.Resource != "desk" {
			t.Fatalf("%s, %v", c.own.full, err)
		}
		m.inject("ann", streamErrorXML("conflict", ""))
		synctest.Wait()
		if err := c.Refresh(patience(t)); err != nil || c.own.full.Resource == "desk" {
			t.Errorf("afterwards it is %s, %v", c.own.full, err)
		}
	})
}

func TestAResourceThatIsTakenGivesWayToAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryServer(t)
		m.befriend("ann")
		first, second := m.client(t, "ann", Options{Resource: "desk"}), m.client(t, "ann", Options{Resource: "desk"})
		for _, c := range []*Client{first, second} {
			if err := c.Register(patience(t), recordOf(c, idA)); err != nil {
				t.Fatal(err)
			}
		}
		if first.own.full == second.own.full {
			t.Errorf("both are %s", first.own.full)
		}
	})
}

func TestAServerMaySendUsToAnotherHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryServer(t)
		m.befriend("ann")
		var dialled []string
		c := m.client(t, "ann", Options{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			dialled = append(dialled, address)
			return m.dial(ctx, network, address)
		}})
		if err := c.Register(patience(t), recordOf(c, idA)); err != nil {
			t.Fatal(err)
		}
		m.inject("ann", streamErrorXML("see-other-host", "[2001:db8::7]:15222"))
		synctest.Wait()
		if err := c.Refresh(patience(t)); err != nil || strings.Join(dialled, " ") != memoryDomain+":5222 [2001:db8::7]:15222" {
			t.Errorf("dialled %v, %v", dialled, err)
		}
	})
}

func TestServersThatSendUsRoundInCirclesAreNotFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryServer(t)
		m.befriend("ann")
		m.greet = func(w io.Writer) bool {
			_, _ = io.WriteString(w, testHeader+streamErrorXML("see-other-host", "other.example"))
			return true
		}
		m.client(t, "ann", Options{})
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		if n := m.dials(); n > maxRedirects+1 {
			t.Errorf("dialled %d times in a row", n)
		}
	})
}

func (m *memoryServer) dials() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dialled
}

func TestPausesGrowWhileAServerIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryServer(t)
		m.befriend("ann")
		m.stop()
		c := m.client(t, "ann", Options{})
		time.Sleep(10 * time.Minute)
		if n := m.dials(); n < 9 || n > 90 {
			t.Errorf("%d attempts in 10 minutes", n)
		}
		m.start()
		begin := time.Now() // the next attempt would be in a minute or two
		if err := c.Register(patience(t), recordOf(c, idA)); err != nil {
			t.Error(err)
		}
		if d := time.Since(begin); d > 2*firstBackoff {
			t.Errorf("somebody waited %v for a server that was there", d)
		}
	})
}

func TestARecordThatWasNotPushedIsAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryServer(t)
		m.befriend("ann", "bob")
		m.deaf = "bob"
		ann, bob := m.client(t, "ann", Options{}), m.client(t, "bob", Options{})
		events, err := ann.Watch(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if err := bob.Register(patience(t), recordOf(bob, idB)); err != nil {
			t.Fatal(err)
		}
		if e := <-events; e.Record.PeerID != idB {
			t.Errorf("%+v", e)
		}
	})
}

func TestLookingUpOftenDoesNotPressAServerThatIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryServer(t)
		m.befriend("ann")
		m.stop()
		c := m.client(t, "ann", Options{})
		for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			if _, err := c.LookUp(patience(t), "bob"); err == nil || !strings.Contains(err.Error(), "cannot be used now") {
				t.Fatal(err)
			}
		}
		if n := m.dials(); n > 130 {
			t.Errorf("%d attempts in a minute", n)
		}
	})
}

func TestAServerThatFallsSilentIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, noResume := range []bool{false, true} {
			m := newMemoryServer(t)
			m.befriend("ann")
			m.noResume = noResume
			var last atomic.Pointer[mutedConn]
			c := m.client(t, "ann", Options{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := m.dial(ctx, network, address)
				muted := &mutedConn{Conn: conn}
				last.Store(muted)
				return muted, err
			}})
			if err := c.Register(patience(t), recordOf(c, idA)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
			if n := m.dials(); n != 1 {
				t.Errorf("a quiet server was dialled %d times in an hour", n)
			}
			last.Load().muted.Store(true)
			time.Sleep(idleInterval + answerTimeout + time.Second)
			if err := c.Refresh(patience(t)); err != nil || m.dials() < 2 {
				t.Errorf("dialled %d times, %v", m.dials(), err)
			}
			_ = c.Close()
		}
	})
}

// mutedConn loses what is written once it is muted, as a NAT does that has forgotten us.
type mutedConn struct {
	net.Conn
	muted atomic.Bool
}

func (c *mutedConn) Write(b []byte) (int, error) {
	if c.muted.Load() {
		return len(b), nil
	}
	return c.Conn.Write(b)
}

func TestAResumedStreamDeliversWhatWasUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryServer(t)
		m.befriend("ann", "bob")
		ann, bob := m.client(t, "ann", Options{}), m.client(t, "bob", Options{})
		for _, c := range []*Client{ann, bob} {
			if err := c.Register(patience(t), recordOf(c, idA)); err != nil {
				t.Fatal(err)
			}
		}
		first := ann.sessionNow()
		done := make(chan error, 1)
		m.mu.Lock()
		m.onIQ = func(s *memorySession, e *element) bool {
			m.onIQ = nil
			go m.cut() // the answer goes on its way, and does not arrive
			return false
		}
		m.mu.Unlock()
		go func() { done <- ann.Register(patience(t), recordOf(ann, idB)) }()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if ann.sessionNow() == first || ann.resume == nil {
			t.Error("nothing broke, or nothing was resumed")
		}
		time.Sleep(2 * restartBackoff) // bob's stream was cut, too, and what was under way to him comes when he has resumed it
		if r, err := bob.LookUp(patience(t), "ann@"+memoryDomain); err != nil || r.PeerID != idB {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

func TestAfterAnOutageTheRecordIsPublishedAgainAndWhoHasGoneIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryServer(t)
		m.befriend("ann", "bob")
		ann, bob := m.client(t, "ann", Options{}), m.client(t, "bob", Options{})
		for c, id := range map[*Client]string{ann: idA, bob: idB} {
			if err := c.Register(patience(t), recordOf(c, id)); err != nil {
				t.Fatal(err)
			}
		}
		events, err := ann.Watch(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if e := <-events; e.Record.PeerID != idB {
			t.Fatalf("%+v", e)
		}
		m.stop()
		m.mu.Lock()
		for _, a := range m.accounts {
			a.item = nil
		}
		m.mu.Unlock()
		time.Sleep(time.Minute)
		select {
		case e := <-events:
			t.Errorf("while the server is down: %+v", e)
		default:
		}
		bob.cancel() // it crashes meanwhile
		m.start()
		if e := <-events; e.Record.Name != "bob@"+memoryDomain || e.Record.PeerID != "" {
			t.Errorf("%+v", e)
		}
		if _, err := ann.LookUp(patience(t), "bob"); !errors.Is(err, idmanager.ErrOffline) {
			t.Errorf("bob: %v", err)
		}
		if m.account("ann").item == nil {
			t.Error("ann's record is gone")
		}
	})
}

func TestACrashedClientsRecordDoesNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryServer(t)
		m.noResume = true // else the server waits for its return
		m.befriend("ann", "bob")
		ann, bob := m.client(t, "ann", Options{}), m.client(t, "bob", Options{})
		if err := bob.Register(patience(t), recordOf(bob, idB)); err != nil {
			t.Fatal(err)
		}
		if r, err := ann.LookUp(patience(t), "bob"); err != nil || r.PeerID != idB {
			t.Fatalf("%+v, %v", r, err)
		}
		bob.cancel() // no Close: nothing is withdrawn
		bob.wg.Wait()
		synctest.Wait()
		if r, err := ann.LookUp(patience(t), "bob"); !errors.Is(err, idmanager.ErrOffline) {
			t.Errorf("%+v, %v", r, err)
		}
		// Another client of bob's, which is no Sundog.
		m.inject("ann", "<presence from='bob@"+memoryDomain+"/chat'><c xmlns='"+nsCaps+"' node='https://chat.example' ver='x' hash='sha-1'/></presence>")
		synctest.Wait()
		if r, err := ann.LookUp(patience(t), "bob"); !errors.Is(err, idmanager.ErrOffline) {
			t.Errorf("with a chat client: %+v, %v", r, err)
		}
	})
}

func TestADeviceThatGoesLeavesTheOtherDevicesRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryServer(t)
		m.befriend("ann", "bob")
		desk, lap, bob := m.client(t, "ann", Options{}), m.client(t, "ann", Options{}), m.client(t, "bob", Options{})
		if err := desk.Register(patience(t), recordOf(desk, idA)); err != nil {
			t.Fatal(err)
		}
		if err := lap.Register(patience(t), recordOf(lap, strings.Repeat("a2", 32))); err != nil {
			t.Fatal(err)
		}
		_ = lap.Close()
		synctest.Wait()
		if r, err := bob.LookUp(patience(t), "ann"); err != nil || r.PeerID != idA {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

func TestARecordThatCouldNotBeWithdrawnIsWithdrawnLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryServer(t)
		m.befriend("ann", "bob")
		ann, bob := m.client(t, "ann", Options{}), m.client(t, "bob", Options{})
		if err := ann.Register(patience(t), recordOf(ann, idA)); err != nil {
			t.Fatal(err)
		}
		m.stop()
		synctest.Wait()
		if err := ann.Unregister(patience(t)); err == nil {
			t.Error("withdrawn from a server that is down")
		}
		m.start()
		time.Sleep(time.Minute)
		if _, err := bob.LookUp(patience(t), "ann"); !errors.Is(err, idmanager.ErrOffline) {
			t.Errorf("%v", err)
		}
	})
}

func TestAClockThatWasPutBackDoesNotMakeRecordsOlder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryServer(t)
		m.befriend("ann", "bob")
		key := newKey(t)
		m.accounts["ann"].item = el(nsPubSub, "item", "id", item).add(signed(t, key, "ann@"+memoryDomain, idA, time.Now().Add(time.Hour)))
		bob, ann := m.client(t, "bob", Options{}), m.client(t, "ann", Options{Signer: key})
		synctest.Wait()
		if err := ann.Register(patience(t), recordOf(ann, idB)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if r, err := bob.LookUp(patience(t), "ann"); err != nil || r.PeerID != idB {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

func TestContactsAreMadeWhenBothWantIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryServer(t)
		m.befriend("ann")
		m.befriend("bob")
		ann, bob := m.client(t, "ann", Options{}), m.client(t, "bob", Options{})
		for c, id := range map[*Client]string{ann: idA, bob: idB} {
			if err := c.Register(patience(t), recordOf(c, id)); err != nil {
				t.Fatal(err)
			}
		}
		if err := ann.AddContact(patience(t), "bob@"+memoryDomain, "Bob"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for _, c := range []*Client{ann, bob} {
			if r, err := c.LookUp(patience(t), map[*Client]string{ann: "bob", bob: "ann"}[c]+"@"+memoryDomain); !errors.Is(err, idmanager.ErrUnknownName) {
				t.Errorf("%s finds %+v, %v before both want it", c.jid, r, err)
			}
		}
		if err := bob.AddContact(patience(t), "ann@"+memoryDomain, ""); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if r, err := ann.LookUp(patience(t), "Bob"); err != nil || r.PeerID != idB {
			t.Errorf("ann finds %+v, %v", r, err)
		}
		if r, err := bob.LookUp(patience(t), "ann"); err != nil || r.PeerID != idA {
			t.Errorf("bob finds %+v, %v", r, err)
		}
		if err := ann.RemoveContact(patience(t), "bob@"+memoryDomain); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if r, err := ann.LookUp(patience(t), "Bob"); !errors.Is(err, idmanager.ErrUnknownName) {
			t.Errorf("ann still finds %+v, %v", r, err)
		}
	})
}

func TestOptionsAreChecked(t *testing.T) {
	good := Options{JID: "ann@example.org", Signer: newKey(t)}
	for name, change := range map[string]func(*Options){
		"no JID":         func(o *Options) { o.JID = "" },
		"a server":       func(o *Options) { o.JID = "example.org" },
		"no key":         func(o *Options) { o.Signer = nil },
		"no such host":   func(o *Options) { o.Host = "a b" },
		"a JID too long": func(o *Options) { o.JID = strings.Repeat("x", 300) + "@example.org" },
	} {
		o := good
		change(&o)
		if c, err := New(o); err == nil {
			t.Errorf("%s passes", name)
			_ = c.Close()
		}
	}
}

func TestNamesOfOthersAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryServer(t)
		m.befriend("ann", "bob")
		ann := m.client(t, "ann", Options{})
		for name, want := range map[string]error{"bob@" + memoryDomain: idmanager.ErrRefused, "ann@other.example": idmanager.ErrRefused, "Ann": nil, "ANN@" + memoryDomain + "/x": nil} {
			r := recordOf(ann, idA)
			r.Name = name
			if err := ann.Register(patience(t), r); !errors.Is(err, want) || want == nil && err != nil {
				t.Errorf("%s: %v, want %v", name, err, want)
			}
		}
		if r, err := ann.LookUp(patience(t), "ann@"+memoryDomain); err != nil || r.Name != "ann@"+memoryDomain {
			t.Errorf("%+v, %v", r, err)
		}
	})
}
