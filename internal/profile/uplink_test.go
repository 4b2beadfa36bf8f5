package profile

import (
	"testing"
	"time"
)

func TestWhatTheUplinkCarriedIsKeptBesideTheSettings(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, dir)
	if u := s.Uplink(); u != (Uplink{}) {
		t.Errorf("of a new profile: %+v", u)
	}
	kept := Uplink{Bits: 4_000_000, At: time.Unix(1_800_000_000, 0).UTC(), Network: "192.0.2.0/24"}
	set := Settings{Name: "Anna", Quiet: true}
	ok(t, s.KeepUplink(Uplink{Bits: 1}), s.KeepUplink(kept), s.SaveSettings(Settings{Name: "Ada"}), s.SaveSettings(set))
	again := opened(t, dir)
	if u := again.Uplink(); u != kept {
		t.Errorf("kept as %+v", u)
	}
	if got := again.Settings(); got != set {
		t.Errorf("beside it the settings are %+v", got)
	}
}
