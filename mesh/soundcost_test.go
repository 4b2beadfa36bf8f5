package mesh

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/mesh/uplink"
)

// What the division reckons that sound to each receiver takes is what goes over the uplink, within a tenth, in every way in which
// sound is packed; and with a file beside it, which uses what it may and no more.
func TestSoundTakesWhatIsPlanned(t *testing.T) {
	const receivers = 3
	for _, c := range []struct {
		limit  float64 // of what is sent, bit/s
		packet time.Duration
		file   bool
	}{
		{400e3, 20 * time.Millisecond, false},
		{180e3, 40 * time.Millisecond, false},
		{125e3, 60 * time.Millisecond, false},
		{90e3, 60 * time.Millisecond, false}, // and nothing would be sent during silence
		{600e3, 20 * time.Millisecond, true},
		{220e3, 40 * time.Millisecond, true},
	} {
		t.Run(fmt.Sprintf("%.0f kbit/s, file %v", c.limit/1e3, c.file), func(t *testing.T) {
			inWorld(t, func(w *world) {
				m := w.meet(1+receivers, -1)
				for _, f := range m.calls {
					f.SetState(OwnState{Sound: true})
				}
				f, home := m.calls[0], m.phones[0].home
				f.SetUplinkCap(int(c.limit), false)
				if c.file {
					file, _ := testFile("file", 4_000_000)
					f.sends(file)
					for _, other := range m.calls[1:] {
						other.takes("file")
					}
				}
				time.Sleep(8 * time.Second)
				begin, planned := time.Now(), 0.0
				const looks = 40
				var sound uplink.Sound
				for range looks {
					time.Sleep(100 * time.Millisecond)
					synctest.Wait()
					d := f.Call.sharing.division
					planned += d.Cost / looks
					for _, s := range d.Shares {
						planned += s.Files / looks
					}
					sound = d.Sound
				}
				_, rate, _, _ := home.used(begin, time.Now())
				t.Logf("packets of %v: %.1f kbit/s, planned %.1f", sound.Packet, rate/1e3, planned/1e3)
				if sound.Packet != c.packet || rate > 1.1*planned || rate < 0.9*planned {
					t.Errorf("%+v takes %.0f bit/s, planned %.0f", sound, rate, planned)
				}
			})
		})
	}
}
