package uplink

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// The figures that a conference is held against.
const (
	mostConcealed = 0.005
	leastFPS      = 20
	longestQueue  = 60 * ms
)

// inConference runs f in a conference of members with such uplinks, of whom those in cameras have one, or all.
func inConference(t *testing.T, uplinks []float64, cameras []int, f func(c *conference)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := newConference(t, uplinks, cameras...)
		defer c.close()
		f(c)
	})
}

// last is the member's last division.
func (m *member) last() Division {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.divided
}

// homes are so many uplinks as people have at home.
func homes(n int) []float64 { return slices.Repeat([]float64{homeUplink}, n) }

// streams are what comes from one member, or from all if from is −1, to all others.
func (c *conference) streams(from int) (all []*hearing) {
	for i, m := range c.members {
		for j, p := range m.peers {
			if p != nil && i != j && (from < 0 || from == j) {
				all = append(all, p.heard)
			}
		}
	}
	return all
}

// worst are the most concealed sound and the fewest pictures a second of some streams.
func worst(streams []*hearing, height int, from, to time.Duration) (concealed, fps float64) {
	fps = 1000
	for _, h := range streams {
		concealed = max(concealed, h.concealed(from, to-soundDeadline))
		fps = min(fps, h.fps(height, from, to))
	}
	return concealed, fps
}

// holdUplinks holds the members' uplinks against the figures.
func (c *conference) holdUplinks(from, to time.Duration, leastUse float64) {
	for i, m := range c.members {
		p95, rate, lost := m.uplink(from, to)
		use := rate / m.capacity
		c.t.Logf("member %d: %.2f of %.0f Mbit/s, queue p95 %v, %d packets lost there, %s", i, rate/1e6, m.capacity/1e6, p95.Round(ms), lost, told(m.last()))
		if use < leastUse || use > 1.001 || p95 > longestQueue {
			c.t.Errorf("member %d: use %.2f, want %.2f to 1; queue p95 %v", i, use, leastUse, p95)
		}
	}
}

// Everybody hears and sees everybody, and no uplink is full.
func TestConferenceOnHomeUplinks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		members int
		use     float64 // of each; with two others it takes less than 5 Mbit/s to send all there is to see
	}{{3, 0.3}, {8, 0.7}} { // they use 0.79 to 0.92 within these two seconds
		inConference(t, homes(c.members), nil, func(v *conference) {
			const settled, end = 4500 * ms, 6500 * ms
			time.Sleep(end)
			concealed, fps := worst(v.streams(-1), tileHeight, settled, end)
			t.Logf("%d members: the worst of %d streams has %.2f %% concealed sound and %.1f pictures a second", c.members, len(v.streams(-1)), concealed*100, fps)
			if concealed > mostConcealed || fps < leastFPS {
				t.Errorf("%d members: %.2f %% of the sound concealed, %.1f pictures a second", c.members, concealed*100, fps)
			}
			v.holdUplinks(settled, end, c.use)
		})
	}
}

