package main

import (
	"context"
	"fmt"
	"time"
)

const (
	// conferenceSeconds is how long a conference is measured.
	conferenceSeconds = 60
	// conferenceSettles is how long it takes until every uplink is known and divided.
	conferenceSettles = 8 * time.Second
	// conferenceCPU is what the phones may use of the processors together, s/s.
	conferenceCPU = 1.6
)

// tones are flags of a phone that is heard all the time, with the test picture: nothing is saved by silence.
func tones(host int) []string {
	return []string{"--camera", conferenceCamera, "--mic", fmt.Sprintf("tone:%d", 300+40*host)}
}

// checkConference is eight people who all speak at once and show their pictures.
func checkConference(ctx context.Context, b *bench) error {
	s, err := b.newStage(ctx, conferenceSize)
	if err != nil {
		return err
	}
	defer s.close()
	s.profiled = true
	took, err := s.assemble(ctx, conferenceSize, tones)
	if err != nil {
		return err
	}
	b.report.atMost(fmt.Sprintf("all %d links up at both ends, from the last start", links(conferenceSize)), took.Seconds(), conferenceLinks.Seconds(), "s")
	s.agree(ctx)
	time.Sleep(conferenceSettles)
	f, err := s.measure(ctx, conferenceSeconds*time.Second)
	if err != nil {
		return err
	}
	b.reportStreams("everybody", s.streams(f.span, everybody), conferenceSeconds-3, wholePicture)
	s.reportUplinks(f, func(int) float64 { return linkUp })
	b.report.note("%s says of its uplink: %s", s.people[0].name, s.people[0].uplinkLine())
	b.report.atMost(fmt.Sprintf("the %d phones' processor time, together", conferenceSize), f.cpu(), conferenceCPU, "s/s")
	s.reportCosts(f)
	s.agree(ctx)
	return s.reportParts(f)
}

// links is how many links so many people have among them.
func links(people int) int { return people * (people - 1) / 2 }

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
	b.report.atMost(fmt.Sprintf("all %d links up at both ends, from the last start", links(conferenceSize)), took.Seconds(), conferenceLinks.Seconds(), "s")
	time.Sleep(conferenceSettles)
	f, err := s.measure(ctx, conferenceSeconds*time.Second)
	if err != nil {
		return err
	}
	who := s.people[slow]
	b.report.note("%s has %g Mbit/s up; %s speaks, and the others hum", who.name, up/1e6, s.people[speaks].name)
	b.reportStreams("among the others", s.streams(f.span, func(from, to *conferee) bool { return from != who && to != who }), conferenceSeconds-3, wholePicture)
	b.reportStreams("to "+who.name, s.streams(f.span, func(_, to *conferee) bool { return to == who }), conferenceSeconds-3, noPicture)
	b.reportStreams("from "+who.name, s.streams(f.span, func(from, _ *conferee) bool { return from == who }), conferenceSeconds-3, noPicture)
	b.reportSpeaker(who, f.span)
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
func (b *bench) reportSpeaker(c *conferee, within span) {
	seen, good := 0, 0
	for _, e := range c.all(func(e event) bool { return e.Event == "stats" && within.has(e.Time) }) {
		if e.PeerID != c.speaker(e.Time) {
			continue
		}
		seen++
		if wholePicture.in(e) {
			good++
		}
	}
	b.report.atLeast(c.name+" sees the speaker, seconds", float64(seen), within.seconds()-3, "")
	b.report.atLeast(c.name+" sees the speaker well, share of them", 100*float64(good)/float64(seen), 95, "%")
}
