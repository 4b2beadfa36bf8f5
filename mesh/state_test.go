package mesh

import (
	"testing"
	"time"
)

func TestACallsStateIsMadeFromItsLegs(t *testing.T) {
	for _, tc := range []struct {
		what        string
		established bool
		legs        []State
		want        State
	}{
		{"nobody has answered yet", false, []State{Calling}, Calling},
		{"somebody calls us", false, []State{Ringing}, Ringing},
		{"both have accepted", false, []State{Connecting}, Connecting},
		{"the only one has not come", false, nil, Ended},
		{"a call of two", true, []State{InCall}, InCall},
		{"one more is being called", true, []State{InCall, Calling}, InCall},
		{"one of two is lost", true, []State{Reconnecting, InCall}, InCall},
		{"both are", true, []State{Reconnecting, Reconnecting}, Reconnecting},
		{"one is lost, and another being called", true, []State{Reconnecting, Calling}, Reconnecting},
		{"the first has left, and the second is being called", true, []State{Calling}, InCall},
		{"all have left", true, nil, Ended},
	} {
		established := time.Time{}
		if tc.established {
			established = time.Now()
		}
		if got := overall(established, tc.legs); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.what, got, tc.want)
		}
	}
}
