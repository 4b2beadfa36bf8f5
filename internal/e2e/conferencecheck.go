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
	s.reportAssembled(took, conferenceLinks)
	s.agree(ctx)
	if err := pause(ctx, conferenceSettles); err != nil {
		return err
	}
	f, err := s.measure(ctx, conferenceSeconds*time.Second)
	if err != nil {
		return err
	}
	s.reportStreams("everybody", f.span, everybody, wholePicture)
	s.reportUplinks(f, func(int) float64 { return linkUp })
	b.report.note("%s says of its uplink: %s", s.people[0].name, s.people[0].uplinkLine())
	b.report.atMost(fmt.Sprintf("the %d phones' processor time, together", conferenceSize), f.cpu(), conferenceCPU, "s/s")
	s.reportCosts(f)
	s.agree(ctx)
	return s.reportParts(f)
}
