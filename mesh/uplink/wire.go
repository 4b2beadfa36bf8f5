package uplink

import "time"

// What things cost on the wire beyond their own bits, in bytes. They were measured with two phones' connections over the real
// stack (TestWireCosts holds them against it): cipher, HMAC, sequence number, chunk headers and the message's own header.
const (
	// HeadersIPv4 and HeadersIPv6 are what IP and UDP add to each packet.
	HeadersIPv4 = 28
	HeadersIPv6 = 48

	// soundPacketOverhead is what a packet of sound has beyond its messages. soundFrameOverhead is what the message of each Opus
	// frame, soundFrame long, has beyond the frame, and soundAcks what acknowledges and reports as much sound that comes.
	soundPacketOverhead = 45
	soundFrameOverhead  = 14
	soundAcks           = 8
	soundFrame          = 20 * ms
	// picturePacketOverhead is what a packet of picture has beyond its part of the picture, and picturePacketRoom how much of
	// the picture it takes.
	picturePacketOverhead = 48
	picturePacketRoom     = 1120
	// feedbackPerPacket and feedbackBase are what one incoming stream of pictures takes of our own uplink for acknowledgements
	// and reports beyond those that go along with our sound: for each packet of it, and in bit/s anyway.
	feedbackPerPacket = 35
	feedbackBase      = 8_000
)

// Sound is how the near end's sound is packed.
type Sound struct {
	Bitrate int           // of Opus, bit/s
	Packet  time.Duration // of sound in each packet
	// Silence says that silence is not sent (DTX), whoever speaks.
	Silence bool
}

// Cost is what the sound takes of the uplink for one receiver while it is sent, in bit/s; headers are those of IP and UDP, in
// bytes (0: the cost in UDP payload). As usual sound comes back: a packet a frame, of which acknowledgements go along.
func (s Sound) Cost(headers int) float64 {
	return s.RepeatCost() + soundAcks*8*soundFrames + float64(soundPacketOverhead+headers)*8*s.packets()
}

// RepeatCost is what it takes beyond that to send each frame once more, with those behind it.
func (s Sound) RepeatCost() float64 { return float64(s.Bitrate) + soundFrameOverhead*8*soundFrames }

// soundFrames is how many frames there are a second.
const soundFrames = float64(time.Second / soundFrame)

// Acks is how long acknowledgements and reports may wait to go along with sound, for the cost to be as reckoned; 0: as long as usual.
func (s Sound) Acks() time.Duration {
	if s.Packet <= soundFrame {
		return 0
	}
	return s.Packet + acksAfter
}

func (s Sound) packets() float64 { return float64(time.Second) / float64(s.Packet) }

// PictureCost is what pictures of a bitrate take of the uplink for one receiver, in bit/s.
func PictureCost(bitrate, fps float64, headers int) float64 {
	return bitrate + float64(picturePacketOverhead+headers)*8*picturePackets(bitrate, fps)
}

// pictureBitrate is the bitrate of pictures that cost so much: the inverse of PictureCost, but for rounding no more; 0 if they cannot
// cost so little.
func pictureBitrate(cost, fps float64, headers int) float64 {
	if fps <= 0 {
		return 0
	}
	packet := float64(picturePacketOverhead+headers) * 8
	bits := cost - packet*fps // of pictures that take one packet each
	if bits > picturePacketRoom*8*fps/2 {
		bits = (cost - packet*fps/2) / (1 + packet/(picturePacketRoom*8))
	}
	return max(bits*(1-1e-9), 0)
}

// picturePackets is how many packets a second the pictures take. The last packet of a picture is half full in the mean, and each
// picture has one at least.
func picturePackets(bitrate, fps float64) float64 {
	if bitrate <= 0 || fps <= 0 {
		return 0
	}
	return fps * max(1, bitrate/8/fps/picturePacketRoom+0.5)
}

// FeedbackCost is what the acknowledgements and reports of an incoming stream of pictures take of the uplink, in bit/s.
func FeedbackCost(bitrate, fps float64) float64 {
	if bitrate <= 0 {
		return 0
	}
	return feedbackBase + feedbackPerPacket*8*picturePackets(bitrate, fps)
}
