package media

import (
	"fmt"
	"image"
	"sync/atomic"
	"time"

	"sundog.dev/sundog/media/h264"
)

// sizeEncoder encodes one size. It belongs to the sender's encoding goroutine, except for key.
type sizeEncoder struct {
	size  Size
	sharp bool        // text that is to be read: how fine it is follows what can pass, and pictures are left out while others pass
	key   atomic.Bool // a key frame is wanted
	open  func(h264.EncoderConfig) (h264.Encoder, error)
	sent  sentMeter

	enc     h264.Encoder // nil: this size is not wanted
	shape   image.Point
	source  image.Point // that shape was made of
	resized time.Time   // when shape became what it is
	wished  SizeWish
	applied int         // bit/s that the encoder was told
	rate    float64     // pictures a second that it was told
	shares  layerShares // of the bits
	top     int         // the highest layer that is handed out now
	first   time.Time   // the first picture's moment
	keys    keyFrames

	// Of a sharp one:
	text   sharpener
	passed time.Time // when all bits will have passed that were handed out
}

// encode encodes a picture and hands it out if its layer is wanted.
func (s *sizeEncoder) encode(img *image.YCbCr, due time.Time, wish SizeWish, rate float64, send func(Encoded)) error {
	if err := s.prepare(img.Rect.Size(), due, wish, rate); err != nil {
		return err
	}
	now := time.Now()
	key := s.key.Swap(false)
	if key && !s.keys.allow(now) {
		s.key.Store(true) // later
		key = false
	}
	if s.sharp {
		q := s.text.choose(img, key, due, wish.Bitrate)
		if !key && s.text.rests {
			return nil
		}
		if err := s.enc.SetQuantizer(q); err != nil {
			return err
		}
	}
	unit, err := s.enc.Encode(img, key, due.Sub(s.first))
	if err != nil {
		return fmt.Errorf("encoding a picture: %w", err)
	}
	if len(unit.Data) == 0 {
		if key {
			s.key.Store(true)
		}
		return nil
	}
	if unit.Key {
		s.keys.made(now)
	}
	if s.sharp {
		s.text.encoded(len(unit.Data), due)
	}
	s.shares.add(unit)
	if s.top = min(s.top, wish.MaxLayer); unit.Layer == 0 {
		s.top = wish.MaxLayer // in between, what an upper picture needs may have been left out
	}
	if unit.Layer > s.top {
		return nil
	}
	s.sent.add(unit, s.shape)
	s.pass(len(unit.Data), due, wish)
	send(Encoded{Kind: Video, Key: unit.Key, Due: due, Data: unit.Data, Size: s.size, Layer: unit.Layer, Needed: unit.Layer < TopLayer})
	return nil
}

// follow is the size in which a source's picture is encoded that is to have at most so many lines. Sizes do not follow each other faster than each
// resizeSpacing, whatever is wished: each begins with a key frame.
func (s *sizeEncoder) follow(source image.Point, height int, due time.Time) image.Point {
	if s.enc != nil && source == s.source && due.Sub(s.resized) < resizeSpacing {
		return s.shape
	}
	want := fitted(source, height)
	if s.enc == nil || want != s.shape {
		s.source, s.resized = source, due
	}
	return want
}

// keyFrames bounds key frames on request: each keyFrameSpacing at most, and once a few were made in a row, each keyFrameRefill, since all get those that one
// asks for, and somebody who loses much would spoil the picture of the others. The zero value has made none.
type keyFrames struct {
	last time.Time // one was made
	full time.Time // when none of them counts any more
}

func (k *keyFrames) allow(now time.Time) bool {
	return now.Sub(k.last) >= keyFrameSpacing && k.full.Sub(now) <= (keyFrameBurst-1)*keyFrameRefill
}

func (k *keyFrames) made(now time.Time) {
	k.last = now
	if k.full.Before(now) {
		k.full = now
	}
	k.full = k.full.Add(keyFrameRefill)
}

// prepare opens the encoder for the picture's size and tells it changes of rates.
func (s *sizeEncoder) prepare(shape image.Point, due time.Time, wish SizeWish, rate float64) error {
	if s.enc != nil && shape != s.shape {
		if err := s.close(); err != nil {
			return err
		}
	}
	if s.enc == nil {
		bitrate := int(float64(wish.Bitrate) / s.shares.upTo(wish.MaxLayer))
		cfg := h264.EncoderConfig{Width: shape.X, Height: shape.Y, Bitrate: bitrate, FrameRate: rate, Layers: h264.MaxLayers}
		if s.sharp {
			// One layer: a new page that happens to be in an upper one would be encoded again for each of those below.
			cfg.Layers, cfg.Quantizer = 1, textLegible
			s.text = sharpener{}
		}
		enc, err := s.open(cfg)
		if err != nil {
			return err
		}
		s.enc, s.shape, s.first, s.wished, s.applied, s.rate = enc, shape, due, wish, bitrate, rate
		s.key.Store(false) // the first picture is one
		return nil
	}
	if rate != s.rate {
		if err := s.enc.SetFrameRate(rate); err != nil {
			return err
		}
		s.rate = rate
	}
	return s.setBitrate(wish)
}

// setBitrate tells the encoder, which counts all layers, what gives the wanted ones their bits.
func (s *sizeEncoder) setBitrate(wish SizeWish) error {
	bitrate := int(float64(wish.Bitrate) / s.shares.upTo(wish.MaxLayer))
	if s.wished == wish && float64(max(bitrate, s.applied)) < float64(min(bitrate, s.applied))*(1+shareTolerance) {
		return nil
	}
	s.wished = wish
	if bitrate == s.applied {
		return nil
	}
	if err := s.enc.SetBitrate(bitrate); err != nil {
		return err
	}
	s.applied = bitrate
	return nil
}

// close ends encoding; the next picture is a key frame.
func (s *sizeEncoder) close() error {
	if s.enc == nil {
		return nil
	}
	enc := s.enc
	s.enc = nil
	return enc.Close()
}

// layerShares measures how the bits are spread over the layers. The zero value begins with what is usual.
type layerShares struct {
	bits  [h264.MaxLayers]float64 // per picture cycle, smoothed
	known int                     // pictures measured
}

// shareMemory is over how many pictures the shares are smoothed: some seconds.
const shareMemory = 64

// add counts a unit. Key frames are left out: they are rare, and would make the base layer look dear.
func (s *layerShares) add(u h264.Unit) {
	if u.Key || u.Layer < 0 || u.Layer >= len(s.bits) {
		return
	}
	for i := range s.bits {
		s.bits[i] *= 1 - 1.0/shareMemory
	}
	s.bits[u.Layer] += float64(len(u.Data))
	s.known++
}

// upTo is the part of all bits that the layers 0 to top have, over 0 to 1.
func (s *layerShares) upTo(top int) float64 {
	if top >= TopLayer {
		return 1
	}
	if s.known < shareMemory/2 || s.bits[0] <= 0 {
		return [...]float64{shareBase, shareMiddle}[max(top, 0)]
	}
	part, all := 0.0, 0.0
	for i, b := range s.bits {
		all += b
		if i <= top {
			part += b
		}
	}
	return part / all
}
