package phone

import (
	"testing"
	"time"

	"sundog.dev/sundog/media"
	"sundog.dev/sundog/mesh"
)

func TestOfThoseWhoComeAndGoTogetherOneToneIsHeard(t *testing.T) {
	r := newRinger(newMediaRoom(Sources{}, mesh.DefaultMaxPeers, nil))
	defer r.close()
	begun := time.Unix(1000, 0)
	gone := func(why Reason) Event { return MemberLeft{Reason: why} }
	var d doorbell
	for _, c := range []struct {
		what string
		at   time.Duration
		ev   Event
		want *media.Ring
	}{
		{"those who were there before us", time.Second, MemberJoined{}, nil},
		{"and the last of them", 2900 * time.Millisecond, MemberJoined{}, nil},
		{"somebody comes", 10 * time.Second, MemberJoined{}, r.join},
		{"with somebody else", 10500 * time.Millisecond, MemberJoined{}, nil},
		{"while one goes", 11 * time.Second, gone(mesh.Hangup), r.leave},
		{"somebody comes later", 13 * time.Second, MemberJoined{}, r.join},
		{"somebody does not want to come", 20 * time.Second, gone(mesh.Declined), nil},
		{"somebody has not answered", 21 * time.Second, gone(mesh.NoAnswer), nil},
		{"somebody is lost", 22 * time.Second, gone(mesh.PeerLost), r.leave},
		{"somebody is taken out", 25 * time.Second, gone(mesh.Removed), r.leave},
		{"somebody writes", 30 * time.Second, ChatLine{}, nil},
	} {
		if got := d.tone(r, c.ev, begun, begun.Add(c.at)); got != c.want {
			t.Errorf("%s: the tone is to be heard: %v", c.what, got != nil)
		}
	}
}

func TestTonesThatAreSwitchedOffAreNotHeard(t *testing.T) {
	r := newRinger(newMediaRoom(Sources{}, mesh.DefaultMaxPeers, nil))
	defer r.close()
	p := &Phone{ringer: r}
	begun := time.Unix(1000, 0)
	for _, on := range []bool{true, false, true} {
		p.SetTones(on)
		var d doorbell
		if got := d.tone(r, MemberJoined{}, begun, begun.Add(time.Minute)) != nil; got != on {
			t.Errorf("switched %v, heard: %v", on, got)
		}
	}
	(&Phone{}).SetTones(true) // one that does not ring has none
}
