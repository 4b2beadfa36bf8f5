package mesh

import (
	"testing"
	"time"
)

func TestACallsStateIsMadeFromItsLegs(t *testing.T) {
	for _, tc := range []struct {
		what        string
		established bool
		stays       bool
		legs        []State
		want        State
	}{
		{"nobody has answered yet", false, false, []State{Calling}, Calling},
		{"somebody calls us", false, false, []State{Ringing}, Ringing},
		{"both have accepted", false, false, []State{Connecting}, Connecting},
		{"the only one has not come", false, false, nil, Ended},
		{"a call of two", true, false, []State{InCall}, InCall},
		{"one more is being called", true, false, []State{InCall, Calling}, InCall},
		{"one of two is lost", true, false, []State{Reconnecting, InCall}, InCall},
		{"both are", true, false, []State{Reconnecting, Reconnecting}, Reconnecting},
		{"one is lost, and another being called", true, false, []State{Reconnecting, Calling}, Reconnecting},
		{"the first has left, and the second is being called", true, false, []State{Calling}, InCall},
		{"all have left", true, false, nil, Ended},
		{"a member is lost and sought again", true, false, []State{joining}, Reconnecting},
		{"a newcomer asks to be let in", false, false, []State{joining}, Calling},
		{"a newcomer knocks", true, false, []State{InCall, joining}, InCall},
		{"a room of one's own", true, true, nil, InCall},
	} {
		established := time.Time{}
		if tc.established {
			established = time.Now()
		}
		if got := overall(established, tc.stays, tc.legs); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.what, got, tc.want)
		}
	}
}
