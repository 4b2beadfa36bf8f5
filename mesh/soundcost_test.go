package mesh

import (
	"fmt"
	"testing"
	"time"
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
				begin := time.Now()
				time.Sleep(4 * time.Second)
				_, rate, _, _ := home.used(begin, time.Now())
				planned := 0.0
				for _, p := range f.Uplink().PerPeer {
					planned += float64(p.Bits)
				}
				packet := m.media[0].wished().Sound.Packet
				if c.file {
					planned = 0.95 * c.limit // all but what is held back
				}
				t.Logf("packets of %v: %.1f kbit/s, planned %.1f", packet, rate/1e3, planned/1e3)
				if packet != c.packet || rate > 1.1*planned || rate < 0.9*planned {
					t.Errorf("sound in packets of %v takes %.0f bit/s, planned %.0f", packet, rate, planned)
				}
			})
		})
	}
}