// One of eight members has its uplink cut to a fifth for a while. Sound goes on, and pictures fit soon; as long as it is slow it
// hears all, sees the speaker, and is seen while it speaks; and when the uplink comes back so do its pictures. The others do
// not notice. Nobody but it and the speaker has a camera, and most are silent, which is enough, and quicker.
func TestConferenceWithAnUplinkThatIsCut(t *testing.T) {
	t.Parallel()
	const speaker, slow = 0, 2
	inConference(t, homes(8), []int{speaker, slow}, func(c *conference) {
		m := c.members[slow]
		for _, o := range c.members[3:] {
			o.silent.Store(true)
		}
		const cut, speaks, back, end = 5 * time.Second, 12 * time.Second, 15 * time.Second, 26 * time.Second
		time.Sleep(cut)
		m.setUplink(1e6)
		time.Sleep(speaks - cut)
		d := m.last()
		c.speaker.Store(slow)
		time.Sleep(back - speaks)
		c.speaker.Store(speaker)
		m.setUplink(homeUplink)
		time.Sleep(end - back)

		first, _ := worst(c.streams(slow), 0, cut, cut+2*time.Second)
		then, _ := worst(c.streams(slow), 0, cut+2*time.Second, speaks)
		queue, rate, lost := m.uplink(cut+1500*ms, back)
		t.Logf("after the cut %.2f %% of the sound concealed in 2 s, %.2f %% in the next 5; from 1.5 s on %.2f Mbit/s, queue p95 %v, %d packets lost",
			first*100, then*100, rate/1e6, queue.Round(ms), lost)
		if first > 0.08 || then > 0.01 || queue > longestQueue || rate > 1e6 {
			t.Error("sound has gaps, or the queue has not gone")
		}

		if d.Mode != ActiveSpeaker || d.Large.Wanted() || d.Small.Wanted() {
			t.Errorf("while another speaks the slow one divides %s", told(d))
		}
		hears, _ := worst([]*hearing{m.peers[0].heard, m.peers[1].heard}, 0, cut, back)
		sees := m.peers[speaker].heard.fps(tileHeight, cut, speaks)
		_, seen := worst(c.streams(slow), Sizes[0].Height, speaks+time.Second, back)
		t.Logf("it hears with %.2f %%, sees the speaker with %.1f pictures a second, and is seen with %.1f while it speaks", hears*100, sees, seen)
		if hears > mostConcealed || sees < leastFPS || seen < 10 {
			t.Error("too little")
		}

		concealed, fps := worst(c.streams(slow), tileHeight, back+10*time.Second, end)
		t.Logf("10 s after the uplink has come back there are %.1f pictures a second, %.2f %% of the sound concealed", fps, concealed*100)
		if fps < leastFPS || concealed > mostConcealed {
			t.Error("too little")
		}

		others := slices.DeleteFunc(c.streams(-1), func(h *hearing) bool { return h.from == m || h.to == m })
		unharmed, _ := worst(others, 0, cut, back)
		_, fps = worst(slices.DeleteFunc(c.streams(speaker), func(h *hearing) bool { return h.to == m }), tileHeight, cut, speaks)
		if unharmed > mostConcealed || fps < leastFPS {
			t.Errorf("among the others %.2f %% of the sound was concealed, and there were %.1f pictures a second", unharmed*100, fps)
		}
	})
}

// A receiver with a narrow downlink gets less, and costs the others nothing.
func TestConferenceBesideANarrowDownlink(t *testing.T) {
	t.Parallel()
	const narrow = 3
	inConference(t, homes(4), nil, func(c *conference) {
		c.members[narrow].down.SetRate(900e3 / 8) // for three streams
		const settled, end = 5 * time.Second, 10 * time.Second
		time.Sleep(end)
		among := slices.DeleteFunc(c.streams(-1), func(h *hearing) bool { return h.from.index == narrow || h.to.index == narrow })
		heard, _ := worst(c.streams(narrow), 0, settled, end)
		concealed, fps := worst(among, tileHeight, settled, end)
		hears, sees := 0.0, 1000.0
		for _, p := range c.members[narrow].peers {
			if p != nil {
				hears = max(hears, p.heard.concealed(settled, end-soundDeadline))
				sees = min(sees, p.heard.fps(Sizes[0].Height, settled, end))
			}
		}
		t.Logf("among the others %.2f %% concealed, %.1f pictures a second; the narrow one hears with %.2f %%, sees %.1f, is heard with %.2f %%",
			concealed*100, fps, hears*100, sees, heard*100)
		if concealed > mostConcealed || fps < leastFPS {
			t.Error("the others suffer")
		}
		if hears > 0.05 || sees < 5 || heard > mostConcealed {
			t.Error("the narrow one gets less than it might")
		}
	})
}
