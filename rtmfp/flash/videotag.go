package flash

// Video tag header (FLV): four bits of frame type, four of codec. In Enhanced RTMP the first bit is set, three bits are the
// frame type, the other four a packet type, and a FourCC follows.
const (
	videoExHeader = 0x80
	frameShift    = 4
	frameMask     = 0x07

	compositionTime = 3 // bytes
)

// VideoFrame is a frame type.
type VideoFrame uint8

// The frame types of video.
const (
	FrameKey          VideoFrame = 1
	FrameInter        VideoFrame = 2
	FrameDisposable   VideoFrame = 3 // an inter frame on which no other depends (H.263)
	FrameGeneratedKey VideoFrame = 4 // a key frame that a service has made
	FrameCommand      VideoFrame = 5 // no picture, but a command
)

// Commands of a FrameCommand.
const (
	VideoSeekStart uint8 = 0 // what follows is not to be shown
	VideoSeekEnd   uint8 = 1
)

// Codec IDs of FLV, those that Flash knew.
const (
	VideoH263     = 2
	VideoScreen   = 3
	VideoVP6      = 4
	VideoVP6Alpha = 5
	VideoScreen2  = 6
	VideoAVC      = 7
)

// VideoPacket is a packet type of Enhanced RTMP; AVC's three in FLV are the first three. Bodies of other codecs of FLV are
// VideoCodedFrames.
type VideoPacket uint8

// The packet types of video.
const (
	VideoSequenceStart VideoPacket = 0 // what a decoder needs first
	VideoCodedFrames   VideoPacket = 1
	VideoSequenceEnd   VideoPacket = 2
	VideoMetadata      VideoPacket = 4 // colour
	VideoTSStart       VideoPacket = 5 // a sequence start in the form of MPEG-2 transport streams

	videoCodedFramesX = 3 // coded frames without a composition time
	videoMultitrack   = 6
	videoModEx        = 7
)

// VideoTag is the body of a video message (type 9), of FLV or of Enhanced RTMP, taken apart as far as its header goes.
type VideoTag struct {
	Frame  VideoFrame
	Packet VideoPacket
	FourCC string // of Enhanced RTMP; "" for a codec of FLV
	Codec  uint8  // of FLV, if FourCC is ""

	// CompositionTime is how much later than decoded the picture is shown, in ms (AVC and HEVC).
	CompositionTime int32
	// Command is that of a FrameCommand of Enhanced RTMP, which has neither FourCC nor data.
	Command uint8
	// TimestampOffset refines the message's timestamp, in ns below 1,000,000 (Enhanced RTMP).
	TimestampOffset uint32
	// Tracks are those of a multitrack message; FourCC and Data are then empty.
	Tracks []MediaTrack
	Data   []byte // it aliases the body
}

// Key reports whether decoding can begin with the body.
func (v VideoTag) Key() bool { return v.Frame == FrameKey || v.Frame == FrameGeneratedKey }

// Header reports whether the body must not be lost: what tells decoders how to read what follows, or that it ends.
func (v VideoTag) Header() bool { return v.Packet != VideoCodedFrames }

// composed reports whether coded frames of a kind have a composition time.
func composed(fourCC string) bool { return fourCC == FourCCAVC || fourCC == FourCCHEVC }

// ParseVideoTag reads the header of a video message's body. What does not add up is ErrMalformedMedia, a packet type that
// the formats leave open ErrUnsupportedMedia.
func ParseVideoTag(body []byte) (VideoTag, error) {
	if len(body) == 0 {
		return VideoTag{}, ErrMalformedMedia
	}
	if body[0]&videoExHeader != 0 {
		return parseEnhancedVideo(body)
	}
	v := VideoTag{Frame: VideoFrame(body[0] >> frameShift), Codec: body[0] & 0x0f, Packet: VideoCodedFrames, Data: body[1:]}
	switch {
	case v.Codec == 0 && v.Frame == FrameCommand: // no codec has that ID, and there it would be a command of Enhanced RTMP
		return VideoTag{}, ErrUnsupportedMedia
	case v.Codec != VideoAVC || v.Frame == FrameCommand:
		return v, nil
	}
	if len(v.Data) < 1+compositionTime {
		return VideoTag{}, ErrMalformedMedia
	}
	v.Packet, v.CompositionTime, v.Data = VideoPacket(v.Data[0]), int24(v.Data[1:]), v.Data[1+compositionTime:]
	if v.Packet > VideoSequenceEnd {
		return VideoTag{}, ErrUnsupportedMedia
	}
	return v, nil
}

