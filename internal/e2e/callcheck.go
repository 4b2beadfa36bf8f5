package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"sundog.dev/sundog/internal/e2e/measure"
)

// callSeconds is how long a measured call lasts; what is sent is longer, so that no frame number comes twice.
const (
	callSeconds     = 20
	materialSeconds = 26
	settleSeconds   = 3 // left out of the rates: the first second's rate is a start, not a rate
)

func checkCall(ctx context.Context, b *bench) error {
	clip, err := b.makeClip(ctx, materialSeconds)
	if err != nil {
		return err
	}
	alice, bob := &side{name: "alice", voice: "en-us+f3"}, &side{name: "bob", voice: "en-gb"}
	for _, s := range []*side{alice, bob} {
		if s.speech, s.sent, err = b.makeSpeech(ctx, s.name, s.voice, materialSeconds); err != nil {
			return err
		}
		s.speaker = filepath.Join(b.dir, s.name+"-hears.wav")
		s.display = filepath.Join(b.dir, s.name+"-sees")
	}
	service, err := b.startService(ctx)
	if err != nil {
		return err
	}
	defer service.stop()

	flags := func(s *side) []string {
		return []string{
			"--camera", "file:" + clip, "--mic", "file:" + s.speech, "--speaker", "file:" + s.speaker,
			"--display", "dir:" + s.display, "--processing", "off",
		}
	}
	bob.program, err = b.answerer(ctx, bob.name, service, append(flags(bob), "--accept", "anyone", "--once")...)
	if err != nil {
		return err
	}
	defer bob.program.stop()
	alice.program, err = b.headless(alice.name, service,
		append(flags(alice), "--duration", fmt.Sprintf("%ds", callSeconds), "call", bob.name)...)
	if err != nil {
		return err
	}
	defer alice.program.stop()

	for _, s := range []*side{alice, bob} {
		status, err := s.program.wait(ctx, (callSeconds+25)*time.Second)
		if err != nil {
			return err
		}
		b.report.equals(s.name+"'s exit status", status, 0)
		if status != 0 {
			return fmt.Errorf("%s: %s", s.name, s.program.tail())
		}
		if err := s.readEvents(); err != nil {
			return err
		}
		b.report.equals(s.name+"'s standard output, lines that are no event", len(s.program.bad), 0)
	}
	b.reportSetUp(alice)
	for _, way := range []struct{ from, to *side }{{alice, bob}, {bob, alice}} {
		if err := b.reportWay(way.from, way.to, clip); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) reportSetUp(caller *side) {
	first := caller.program.all(inState("calling"))
	if len(first) == 0 {
		b.report.holds("the caller's first state is calling", false, "there is none")
		return
	}
	b.report.atMost("set-up, from calling to in_call", caller.inCall.Sub(first[0].Time).Seconds(), 1, "s")
	b.report.note("%.2f s from the start of the caller's program to in_call", caller.inCall.Sub(caller.program.started).Seconds())
}

// reportWay holds what went from one side to the other against the marks.
func (b *bench) reportWay(from, to *side, clip string) error {
	way := from.name + " → " + to.name + ": "
	b.report.between(way+"the call lasted", from.seconds(), callSeconds-1, callSeconds+2, "s")
	b.report.atLeast(way+"stats events", float64(len(from.settled)), callSeconds-settleSeconds-3, "")
	kbps := from.stats(func(e event) float64 { return e.SendKbps })
	b.report.atMost(way+"sent, mean", measure.Mean(kbps), 800, "kbit/s")
	b.report.note("%sat most %.0f kbit/s in a second", way, measure.Quantile(kbps, 1))

	if err := b.reportPictures(way, to, clip, from.name); err != nil {
		return err
	}
	if err := b.reportSpeech(way, from, to); err != nil {
		return err
	}
	b.report.note("%ssound that had to be made up: %.1f %%", way, 100*to.concealed())
	b.report.between(way+"sound, delay, median of stats", measure.Median(to.stats(func(e event) float64 { return e.AudioLatency })), 1, 80, "ms")
	b.report.between(way+"picture, delay, median of stats", measure.Median(to.stats(func(e event) float64 { return e.VideoLatency })), 1, 100, "ms")
	return nil
}

func (b *bench) reportPictures(way string, to *side, clip, from string) error {
	files, err := filepath.Glob(filepath.Join(to.display, "*.y4m"))
	if err != nil {
		return err
	}
	b.report.equals(way+"picture files", len(files), 1)
	if len(files) == 0 {
		return nil
	}
	b.report.equals(way+"the picture file's name", filepath.Base(files[0]), from+".y4m")
	p, err := comparePictures(clip, files[0])
	if err != nil {
		return err
	}
	b.report.atLeast(way+"distinct pictures a second", float64(p.Distinct)/to.seconds(), 28, "")
	b.report.equals(way+"pictures whose number cannot be read", p.Unreadable, 0)
	b.report.equals(way+"pictures out of order", p.Backwards, 0)
	b.report.atLeast(way+"PSNR-Y, median", measure.Median(p.PSNR), 32, "dB")
	b.report.note("%s%d pictures, %d distinct, numbers %d to %d; PSNR-Y from %.1f dB", way, p.Received, p.Distinct, p.First, p.Last, measure.Quantile(p.PSNR, 0))
	return nil
}

func (b *bench) reportSpeech(way string, from, to *side) error {
	if _, err := os.Stat(to.speaker); err != nil {
		b.report.holds(way+"a sound file was written", false, err.Error())
		return nil
	}
	received, err := readSound(to.speaker)
	if err != nil {
		b.report.holds(way+"the sound file is whole", false, err.Error())
		return nil
	}
	b.report.equals(way+"sound rate, Hz", received.Rate, soundRate)
	b.report.atLeast(way+"sound received", received.Seconds(), callSeconds-1, "s")
	const search = 2 // s: more than any delay worth measuring
	matches, err := measure.CompareSpeech(from.sent, received, search)
	if err != nil {
		return err
	}
	var correlations, delays []float64
	for _, m := range matches {
		correlations, delays = append(correlations, m.Correlation), append(delays, m.Delay)
	}
	b.report.atLeast(way+"voiced windows compared", float64(len(matches)), callSeconds*0.6, "")
	b.report.atLeast(way+"speech, best correlation, median", measure.Median(correlations), 0.9, "")
	b.report.note("%scorrelation from %.3f; found %+.0f ms from its place in the file", way, measure.Quantile(correlations, 0), 1000*measure.Median(delays))
	return nil
}
