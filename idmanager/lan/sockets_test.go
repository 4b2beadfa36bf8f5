package lan

import (
	"context"
	"errors"
	"testing"
	"time"

	"sundog.dev/sundog/idmanager"
)

// TestTwoPhonesOnOneMachineShareThePort runs over real sockets, on the loopback interface alone: nothing leaves the machine.
func TestTwoPhonesOnOneMachineShareThePort(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	socketed := func() *phone {
		t.Helper()
		n, err := newSockets()
		if err != nil {
			t.Fatal(err)
		}
		n.inside = true
		key := testKey(uint64(time.Now().UnixNano()))
		d, err := start(Config{Key: key}, n)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.Close() })
		return &phone{Directory: d, t: t, key: key}
	}
	ann, bob, carol := socketed(), socketed(), socketed()
	ann.register("Ann of the loopback test", peerID("a"))
	bob.register("Bob of the loopback test", peerID("b"))
	for _, one := range []struct {
		who  *phone
		name string
		whom *phone
	}{
		{ann, "Bob of the loopback test", bob},
		{bob, "Ann of the loopback test", ann},
		{carol, "Bob of the loopback test", bob},
		{carol, "Ann of the loopback test", ann},
	} {
		var r idmanager.Record
		var err error
		for r, err = one.who.LookUp(ctx, one.name); err != nil; r, err = one.who.LookUp(ctx, one.name) {
			if ctx.Err() != nil {
				t.Fatalf("looking %s up: %v", one.name, err)
			}
		}
		if !r.Identity.Equal(one.whom.identity()) || !r.Addresses[0].Addr().IsLoopback() || r.Addresses[0].Port() != testPort {
			t.Errorf("%s is %+v", one.name, r)
		}
	}
	if err := bob.Close(); err != nil {
		t.Fatal(err)
	}
	for {
		_, err := carol.LookUp(ctx, "Bob of the loopback test")
		if errors.Is(err, idmanager.ErrUnknownName) {
			break
		}
		if ctx.Err() != nil {
			t.Fatalf("Bob has not gone after his goodbye: %v", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if _, err := carol.LookUp(ctx, "Ann of the loopback test"); err != nil {
		t.Errorf("Ann has gone with him: %v", err)
	}
}
