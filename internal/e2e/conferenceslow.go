package main

import (
	"context"
	"time"
)

// checkConferenceSlow is the same where one has a fifth of the uplink.
func checkConferenceSlow(ctx context.Context, b *bench) error {
	const slow, speaks, up = 3, 5, 1e6
	const loud, low = -21, -38 // dB: speech, and what is sent but is none
	s, err := b.newStage(ctx, conferenceSize)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.net.setUp(slow, up); err != nil {
		return err
	}
	var mics []string
	for host := range conferenceSize {
		level := low
		if host == speaks {
			level = loud
		}
		mic, err := b.makeTone(ctx, conferenceNames[host], 300+40*host, level)
		if err != nil {
			return err
		}
		mics = append(mics, mic)
	}
	took, err := s.assemble(ctx, conferenceSize, func(host int) []string {
		return []string{"--camera", conferenceCamera, "--mic", "file:" + mics[host]}
	})
	if err != nil {
		return err
	}
	s.reportAssembled(took, conferenceLinks)
	if err := pause(ctx, conferenceSettles); err != nil {
		return err
	}
	f, err := s.measure(ctx, conferenceSeconds*time.Second)
	if err != nil {
		return err
	}
	who := s.people[slow]
	b.report.note("%s has %g Mbit/s up; %s speaks, and the others hum", who.name, up/1e6, s.people[speaks].name)
	s.reportStreams("among the others", f.span, func(from, to *conferee) bool { return from != who && to != who }, wholePicture)
	s.reportStreams("to "+who.name, f.span, func(_, to *conferee) bool { return to == who }, noPicture)
	s.reportStreams("from "+who.name, f.span, func(from, _ *conferee) bool { return from == who }, noPicture)
	s.reportSpeaker(who, f.span)
	s.reportUplinks(f, func(host int) float64 {
		if host == slow {
			return up
		}
		return linkUp
	})
	b.report.note("%s says of its uplink: %s", who.name, who.uplinkLine())
	s.reportCosts(f)
	return nil
}

// reportSpeaker holds that a phone sees whoever speaks, in each second as good as it shall be.
func (s *stage) reportSpeaker(c *conferee, within span) {
	r := s.b.report
	seen := stream{"who speaks", c.name, c.all(func(e event) bool {
		return e.Event == "stats" && within.has(e.Time) && e.PeerID == c.speaker(e.Time)
	})}
	bad := seen.pictureLapses(wholePicture)
	if !r.atLeast(c.name+" sees the speaker, seconds", float64(len(seen.seconds)), within.seconds()-3, "") {
		r.note("  %s", told(seen.gaps(within), within.from, s.load))
	}
	good := float64(len(seen.seconds)-len(bad)) / float64(len(seen.seconds))
	if !r.atLeast(c.name+" sees the speaker well, share of them", 100*good, 95, "%") {
		r.note("  %s", told(bad, within.from, s.load))
	}
}
