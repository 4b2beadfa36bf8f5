package main

import (
	"context"
	"fmt"
	"time"

	"sundog.dev/sundog/internal/e2e/measure"
)

// checkSound makes a call whose microphones and loudspeakers are devices of a sound server: alice's voice is played
// into her microphone, and bob's loudspeaker is recorded, and the other way round.
func checkSound(ctx context.Context, b *bench) error {
	alice, bob := &side{name: "alice", voice: "en-us+f3"}, &side{name: "bob", voice: "en-gb"}
	sides := []*side{alice, bob}
	server, err := b.startPulse(ctx, alice.name, bob.name)
	if err != nil {
		return err
	}
	defer server.stop()
	service, err := b.startService(ctx)
	if err != nil {
		return err
	}
	defer service.stop()

	const voiceSeconds = 12
	recordings := map[*side]*recording{}
	flags := map[*side][]string{}
	for _, s := range sides {
		if s.speech, s.sent, err = b.makeSpeech(ctx, s.name, s.voice, voiceSeconds); err != nil {
			return err
		}
		mic, err := b.device(ctx, server, "mic", s.name+"_mic")
		if err != nil {
			return err
		}
		speaker, err := b.device(ctx, server, "speaker", s.name+"_speaker")
		if err != nil {
			return err
		}
		flags[s] = []string{"--mic", mic, "--speaker", speaker, "--processing", "off"}
	}
	bob.program, err = b.answererEnv(ctx, bob.name, server.env, service, append(flags[bob], "--accept", "anyone", "--once")...)
	if err != nil {
		return err
	}
	defer bob.program.stop()
	alice.program, err = b.headlessEnv(alice.name, server.env, service,
		append(flags[alice], "--duration", fmt.Sprintf("%ds", voiceSeconds+4), "call", bob.name)...)
	if err != nil {
		return err
	}
	defer alice.program.stop()
	for _, s := range sides {
		if _, err := s.program.waitFor(ctx, 10*time.Second, "in_call", inState("in_call")); err != nil {
			return err
		}
		if recordings[s], err = b.record(server, s.name+"_speaker"); err != nil {
			return err
		}
		defer recordings[s].stop()
	}
	if err := pause(ctx, time.Second); err != nil { // the devices have started
		return err
	}
	for _, s := range sides {
		voice, err := start("paplay", server.env, "paplay", "--device="+s.name+"_voice", s.speech)
		if err != nil {
			return err
		}
		defer voice.stop()
	}
	for _, s := range sides {
		status, err := s.program.wait(ctx, (voiceSeconds+20)*time.Second)
		if err != nil {
			return err
		}
		b.report.equals(s.name+"'s exit status", status, 0)
		if err := recordings[s].finish(ctx); err != nil {
			return err
		}
		if err := s.readEvents(); err != nil {
			return err
		}
	}
	for _, way := range []struct{ from, to *side }{{alice, bob}, {bob, alice}} {
		if err := b.reportDevices(ctx, way.from, way.to, recordings[way.to], voiceSeconds); err != nil {
			return err
		}
	}
	return nil
}

// reportDevices compares a recorded loudspeaker with the voice that was played into the other side's microphone. Two
// sound devices and a jitter buffer stand between, each with its clock: so the marks are lower than for files.
func (b *bench) reportDevices(ctx context.Context, from, to *side, r *recording, seconds int) error {
	way := from.name + " → " + to.name + ": "
	heard, err := b.loadSpeech(ctx, r.file, "-f", "s16le", "-ar", fmt.Sprint(soundRate), "-ac", "1")
	if err != nil {
		return err
	}
	sent := measure.Sound{Rate: from.sent.Rate, Samples: from.sent.Samples[:seconds*from.sent.Rate]}
	const search = 5 // s: recording and voice do not start together
	envelope, delay := measure.CompareEnvelopes(measure.Envelope(sent), measure.Envelope(heard), search)
	b.report.atLeast(way+"loudness over time, correlation", envelope, 0.8, "")
	matches, err := measure.CompareSpeech(sent, heard, search)
	if err != nil {
		return err
	}
	var correlations []float64
	for _, m := range matches {
		correlations = append(correlations, m.Correlation)
	}
	b.report.atLeast(way+"voiced windows compared", float64(len(matches)), 6, "")
	b.report.atLeast(way+"speech, best correlation, median", measure.Median(correlations), 0.6, "")
	b.report.note("%scorrelation from %.3f; %+.2f s behind the start of the recording", way, measure.Quantile(correlations, 0), delay)
	b.report.note("%ssound that had to be made up: %.1f %%", way, 100*to.concealed())
	latency := measure.Median(to.stats(func(e event) float64 { return e.AudioLatency }))
	b.report.note("%sdelay, median of stats: %.0f ms", way, latency)
	return nil
}
