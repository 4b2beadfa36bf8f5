package main

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// soundOf is a stream, from the second one on after the beginning, with this share of sound made up.
func soundOf(from, to string, madeUp ...float64) stream {
	s := stream{from: from, to: to}
	for i, share := range madeUp {
		s.seconds = append(s.seconds, event{Time: at(float64(i + 1)), Concealed: share, Height: 360, FPS: 24})
	}
	return s
}

func TestAMissNamesItsStreamsAndSeconds(t *testing.T) {
	load := &loadWatch{}
	load.note(busySecond{at(1.9), 1.97})
	load.gap(stall{at(1.2), 47 * time.Millisecond})
	load.gap(stall{at(1.3), 12 * time.Millisecond}) // none to speak of
	all := []stream{
		soundOf("ada", "ben", 0, 0.4, 0.02),
		soundOf("ben", "ada", 0, 0.1, 0),
		soundOf("cleo", "ada", 0, 0, 0),
	}
	lines := explanation(all, at(0), func(s stream) bool { mean, _ := s.madeUp(); return mean > 0.1 }, stream.soundLapses, load)
	want := []string{
		" ada → ben   00:16:42 (+2 s) 40 % made up; 00:16:43 (+3 s) 2 % made up",
		"at 00:16:42 (+2 s) something is wrong with 2 of 3 streams [machine 2.0 of N, it stood still for 47 ms]",
		"at 00:16:43 (+3 s) something is wrong with 1 of 3 streams",
	}
	got := strings.ReplaceAll(strings.Join(lines, "\n"), fmt.Sprintf("of %d,", runtime.NumCPU()), "of N,")
	if got != strings.Join(want, "\n") {
		t.Errorf("%s", got)
	}
}

func TestAMissTellsOfSoManyAndNoMore(t *testing.T) {
	var all []stream
	for i := range toldStreams + 3 {
		all = append(all, soundOf(fmt.Sprint("a", i), "b", make([]float64, 2*toldSeconds)...))
		for j := range all[i].seconds {
			all[i].seconds[j].Concealed = 0.5
		}
	}
	lines := explanation(all, at(0), func(stream) bool { return true }, stream.soundLapses, nil)
	if len(lines) != toldStreams+1+toldTogether || lines[toldStreams] != "and 3 streams more" {
		t.Errorf("%d lines: %s", len(lines), strings.Join(lines, "\n"))
	}
	if !strings.HasSuffix(lines[0], fmt.Sprintf("; and %d more", toldSeconds)) {
		t.Errorf("%s", lines[0])
	}
}

func TestSecondsOfWhichNothingIsToldAreGaps(t *testing.T) {
	s := soundOf("ada", "ben", 0, 0, 0, 0, 0, 0)
	s.seconds = append(s.seconds[:2], s.seconds[4:]...)
	for _, c := range []struct {
		name   string
		within span
		want   string
	}{
		{"in the middle", span{at(0), at(6)}, "00:16:45 (+5 s) nothing told for 3.0 s"},
		{"at the end, too", span{at(0), at(8)}, "00:16:45 (+5 s) nothing told for 3.0 s; 00:16:48 (+8 s) nothing told for 2.0 s"},
	} {
		if got := told(s.gaps(c.within), c.within.from, nil); got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

func TestPicturesThatAreNotAsTheyShallBeAreLapses(t *testing.T) {
	s := stream{seconds: []event{
		{Time: at(1), Height: 360, FPS: 24}, {Time: at(2), Height: 180, FPS: 24}, {Time: at(3), Height: 360, FPS: 9},
	}}
	if got, want := told(s.pictureLapses(wholePicture), at(0), nil), "00:16:42 (+2 s) 24.0 pictures of 180 lines; 00:16:43 (+3 s) 9.0 pictures of 360 lines"; got != want {
		t.Errorf("%s", got)
	}
	if len(s.pictureLapses(noPicture)) != 0 {
		t.Error("where no pictures are wanted, some are missed")
	}
}
