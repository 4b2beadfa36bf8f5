package mesh

import (
	"slices"
	"testing"
	"time"
)

// figures are what people notice of some streams.
type figures struct {
	concealed float64 // of the sound, on average
	pictures  float64 // a second, of any height, on average
	frozen    float64 // the part of the time in which no new picture is shown for more than half a second, on average
	changes   float64 // of size or layers, on average: of a single stream they are chance
}

// watch lets time pass and says how often the size or the layers have changed that each member sends to another meanwhile.
func (m *meeting) watch(d time.Duration) map[[2]int]int {
	type quality struct{ height, layers int }
	changed, last := map[[2]int]int{}, map[[2]int]quality{}
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		for from, c := range m.calls {
			_ = c.ask(func() error {
				s := &c.sharing
				for _, g := range s.legs {
					to := slices.IndexFunc(m.phones, func(p *phone) bool { return p.id == g.PeerID() })
					now := quality{s.division.Small.Size.Height, g.uplink.share.Layers}
					if g.uplink.share.Large {
						now.height = s.division.Large.Size.Height
					}
					stream := [2]int{from, to}
					if was, ok := last[stream]; ok && was != now {
						changed[stream]++
					}
					last[stream] = now
				}
				return nil
			})
		}
	}
	return changed
}

// figures are those of some streams between two moments.
func (m *meeting) figures(streams [][2]int, changed map[[2]int]int, begin, end time.Time) (f figures) {
	for _, s := range streams {
		f.concealed += m.concealed(s[0], s[1], begin, end.Add(-soundDeadline)) / float64(len(streams))
		f.pictures += m.fps(s[0], s[1], 0, begin, end) / float64(len(streams))
		f.frozen += m.frozen(s[0], s[1], begin, end).Seconds() / end.Sub(begin).Seconds() / float64(len(streams))
		f.changes += float64(changed[s]) / float64(len(streams))
	}
	return f
}

// frozen is how much of the time between two moments one member is shown no new picture of another for more than half a second.
func (m *meeting) frozen(from, to int, begin, end time.Time) (sum time.Duration) {
	o := m.media[to]
	o.mu.Lock()
	defer o.mu.Unlock()
	last := begin
	gap := func(until time.Time) {
		if d := until.Sub(last); d > 500*time.Millisecond {
			sum += d
		}
		last = until
	}
	if h := o.hears[m.phones[from].id]; h != nil {
		for _, s := range h.shown {
			if s.at.After(begin) && s.at.Before(end) {
				gap(s.at)
			}
		}
	}
	gap(end)
	return sum
}

// Four people of whom some are on bad links. Who is not does not notice; who is has sound, and pictures that go on.
func TestAConferenceOnBadLinks(t *testing.T) {
	const n = 4
	all := func(a air) map[int]air { return map[int]air{0: a, 1: a, 2: a, 3: a} }
	for _, c := range []struct {
		name   string
		airs   map[int]air
		theirs figures // of those on bad links, at worst
		during time.Duration
	}{
		{"one on Wi-Fi", map[int]air{2: wifi}, figures{0.01, 25, 0.02, 2}, 5 * time.Second},
		{"all on Wi-Fi", all(wifi), figures{0.01, 20, 0.04, 2}, 10 * time.Second},
		// His uplink halves in a moment, several times a minute, and sound waits behind the pictures that have gone: of one such moment
		// in 5 s it is chance whether it costs anything, so it takes longer to say how much they do: more than it should.
		{"one mobile", map[int]air{2: mobile}, figures{0.05, 20, 0.08, 6}, 20 * time.Second},
		{"ways there and back differ", map[int]air{0: {out: 80 * time.Millisecond}, 1: {in: 60 * time.Millisecond}, 2: {out: 40 * time.Millisecond}}, figures{0.005, 25, 0.01, 2}, 5 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.airs = c.airs
				m, _ := w.meetAtOnce(n)
				// How it begins is another matter: if all that is known of a path, or of the uplink, is of a moment in which nothing left, it
				// takes up to five seconds until there are pictures, once in fifty times.
				time.Sleep(6 * time.Second)
				begin := time.Now()
				changed := m.watch(c.during)
				end := time.Now()
				bad := func(from, to int) bool { return c.airs[from] != (air{}) || c.airs[to] != (air{}) }
				good := func(from, to int) bool { return !bad(from, to) }
				for _, g := range []struct {
					whose   string
					streams [][2]int
					least   figures
				}{
					{"on bad links", m.streams(bad), c.theirs},
					{"the others", m.streams(good), figures{mostConcealed, leastFPS, 0, 1}},
				} {
					if len(g.streams) == 0 {
						continue
					}
					f := m.figures(g.streams, changed, begin, end)
					t.Logf("%s: %.2f %% of the sound concealed, %.1f pictures a second, frozen for %.1f %% of the time, %.1f changes", g.whose, f.concealed*100, f.pictures, f.frozen*100, f.changes)
					if f.concealed > g.least.concealed || f.pictures < g.least.pictures || f.frozen > g.least.frozen || f.changes > g.least.changes {
						t.Errorf("%s: worse than %+v", g.whose, g.least)
					}
				}
				for i, p := range m.phones {
					u := m.calls[i].Uplink()
					p95, rate, _, _ := p.home.used(begin, end)
					t.Logf("%s: %.2f Mbit/s of %.2f, queue p95 %v; %s", p.name, rate/1e6, float64(u.Rate)/1e6, p95.Round(time.Millisecond), u.Summary)
				}
			})
		})
	}
}
