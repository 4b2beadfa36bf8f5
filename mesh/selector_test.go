package mesh

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"sundog.dev/sundog/mesh/uplink"
)

// selection plays a stream to a selector, a word per picture, and gives its answers. Words: F or S for the size, the layer, k for a key frame. Two
// pictures with a + between them are of one moment. "x" before a word: what was to be given is lost. "=S1": now small up to layer 1 is wanted; "=-": nothing.
func selection(words string) string {
	var sel VideoSelector
	due := time.Unix(1000, 0)
	var out []string
	for _, word := range strings.Fields(words) {
		if want, ok := strings.CutPrefix(word, "="); ok {
			if want == "-" {
				sel.Stop()
				continue
			}
			sel.Want(want[0] == 'S', int(want[1]-'0'))
			continue
		}
		due = due.Add(50 * time.Millisecond)
		for _, w := range strings.Split(word, "+") {
			w, lost := strings.CutPrefix(w, "x")
			e := Frame{Kind: VideoFrame, Due: due, Small: w[0] == 'S', Layer: int(w[1] - '0'), Key: strings.HasSuffix(w, "k")}
			switch sel.Pick(e) {
			case Give:
				if lost {
					sel.Lost(e)
				} else {
					out = append(out, w)
				}
			case KeyFrameFirst:
				out = append(out, "?"+w[:1])
			}
		}
	}
	return strings.Join(out, " ")
}

func TestAReceiverGetsWhatItCanDecode(t *testing.T) {
	for _, c := range []struct{ about, words, want string }{
		{"nobody wants anything", "F0k F2 F1 F2 F0", ""},
		{"all of a size", "=F2 F0k+S0k F2+S2 F1+S1 F2+S2 F0+S0", "F0k F2 F1 F2 F0"},
		{"without the top layer", "=F1 F0k F2 F1 F2 F0 F2 F1", "F0k F1 F0 F1"},
		{"the base layer only", "=F0 F0k F2 F1 F2 F0 F2 F1", "F0k F0"},
		{"it begins with a key frame", "=F2 F2 F0 F0k F2", "?F ?F F0k F2"},
		{"it changes size at a key frame, and has the old one until then", "=F2 F0k+S0 F2+S2 =S2 F1+S1 F2+S0k F0+S2 F2+S1", "F0k F2 F1 ?S F2 S0k S2 S1"},
		{"a size that does not come leaves the old one", "=F2 F0k F2 =S2 F1 F2 F0", "F0k F2 F1 F2 F0"},
		{"more layers begin with the base", "=F0 F0k F2 F1 =F2 F2 F0 F2 F1 F2", "F0k F0 F2 F1 F2"},
		{"fewer layers at once", "=F2 F0k F2 =F0 F1 F2 F0 F2", "F0k F2 F0"},
		{"a lost picture of the top layer is none", "=F2 F0k xF2 F1 F2 F0", "F0k F1 F2 F0"},
		{"behind a lost one of the middle layer the top one is left out", "=F2 F0k F2 xF1 F2 F0 F2 F1 F2", "F0k F2 F0 F2 F1 F2"},
		{"behind a lost one of the base only a key frame helps", "=F2 F0k F2 F1 F2 xF0 F2 F1 F0k F2", "F0k F2 F1 F2 ?F ?F F0k F2"},
		{"a lost key frame is asked for again", "=F2 xF0k F2 F0k F2", "?F F0k F2"},
		{"who stopped begins with a key frame", "=F2 F0k F2 =- F1 F2 =F2 F0 F0k", "F0k F2 ?F F0k"},
	} {
		if got := selection(c.words); got != c.want {
			t.Errorf("%s:\n%s\ngave   %s\nwanted %s", c.about, c.words, got, c.want)
		}
	}
}

// A picture's loss is known only when its time is over, when others have been given.
func TestALossThatIsKnownLate(t *testing.T) {
	var sel VideoSelector
	sel.Want(false, uplink.Layers-1)
	at := time.Unix(1000, 0)
	picture := func(n, layer int, key bool) Frame {
		return Frame{Kind: VideoFrame, Due: at.Add(time.Duration(n) * 50 * time.Millisecond), Layer: layer, Key: key}
	}
	give := func(f Frame, want Pick) {
		t.Helper()
		if got := sel.Pick(f); got != want {
			t.Errorf("picture of layer %d, %v: %v, want %v", f.Layer, f.Due.Sub(at), got, want)
		}
	}
	give(picture(0, 0, true), Give)
	give(picture(2, 1, false), Give)
	give(picture(4, 0, false), Give)
	give(picture(6, 1, false), Give)
	if sel.Lost(picture(2, 1, false)) {
		t.Error("a key frame for a lost picture of layer 1")
	}
	give(picture(7, 2, false), Give) // depends on a later one
	give(picture(8, 0, true), Give)
	if sel.Lost(picture(4, 0, false)) {
		t.Error("another key frame for a picture before the last one")
	}
	give(picture(12, 0, false), Give)
	if !sel.Lost(picture(8, 0, true)) {
		t.Error("no key frame for a lost key frame")
	}
	give(picture(16, 0, false), KeyFrameFirst)
}

// TestWhatIsGivenCanAlwaysBeDecoded changes wishes and loses pictures at random, and follows what the receiver has.
func TestWhatIsGivenCanAlwaysBeDecoded(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var sel VideoSelector
	var has [2][2]bool // of each size: the newest pictures of layer 0 and 1
	var cycle [2]int
	current, given := -1, 0
	for n := range 20_000 {
		if r.IntN(20) == 0 {
			sel.Want(r.IntN(2) == 1, r.IntN(uplink.Layers))
		}
		due := time.Unix(1000, int64(n)*50_000_000)
		for size := range 2 {
			e := Frame{Kind: VideoFrame, Due: due, Small: size == 1, Key: r.IntN(30) == 0}
			if e.Key {
				cycle[size] = 0
			}
			e.Layer = [...]int{0, 2, 1, 2}[cycle[size]%4]
			needs := [...]int{0, 0, 0, 1}[cycle[size]%4]
			cycle[size]++
			got := sel.Pick(e) == Give
			lost := got && r.IntN(15) == 0
			if lost {
				sel.Lost(e)
			}
			if got && !e.Key && (size != current || !has[size][needs]) {
				t.Fatalf("picture %d of size %d, layer %d was given, though the receiver has %v of size %d", n, size, e.Layer, has, current)
			}
			if e.Layer < uplink.Layers-1 {
				has[size][e.Layer] = got && !lost
			}
			if got && !lost {
				given++
				current = size
			}
		}
	}
	if given < 1000 {
		t.Errorf("only %d pictures were given", given)
	}
}
