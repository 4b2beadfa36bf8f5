package media

import (
	"strings"
	"testing"
)

// floor plays levels to an ActiveSpeaker: a line per person, a character per poll: 1 to 9 are tenths, '.' is silence, ' ' not there. It
// returns who was active at each poll, '-' for nobody.
func floor(lines string) string {
	var a ActiveSpeaker[byte]
	people := strings.Split(strings.Trim(lines, "\n"), "\n")
	var out []byte
	for n := range len(people[0]) - 2 {
		var levels []SpeakerLevel[byte]
		for _, p := range people {
			switch c := p[2+n]; c {
			case ' ':
			case '.':
				levels = append(levels, SpeakerLevel[byte]{ID: p[0]})
			default:
				levels = append(levels, SpeakerLevel[byte]{p[0], float64(c-'0') / 10})
			}
		}
		who, ok := a.Poll(levels)
		if !ok {
			who = '-'
		}
		out = append(out, who)
	}
	return string(out)
}

func TestWhoSpeaksNow(t *testing.T) {
	for _, c := range []struct{ about, levels, active string }{
		{"nobody", `
A ..........
B ..........`, "----------"},
		{"one who speaks has the floor after 0.8 s", `
A ..7676....
B ..........`, "-----AAAAA"},
		{"and keeps it in silence", `
A 7776..................
B ......................`, "---AAAAAAAAAAAAAAAAAAA"},
		{"a cough takes nothing", `
A 7777..........
B ........99....`, "---AAAAAAAAAAA"},
		{"nor does typing", `
A 7777................
B ......5.5.5.5.5.5.5.`, "---AAAAAAAAAAAAAAAAA"},
		{"nor a fan", `
A 7777................
B 33333333333333333333`, "---AAAAAAAAAAAAAAAAA"},
		{"an answer does, once the first is silent", `
A 7777............
B ......7777......`, "---AAAAAABBBBBBB"},
		{"an answer in somebody's breath does not", `
A 77777..77777777
B .....777.......`, "---AAAAAAAAAAAA"},
		{"nor does one who talks over them as loud", `
A 77777777777777
B ....7777777777`, "---AAAAAAAAAAA"},
		{"but one who is louder", `
A 55555555555555
B ....9999999999`, "---AAAAABBBBBB"},
		{"the loudest of two who begin together", `
A 6666....
B 8888....`, "---BBBBB"},
		{"words with short pauses are speech", `
A ................
B 7.77.77.77.77.77`, "-----BBBBBBBBBBB"},
		{"who leaves loses the floor", `
A 7777..    ....
B ..............`, "---AAA--------"},
		{"who comes back is new", `
A 7777..  ....7777
B ................`, "---AAA---------A"},
	} {
		if got := floor(c.levels); got != c.active {
			t.Errorf("%s:%s\n  %s, wanted\n  %s", c.about, c.levels, got, c.active)
		}
	}
}

func TestSpeakingIsNotTheSameAsHavingTheFloor(t *testing.T) {
	var a ActiveSpeaker[string]
	poll := func(level float64, times int) {
		for range times {
			a.Poll([]SpeakerLevel[string]{{"ann", level}})
		}
	}
	if a.Speaking() {
		t.Error("somebody speaks before anybody does")
	}
	if poll(0.7, 6); !a.Speaking() {
		t.Error("one who speaks does not")
	}
	if poll(0, speakerWindow); a.Speaking() {
		t.Error("one who was silent for a second speaks")
	}
}

func TestLevelsOutOfRangeAreHarmless(t *testing.T) {
	var a ActiveSpeaker[int]
	for range 20 {
		a.Poll([]SpeakerLevel[int]{{1, -5}, {2, 0.8}, {3, 1e300}, {3, 2}})
	}
	if who, ok := a.Poll(nil); ok {
		t.Errorf("%d speaks in an empty room", who)
	}
}

func BenchmarkActiveSpeaker(b *testing.B) {
	var a ActiveSpeaker[int]
	var levels []SpeakerLevel[int]
	for i := range 15 {
		levels = append(levels, SpeakerLevel[int]{i, float64(i%7) / 7})
	}
	b.ReportAllocs()
	for b.Loop() {
		a.Poll(levels)
	}
}
