package wav

import "time"

const (
	// SampleRate is the rate of what is read and written, samples a second.
	SampleRate = 48000

	// MaxDuration bounds how much of a file is held in memory: half an hour is 173 MB.
	MaxDuration = 30 * time.Minute

	// maxChunks bounds the walk through a file's chunks; real files have fewer than ten.
	maxChunks = 256

	// maxFormat bounds the format chunk, which has 16, 18 or 40 bytes.
	maxFormat = 256

	// maxDataBytes is what a RIFF file's 32-bit sizes can tell, less the header: 12 hours.
	maxDataBytes = 1<<32 - 1 - headerSize

	// headerSize is the length of the header that Create writes.
	headerSize = 44
)

// rates are those that sound files have, samples a second. Others would need filters of any size.
var rates = [...]int{8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000, 176400, 192000}
