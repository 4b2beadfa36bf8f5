package media

import "time"

// Limits of sound. Those of the jitter buffer are in jitter_params.go.
const (
	// defaultAudioBitrate is transparent for speech in mono, bit/s.
	defaultAudioBitrate = 32_000

	// lateMost is how late a reader of a file or tone may come and still get every frame (it catches up);
	// later ones skip, so that delay does not pile up. A busy machine is late by less.
	lateMost = 100 * time.Millisecond

	// sinkLateMost is the same for the sinks that a timer paces: a machine that slept goes on at the present.
	sinkLateMost = 500 * time.Millisecond

	// micKeep is how many samples may wait in a microphone's ring behind the frame that is read: 20 ms, then older ones are skipped.
	micKeep = FrameSamples

	// deviceSilence without sound from a device means that it is being reopened: silence stands in.
	deviceSilence = 100 * time.Millisecond

	// toneDefault, toneLeast and toneMost are a test tone's frequency, Hz.
	toneDefault = 440
	toneLeast   = 20
	toneMost    = 20_000
	// toneAmplitude is −12 dB of full scale: clearly heard, and no shock.
	toneAmplitude = 8192

	// maxReceivers of one player bounds what a flood of streams could cost; a conference has eight people.
	maxReceivers = 64

	// softClipStart is the level above which a mix of several people is compressed rather than clipped (−2.5 dB).
	softClipStart = 24576

	// maxLatencies bounds the latencies kept between two snapshots: 20 s. Then the newest replace the oldest.
	maxLatencies = 1000
)
