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

func TestCases(t *testing.T) {
	for _, s := range All() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			figures := play(t, s, 1).Figures()
			for _, v := range Judge(s, figures) {
				t.Log(v)
			}
		})
	}
}
