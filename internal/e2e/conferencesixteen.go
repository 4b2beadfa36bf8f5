package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// checkConferenceSixteen is as many people as a large room has: one speaks, and all others hear and see them. Then another one does.
func checkConferenceSixteen(ctx context.Context, b *bench) error {
	const (
		people        = 16
		assembles     = 10 * time.Second
		seconds       = 20
		follows       = 3 * time.Second // until everybody sees whoever has begun to speak
		first, second = 5, 11
	)
	s, err := b.newStage(ctx, people)
	if err != nil {
		return err
	}
	defer s.close()
	s.profiled = true
	quiet := filepath.Join(b.dir, "quiet.wav") // a room in which nobody speaks, at -60 dB
	if _, err := runTool(ctx, nil, "ffmpeg", "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "anoisesrc=a=0.001:r=48000:d=10", "-ac", "1", quiet); err != nil {
		return err
	}
	took, err := s.assemble(ctx, people, func(host int) []string {
		mic := "file:" + quiet
		if host == first || host == second {
			mic = "tone:440"
		}
		return []string{"--max-peers", fmt.Sprint(people - 1), "--view", "speaker", "--camera", conferenceCamera, "--mic", mic}
	})
	if err != nil {
		return err
	}
	s.reportAssembled(took, assembles)
	speaks, next := s.people[first], s.people[second]
	if err := next.order("mute on"); err != nil {
		return err
	}
	s.agree(ctx)
	if err := pause(ctx, conferenceSettles); err != nil {
		return err
	}
	hears := func(speaker *conferee) (figures, error) {
		f, err := s.measure(ctx, seconds*time.Second)
		if err != nil {
			return f, err
		}
		s.reportStreams("of "+speaker.name+", who speaks", f.span, func(from, _ *conferee) bool { return from == speaker }, smallPicture)
		s.reportUplinks(f, func(int) float64 { return linkUp })
		s.reportCosts(f)
		return f, nil
	}
	if _, err := hears(speaks); err != nil {
		return err
	}
	if err := speaks.order("mute on"); err != nil {
		return err
	}
	if err := next.order("mute off"); err != nil {
		return err
	}
	began := time.Now()
	waitUntil(ctx, 2*soon, func() bool { return s.allSee(next, began) })
	b.report.holds("all others see who speaks now", s.allSee(next, began), s.people[0].tail())
	last := began
	var late []string
	for _, c := range s.people {
		if c == next {
			continue
		}
		at := c.sees(next, began)
		if at.After(last) {
			last = at
		}
		switch {
		case at.IsZero():
			late = append(late, c.name+" not at all")
		case at.Sub(began) > follows+time.Second:
			late = append(late, fmt.Sprintf("%s after %.1f s%s", c.name, at.Sub(began).Seconds(), s.load.told(at)))
		}
	}
	if !b.report.atMost("the picture follows, until the last one sees it", last.Sub(began).Seconds(), follows.Seconds()+1, "s") {
		b.report.note("  late: %s", strings.Join(late, ", "))
	}
	b.report.note("the mark is %v and the second by which stats are told", follows)
	f, err := hears(next)
	if err != nil {
		return err
	}
	return s.reportParts(f)
}

// sees is the first time behind another at which the phone told of pictures; zero: none yet.
func (c *conferee) sees(other *conferee, after time.Time) time.Time {
	id := other.peerID()
	found := c.all(func(e event) bool {
		return e.Event == "stats" && e.PeerID == id && e.Time.After(after) && e.Height >= smallPicture.lines && e.FPS > 0
	})
	if len(found) == 0 {
		return time.Time{}
	}
	return found[0].Time
}

// allSee reports whether everybody else sees somebody.
func (s *stage) allSee(who *conferee, after time.Time) bool {
	for _, c := range s.people {
		if c != who && c.sees(who, after).IsZero() {
			return false
		}
	}
	return true
}
