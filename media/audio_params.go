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

	// floorLeast and floorMost hold what is taken for the noise of a room, dB of full scale: what is louder is always sent, whatever it is.
	floorLeast, floorMost = -90.0, -50.0
	// floorRise is by how much that estimate rises in a frame: 3 dB a second, so that a long vowel does not become the floor.
	floorRise = 0.06
	// voiceAbove the floor, and above voiceLeast, sound is voice; dB.
	voiceAbove, voiceLeast = 9.0, -62.0
	// voiceHang is how many frames are sent on behind a voice, 400 ms: the ends of words are soft, and the receiver learns the room's noise.
	voiceHang = 20
	// voiceLearn frames at first are sent in any case: 1 s.
	voiceLearn = 50
	// silenceEvery frames of silence the sender says so again, 400 ms, for receivers that missed it or have just come.
	silenceEvery = 20

	// comfortFrames are looked at for the level of comfort noise, 200 ms of hang-over.
	comfortFrames = 10
	// comfortLeast: noise of less power (mean square) is not heard; comfortMost bounds what is taken for noise (−46 dB of full scale).
	comfortLeast, comfortMost = 4, 160 * 160

	// loudestVolume is the most by which a person may be made louder: 12 dB.
	loudestVolume = 4

	// softClipStart is the level above which a mix of several people is compressed rather than clipped (−2.5 dB).
	softClipStart = 24576

	// maxLatencies bounds the latencies kept between two snapshots: 20 s. Then the newest replace the oldest.
	maxLatencies = 1000
)