func parseEnhancedVideo(body []byte) (VideoTag, error) {
	packet, offset, b, err := takeModifiers(body[0]&0x0f, videoModEx, body[1:])
	if err != nil {
		return VideoTag{}, err
	}
	v := VideoTag{Frame: VideoFrame(body[0] >> frameShift & frameMask), TimestampOffset: offset}
	switch {
	case v.Frame == FrameCommand && packet != uint8(VideoMetadata):
		if len(b) < 1 {
			return VideoTag{}, ErrMalformedMedia
		}
		v.Packet, v.Command = VideoCodedFrames, b[0]
		return v, nil
	case packet == videoMultitrack:
		if packet, v.Tracks, err = takeTracks(b, videoMultitrack); err != nil {
			return VideoTag{}, err
		}
	default:
		if v.FourCC, v.Data, err = takeFourCC(b); err != nil {
			return VideoTag{}, err
		}
		if packet == uint8(VideoCodedFrames) && composed(v.FourCC) {
			if len(v.Data) < compositionTime {
				return VideoTag{}, ErrMalformedMedia
			}
			v.CompositionTime, v.Data = int24(v.Data), v.Data[compositionTime:]
		}
		if packet == videoCodedFramesX {
			packet = uint8(VideoCodedFrames)
		}
	}
	switch v.Packet = VideoPacket(packet); v.Packet {
	case VideoSequenceStart, VideoCodedFrames, VideoSequenceEnd, VideoMetadata, VideoTSStart:
		return v, nil
	case videoCodedFramesX: // of several tracks, whose data would have to be read otherwise
		return v, nil
	}
	return VideoTag{}, ErrUnsupportedMedia
}

// AppendVideoTag appends the body of a video message. A FourCC that has not four bytes, a frame type or codec that the
// formats have no room for, or a composition time beyond 24 bits is ErrMalformedMedia.
func AppendVideoTag(b []byte, v VideoTag) ([]byte, error) {
	const most = 1<<23 - 1
	if v.Frame > frameMask || v.CompositionTime > most || v.CompositionTime < -most-1 {
		return b, ErrMalformedMedia
	}
	enhanced := v.FourCC != "" || v.Tracks != nil || v.Frame == FrameCommand && v.Codec == 0
	if !enhanced {
		return appendPlainVideo(b, v)
	}
	packet := uint8(v.Packet)
	switch {
	case v.Tracks != nil:
		packet = videoMultitrack
	case packet == uint8(VideoCodedFrames) && composed(v.FourCC) && v.CompositionTime == 0:
		packet = videoCodedFramesX
	}
	head := videoExHeader | byte(v.Frame)<<frameShift
	out := append(b, head|packet)
	if v.TimestampOffset != 0 {
		out = appendModifier(append(b, head|videoModEx), v.TimestampOffset, packet)
	}
	if v.Frame == FrameCommand && v.Packet != VideoMetadata {
		return append(out, v.Command), nil
	}
	if v.Tracks != nil {
		out, err := appendTracks(out, uint8(v.Packet), v.Tracks)
		if err != nil {
			return b, err
		}
		return out, nil
	}
	if len(v.FourCC) != fourCCSize {
		return b, ErrMalformedMedia
	}
	out = append(out, v.FourCC...)
	if packet == uint8(VideoCodedFrames) && composed(v.FourCC) {
		out = appendUint24(out, uint32(v.CompositionTime))
	}
	return append(out, v.Data...), nil
}

func appendPlainVideo(b []byte, v VideoTag) ([]byte, error) {
	if v.Codec > 0x0f {
		return b, ErrMalformedMedia
	}
	out := append(b, byte(v.Frame)<<frameShift|v.Codec)
	if v.Codec == VideoAVC && v.Frame != FrameCommand {
		out = appendUint24(append(out, byte(v.Packet)), uint32(v.CompositionTime))
	}
	return append(out, v.Data...), nil
}
