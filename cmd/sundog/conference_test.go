package main

import (
	"reflect"
	"testing"

	"sundog.dev/sundog/app"
	"sundog.dev/sundog/internal/phone"
)

func TestABrokenLinkIsToldOnceWithWhoeverCarriesIt(t *testing.T) {
	own, ben, dana := phone.Identity{1}, phone.Identity{2}, phone.Identity{3}
	ids := map[phone.Identity]string{own: "ours", ben: "b", dana: "d"}
	line := func(by, with phone.Identity, s phone.LinkState, carrier phone.Identity) phone.LinkLine {
		return phone.LinkLine{By: by, With: with, ByID: ids[by], WithID: ids[with], State: s, Carrier: carrier}
	}
	var none phone.Identity
	for _, c := range []struct {
		what  string
		lines []phone.LinkLine
		want  []app.BrokenLink
	}{
		{"all stand", []phone.LinkLine{line(own, ben, phone.LinkUp, none), line(ben, own, phone.LinkUp, none)}, nil},
		{"two who do not hear each other", []phone.LinkLine{
			line(own, ben, phone.LinkUp, none), line(ben, dana, phone.LinkBroken, none), line(dana, ben, phone.LinkBroken, none),
		}, []app.BrokenLink{{A: "b", B: "d"}}},
		{"of whom one says nothing yet", []phone.LinkLine{line(dana, ben, phone.LinkBroken, none)}, []app.BrokenLink{{A: "b", B: "d"}}},
		{"ours, carried", []phone.LinkLine{
			line(own, ben, phone.LinkUp, none), line(own, dana, phone.LinkCarried, ben), line(dana, own, phone.LinkCarried, ben),
		}, []app.BrokenLink{{A: "d", B: app.OwnID, Carrier: "b"}}},
		{"carried by us", []phone.LinkLine{line(ben, dana, phone.LinkCarried, own)}, []app.BrokenLink{{A: "b", B: "d", Carrier: app.OwnID}}},
		{"carried for the one, broken for the other", []phone.LinkLine{
			line(ben, dana, phone.LinkCarried, own), line(dana, ben, phone.LinkBroken, none),
		}, []app.BrokenLink{{A: "b", B: "d"}}},
		{"with somebody who has left", []phone.LinkLine{line(ben, phone.Identity{9}, phone.LinkBroken, none)}, nil},
	} {
		if got := brokenLinks(c.lines, hexOf(own)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.what, got, c.want)
		}
	}
}
