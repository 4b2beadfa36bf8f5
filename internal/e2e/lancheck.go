package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sundog.dev/sundog/internal/e2e/measure"
)

const (
	lanCallSeconds = 8
	// lanDelay is what nobody notices (ITU-T G.114), in ms. Here it is that sound arrives at all; the call check is strict.
	lanDelay = 150
	// lanTone is far from the hum and noise that an empty line might have, in Hz.
	lanTone = 440
)

// checkLAN joins two hosts by a network, with IPv4, IPv6 or both, and no service anywhere: two phones must find each other and talk.
func checkLAN(ctx context.Context, b *bench) error {
	for _, f := range []families{{"IPv4 and IPv6", true, true}, {"IPv6 only", false, true}, {"IPv4 only", true, false}} {
		if err := b.checkFamilies(ctx, f); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return nil
}

func (b *bench) checkFamilies(ctx context.Context, f families) error {
	n, err := newLAN(ctx, b.run, f)
	if err != nil {
		return err
	}
	defer n.remove()
	folder := filepath.Join(b.dir, strings.ReplaceAll(f.name, " ", "-"))
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	phone := func(host int, name string, more ...string) (*program, error) {
		args := []string{
			"--profile", filepath.Join(folder, name), "--name", name, "--json", "--directory", "lan", "--accept", "anyone",
			"--camera", "test:640x360@30", "--mic", fmt.Sprintf("tone:%d", lanTone), "--speaker", "file:" + filepath.Join(folder, name+".wav"),
		}
		return n.start(host, name, filepath.Join(b.programs, "sundog-headless"), append(args, more...)...)
	}
	// Each is found by the other: whoever comes second looks up who is there already, so both are the second once.
	for _, way := range []struct {
		there, comes         string
		thereHost, comesHost int
	}{{"ada", "ben", 0, 1}, {"cleo", "dan", 1, 0}} {
		first, err := phone(way.thereHost, way.there, "--once", "answer")
		if err != nil {
			return err
		}
		defer first.stop()
		if _, err := first.waitFor(ctx, 10*time.Second, "registered event", named("registered")); err != nil {
			return err
		}
		second, err := phone(way.comesHost, way.comes, "--duration", fmt.Sprintf("%ds", lanCallSeconds), "call", way.there)
		if err != nil {
			return err
		}
		defer second.stop()
		told := f.name + ", " + way.comes + " calls " + way.there + ": "
		ringing, err := first.waitFor(ctx, 20*time.Second, "incoming event", named("incoming"))
		if err != nil {
			return err
		}
		inCall, err := second.waitFor(ctx, 20*time.Second, "in_call", inState("in_call"))
		if err != nil {
			return err
		}
		b.report.atMost(told+"found, from the second program's start until the first rings", ringing.Time.Sub(second.started).Seconds(), 3, "s")
		b.report.atMost(told+"in the call, from the second program's start", inCall.Time.Sub(second.started).Seconds(), 3, "s")
		b.report.holds(told+"the caller's identity is proved when it rings", ringing.Proved && ringing.Peer == way.comes, ringing.Peer)
		for _, p := range []*program{first, second} {
			status, err := p.wait(ctx, (lanCallSeconds+20)*time.Second)
			if err != nil {
				return err
			}
			b.report.equals(told+p.name+"'s exit status", status, 0)
			if err := b.reportLANMedia(told+p.name, p, filepath.Join(folder, p.name+".wav")); err != nil {
				return err
			}
		}
	}
	return nil
}

// reportLANMedia holds what came to one side against the marks.
func (b *bench) reportLANMedia(told string, p *program, speaker string) error {
	var fps, delay []float64
	stats := p.all(named("stats"))
	for _, e := range stats[min(len(stats), settleSeconds):] {
		fps, delay = append(fps, e.FPS), append(delay, e.AudioLatency)
	}
	b.report.atLeast(told+" sees, pictures a second, median", measure.Median(fps), 28, "")
	b.report.between(told+" hears, delay, median", measure.Median(delay), 1, lanDelay, "ms")
	sound, err := readSound(speaker)
	if err != nil {
		b.report.holds(told+" hears, the sound file is whole", false, err.Error())
		return nil
	}
	b.report.atLeast(told+" hears, sound received", sound.Seconds(), lanCallSeconds-1, "s")
	b.report.atLeast(told+" hears, share of the sound that is the other's tone", toneShare(sound), 0.9, "")
	return nil
}

// toneShare is the share of the power of a sound's middle half that lies at lanTone, 0 to 1: what fits a sine of that pitch, in
// pieces of 100 ms since the pitch of stretched sound is right while its phase is not.
func toneShare(s measure.Sound) float64 {
	const pieces = 10 // a second
	size := s.Rate / pieces
	var all, tone float64
	for at := len(s.Samples) / 4; size > 0 && at+size <= len(s.Samples)*3/4; at += size {
		var sin, cos float64
		for i, x := range s.Samples[at : at+size] {
			phase := 2 * math.Pi * lanTone * float64(i) / float64(s.Rate)
			sin, cos, all = sin+x*math.Sin(phase), cos+x*math.Cos(phase), all+x*x
		}
		tone += 2 * (sin*sin + cos*cos) / float64(size)
	}
	if all == 0 {
		return 0
	}
	return tone / all
}
