package app

import "testing"

func TestPresenceSaysWhatIsTrue(t *testing.T) {
	for _, c := range []struct {
		status ServiceStatus
		want   presence
	}{
		{ServiceStatus{}, presence{toneQuiet, "No service set: the test call works, others cannot call you yet."}},
		{ServiceStatus{State: ServiceConnecting, Where: "example.org"}, presence{toneWaiting, "Connecting to example.org…"}},
		{ServiceStatus{State: ServiceReachable, Where: "example.org"}, presence{toneGood, "Reachable through example.org"}},
		{ServiceStatus{State: ServiceFailed, Where: "example.org", Sentence: "example.org does not answer; trying again."}, presence{toneBad, "example.org does not answer; trying again."}},
		{ServiceStatus{State: ServiceFailed, Where: "example.org"}, presence{toneBad, "No answer from example.org; trying again."}},
	} {
		if got := presenceOf(c.status); got != c.want {
			t.Errorf("%+v: %+v, want %+v", c.status, got, c.want)
		}
	}
}
