package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"math"
	"strings"
	"testing"
	"time"
)

func TestProcessorTimeIsReadFromProc(t *testing.T) {
	const rest = " S 1 2 3 4 5 6 7 8 9 10 120 30 0 0 20 0"
	for _, c := range []struct {
		line string
		want time.Duration
		ok   bool
	}{
		{"77 (sundog-headless)" + rest, 1500 * time.Millisecond, true},
		{"77 (a ) b (c)" + rest, 1500 * time.Millisecond, true},
		{"77 (sundog) S 1 2 3", 0, false},
		{"77 (sundog)" + strings.Replace(rest, "120", "x", 1), 0, false},
		{"", 0, false},
	} {
		got, err := parseCPU(c.line)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%q: %v, %v", c.line, got, err)
		}
	}
}

func TestWhatTheMachineDidIsReadFromProc(t *testing.T) {
	for _, c := range []struct {
		text string
		want time.Duration
		ok   bool
	}{
		{"cpu  100 10 20 5000 700 3 4 13 0 0\ncpu0 1 2 3", 1500 * time.Millisecond, true},
		{"cpu  100 10 20", 0, false},
		{"cpu0 100 10 20 5000 700 3 4 13 0 0", 0, false},
		{"cpu  100 10 20 5000 700 3 4 x 0 0", 0, false},
	} {
		got, err := parseBusy(c.text)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%q: %v, %v", c.text, got, err)
		}
	}
}

// at is a time so many seconds after a beginning.
func at(s float64) time.Time {
	return time.Unix(1000, 0).Add(time.Duration(s * float64(time.Second)))
}

func TestSecondsCountByTheirOverlap(t *testing.T) {
	p := span{at(10), at(12)}
	for _, c := range []struct{ end, want float64 }{{10, 0}, {10.25, 0.25}, {11, 1}, {11.5, 1}, {12.75, 0.25}, {13, 0}, {20, 0}} {
		if got := p.overlap(at(c.end)); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("the second that ends at %v: %v of it, want %v", c.end, got, c.want)
		}
	}
}

func TestSoundMadeUpWithinATime(t *testing.T) {
	s := stream{seconds: []event{
		{Time: at(10.5), Concealed: 0.2}, {Time: at(11.5), Concealed: 0.1}, {Time: at(12.5), Concealed: 0}, {Time: at(13.5), Concealed: 1},
	}}
	if got := s.madeUpIn(span{at(10), at(12)}); math.Abs(got-(0.5*0.2+0.1+0)/2) > 1e-9 {
		t.Errorf("%v", got)
	}
	if share, worst := s.madeUp(); math.Abs(share-0.325) > 1e-9 || worst != 1 {
		t.Errorf("%v of all, %v in the worst", share, worst)
	}
}

func TestPicturesAreAsTheyShallBeAgain(t *testing.T) {
	good, small, slow := event{Height: 360, FPS: 24}, event{Height: 180, FPS: 24}, event{Height: 360, FPS: 12}
	for _, c := range []struct {
		name    string
		seconds []event
		want    float64
	}{
		{"always", []event{good, good, good}, 1},
		{"after two", []event{small, slow, good}, 3},
		{"not for good", []event{good, slow, good, good}, 3},
		{"never", []event{good, good, slow}, math.Inf(1)},
		{"nothing told", nil, math.Inf(1)},
	} {
		for i := range c.seconds {
			c.seconds[i].Time = at(float64(i + 1))
		}
		if got := goodAgain(c.seconds, at(0)); got != c.want {
			t.Errorf("%s: after %v s, want %v", c.name, got, c.want)
		}
	}
}

func TestLinksAreForged(t *testing.T) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	link := "sundog:ada?v=1&room=" + base64.RawURLEncoding.EncodeToString(make([]byte, invitationSize+1)) + "&key=x"
	now := time.UnixMilli(1_700_000_000_000)
	expired, err := expiredLink(link, key, now)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	_, err = changeLink(expired, func(raw []byte) {
		signed := append([]byte(invitationContext), raw[:invitationSigned]...)
		found = ed25519.Verify(key.Public().(ed25519.PublicKey), signed, raw[invitationSigned:invitationSize])
	})
	if err != nil || !found || !strings.HasSuffix(expired, "&key=x") {
		t.Errorf("%q is not signed (%v)", expired, err)
	}
	if forged, err := forgedLink(link); err != nil || forged == link {
		t.Errorf("%q, %v", forged, err)
	}
	for _, bad := range []string{"sundog:ada?v=1", "sundog:ada?room=AAAA", "sundog:ada?room=!!"} {
		if _, err := forgedLink(bad); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}
