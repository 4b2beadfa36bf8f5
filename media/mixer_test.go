package media

import (
	"math"
	"testing"
)

func TestOnePersonIsPassedOnUntouched(t *testing.T) {
	var m mixer
	frame := [FrameSamples]int16(noise(math.MaxInt16, FrameSamples))
	frame[0], frame[1] = math.MaxInt16, math.MinInt16
	var out [FrameSamples]int16
	m.add(&frame)
	if m.mix(&out); out != frame {
		t.Error("one person's sound was changed")
	}
}

func TestPeopleAreAddedUp(t *testing.T) {
	var m mixer
	a, b, c := [FrameSamples]int16{100, -5}, [FrameSamples]int16{20, -5}, [FrameSamples]int16{3, 1000}
	var out [FrameSamples]int16
	m.add(&a)
	m.add(&b)
	m.add(&c)
	if m.mix(&out); out[0] != 123 || out[1] != 990 || out[2] != 0 {
		t.Errorf("mixed to %v", out[:3])
	}
	if m.mix(&out); out != [FrameSamples]int16{} {
		t.Error("nobody's sound is no silence")
	}
}

func TestLoudMixesAreBentAndNotClipped(t *testing.T) {
	previous := softClip(-1 << 21)
	for v := int32(-1 << 21); v < 1<<21; v += 7 {
		got := softClip(v)
		if got < previous {
			t.Fatalf("%d becomes %d, less than what is before it", v, got)
		}
		if v >= -softClipStart && v <= softClipStart && int32(got) != v {
			t.Fatalf("%d becomes %d though it is not loud", v, got)
		}
		if v > -65536 && v < 65536 && int(got)-int(previous) > 8 {
			t.Fatalf("a jump of %d at %d", int(got)-int(previous), v)
		}
		previous = got
	}
	if a, b := softClip(40000), softClip(60000); a >= b || b == math.MaxInt16 {
		t.Errorf("40000 and 60000 become %d and %d", a, b)
	}
}

func BenchmarkMixEightPeople(b *testing.B) {
	var m mixer
	frame := [FrameSamples]int16(noise(8000, FrameSamples))
	var out [FrameSamples]int16
	b.ReportAllocs()
	for b.Loop() {
		for range 8 {
			m.add(&frame)
		}
		m.mix(&out)
	}
}
