package rmcat

import (
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// play runs a scenario on a virtual clock.
func play(t *testing.T, s Scenario, seed uint64) (result *Result) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var err error
		if result, err = Run(s, seed); err != nil {
			t.Fatal(err)
		}
	})
	return result
}
