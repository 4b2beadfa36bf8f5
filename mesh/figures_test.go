package mesh

import (
	"fmt"
	"testing"
	"time"
)

// The figures that a conference is held against.
const (
	mostConcealed = 0.005
	leastFPS      = 20
	longestQueue  = 60 * time.Millisecond
	wantedHeight  = 360
)

// meeting is a conference of phones at home, with media whose streams can be measured.
type meeting struct {
	*group
	media []*layeredMedia
}

// meet has so many phones meet; all have a camera, or those alone.
func (w *world) meet(n int, cameras ...int) *meeting {
	w.t.Helper()
	w.homes = true
	m := &meeting{group: &group{w: w}}
	for i := range n {
		camera := len(cameras) == 0
		for _, c := range cameras {
			camera = camera || c == i
		}
		media := newLayeredMedia(w.t, i, camera)
		m.media = append(m.media, media)
		m.phones = append(m.phones, w.newPhone(fmt.Sprintf("p%d", i+1), func(c *Config) { c.Media = media }))
	}
	from, to := talk(m.phones[0], m.phones[1])
	m.calls = []*follower{from, to}
	for _, p := range m.phones[2:] {
		m.add(0, p)
	}
	for began := time.Now(); m.apart() != ""; time.Sleep(50 * time.Millisecond) {
		if time.Since(began) > 10*time.Second {
			w.t.Fatal(m.apart())
		}
	}
	return m
}

// concealed is the part of the sound that was not there in time of what one member sent to another between two moments.
func (m *meeting) concealed(from, to int, begin, end time.Time) float64 {
	media := m.media[from]
	media.mu.Lock()
	sent := media.sent
	media.mu.Unlock()
	o := m.media[to]
	o.mu.Lock()
	defer o.mu.Unlock()
	h := o.hears[m.phones[from].id]
	n, missing := 0, 0
	for _, at := range sent {
		if at.Before(begin) || !at.Before(end) {
			continue
		}
		n++
		if h == nil {
			missing++
		} else if d, ok := h.sounds[at]; !ok || d > soundDeadline {
			missing++
		}
	}
	return float64(missing) / float64(max(n, 1))
}

// fps is how many pictures a second of at least a height one member was shown of another between two moments.
func (m *meeting) fps(from, to, height int, begin, end time.Time) float64 {
	o := m.media[to]
	o.mu.Lock()
	defer o.mu.Unlock()
	h := o.hears[m.phones[from].id]
	if h == nil {
		return 0
	}
	n := 0
	for _, s := range h.shown {
		if !s.at.Before(begin) && s.at.Before(end) && s.height >= height {
			n++
		}
	}
	return float64(n) / end.Sub(begin).Seconds()
}

// streams are those from one member to another that are among what is meant.
func (m *meeting) streams(among func(from, to int) bool) (all [][2]int) {
	for from := range m.phones {
		for to := range m.phones {
			if from != to && among(from, to) {
				all = append(all, [2]int{from, to})
			}
		}
	}
	return all
}

// worst is the most concealed sound and the fewest pictures a second of some streams.
func (m *meeting) worst(streams [][2]int, height int, begin, end time.Time) (concealed, fps float64) {
	fps = 1000
	for _, s := range streams {
		concealed = max(concealed, m.concealed(s[0], s[1], begin, end.Add(-soundDeadline)))
		fps = min(fps, m.fps(s[0], s[1], height, begin, end))
	}
	return concealed, fps
}

// seen is when the last of some streams was first seen; ok is false if one never was.
func (m *meeting) seen(streams [][2]int) (last time.Time, ok bool) {
	ok = true
	for _, s := range streams {
		o := m.media[s[1]]
		o.mu.Lock()
		if h := o.hears[m.phones[s[0]].id]; h == nil || len(h.shown) == 0 {
			ok = false
		} else if h.shown[0].at.After(last) {
			last = h.shown[0].at
		}
		o.mu.Unlock()
	}
	return last, ok
}

// holdUplinks holds the uplinks against the figures.
func (m *meeting) holdUplinks(begin, end time.Time) {
	m.w.t.Helper()
	for i, p := range m.phones {
		p95, rate, most, lost := p.home.used(begin, end)
		m.w.t.Logf("%s: %.2f of %.0f Mbit/s (at most %.2f), queue p95 %v, %d packets lost there; %s", p.name, rate/1e6, p.home.capacity/1e6, most/1e6,
			p95.Round(time.Millisecond), lost, m.calls[i].Uplink().Summary)
		if rate > p.home.capacity || p95 > longestQueue {
			m.w.t.Errorf("%s: %.2f Mbit/s, queue p95 %v", p.name, rate/1e6, p95)
		}
	}
}

func everybody(int, int) bool { return true }

// Everybody hears and sees everybody, and no uplink is full.
func TestAConferenceAtHome(t *testing.T) {
	for _, members := range []int{3, 8} {
		t.Run(fmt.Sprint(members), func(t *testing.T) {
			inWorld(t, func(w *world) {
				m := w.meet(members)
				whole := time.Now()
				time.Sleep(6 * time.Second)
				begin := time.Now()
				time.Sleep(4 * time.Second)
				end := time.Now()
				concealed, fps := m.worst(m.streams(everybody), wantedHeight, begin, end)
				early, _ := m.worst(m.streams(everybody), wantedHeight, whole, begin)
				t.Logf("the worst of %d streams: %.2f %% of the sound concealed (%.2f %% while it began), %.1f pictures a second", len(m.streams(everybody)), concealed*100, early*100, fps)
				if concealed > mostConcealed || fps < leastFPS {
					t.Error("too little")
				}
				last, ok := m.seen(m.streams(everybody))
				t.Logf("everybody sees everybody %v after the last link was up", last.Sub(whole))
				if !ok || last.Sub(whole) > 5*time.Second {
					t.Error("too late")
				}
				m.holdUplinks(begin, end)
			})
		})
	}
}
