package device

import "time"

const (
	// SampleRate is the rate of all sound, samples a second.
	SampleRate = 48000

	// periodMillis and periods: 3 × 10 ms is the least that neither glitches at start nor under load (5 ms periods do).
	periodMillis  = 10
	periodSamples = SampleRate * periodMillis / 1000
	periods       = 3

	// ringSamples is the room between a device and Go code, 341 ms: more would be delay, less would not bridge a slow moment.
	ringSamples = 1 << 14

	// stallTime without a callback means that the device is dead: no back end tells us. It is 50 periods.
	stallTime = 500 * time.Millisecond

	// watchTime is how often the watchdog looks.
	watchTime = 100 * time.Millisecond

	// retryFirst and retryMost are the waits between attempts to reopen, doubling.
	retryFirst = 250 * time.Millisecond
	retryMost  = 4 * time.Second

	// lookTime is how often a device that was replaced by the default one is looked for. Looking connects to the sound server.
	lookTime = 5 * time.Second

	// closeTime bounds the wait for the sound system to let go of a device, in case its server hangs.
	closeTime = 3 * time.Second

	// maxIDBytes bounds an id that is given as text; the longest are PulseAudio's names (up to 256 bytes) written in hexadecimal.
	maxIDBytes = 600
)
