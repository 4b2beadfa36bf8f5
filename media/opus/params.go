package opus

const (
	// SampleRate is the rate of all sound, samples a second.
	SampleRate = 48000

	// FrameSamples is the length of a frame: 20 ms, the best balance of overhead and delay (RFC 7587 §4.2).
	FrameSamples = 960

	// DefaultBitrate is what speech needs to sound transparent in mono, bit/s.
	DefaultBitrate = 32_000

	// MinBitrate is the least that the format is made for (RFC 6716 §2.1.1), bit/s.
	MinBitrate = 6_000

	// MaxBitrate is what one mono stream can use, bit/s.
	MaxBitrate = 256_000

	// MaxPacketBytes bounds a packet. One Opus frame has at most 1275 bytes (RFC 6716 §3.2.1); 20 ms may be cut
	// into as many as eight, but no encoder needs more than this at MaxBitrate. Longer packets are an attack or an error.
	MaxPacketBytes = 1500

	// complexity 10 costs 12 ms of CPU per second of sound, which is little beside video.
	complexity = 10
)
