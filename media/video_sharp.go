package media

import (
	"image"
	"math"
	"time"
)

// sharpener finds the quantizers of a sharp source's pictures, whose text is to be read soon. A new page of text would take seconds as fine as it is to
// be in the end. So it comes as fine as it can come soon, and what stands there becomes finer while nothing changes, which hardly costs more bits. A
// full page at 225 kbit/s:
//
//	quantizer 48   one can read it         after 1 s
//	          42   one reads it easily     2 s
//	          36   it is sharp             3 s
//	          24   as the original
//
// The zero value knows no picture yet. It belongs to the encoding goroutine.
type sharpener struct {
	inkMap
	sums      inkSums    // of the picture that is being encoded
	quantizer int        // its own
	expected  float64    // its bits
	scales    [2]float64 // of expected bits, as they have turned out: of what stands still and of what moves; 0: 1
	moves     bool       // the picture is not the first one in a row that is another page
	paged     time.Time  // when it last was another page
	changed   time.Time  // when the picture last did
	shown     time.Time  // when one was last encoded
	rests     bool       // the picture is as the last one, and encoding it again would be of no use
}

// choose finds the quantizer for a picture. afresh is a key frame, in which all is encoded.
func (s *sharpener) choose(img *image.YCbCr, afresh bool, due time.Time, bitrate int) int {
	s.sums = s.compare(img, afresh)
	all, changed, worst := uint64(0), s.sums[inkChanged], s.worst()
	for _, ink := range s.sums {
		all += ink
	}
	if changed > 0 {
		s.changed = due
	}
	var q int
	page := changed*textNewPage > all
	s.moves = page && due.Sub(s.paged) < textMoving
	if page {
		s.paged = due
	}
	quick := s.within(bitrate, textFluent)
	switch {
	case s.moves:
		if q = quick; s.bits(q) > 2*float64(bitrate)*textFluent.Seconds() {
			q = max(textLegible, s.within(bitrate, textPatience))
		}
	case page && quick > textSharp:
		if q = max(textSharp, s.within(bitrate, textSoon)); q > textLegible {
			q = max(textLegible, s.within(bitrate, textPatience))
		}
	case page, worst <= textSharp && due.Sub(s.changed) < textTyping:
		q = quick
	default: // it becomes finer
		if q = s.within(bitrate, textSoon); q > worst-textStep {
			q = max(worst-textStep, s.within(bitrate, textPatience))
		}
	}
	s.rests = false
	if changed == 0 && q > worst-textLeastStep && worst > textSharp {
		q = worst - textLeastStep // it has to become sharp, however long it takes
	} else if changed == 0 && (q > worst-textLeastStep || worst == textFinest) {
		q, s.rests = worst, due.Sub(s.shown) < textRest
	}
	s.quantizer, s.expected = q, s.bits(q)
	return q
}

// encoded says how many bytes the picture of the last choice has taken.
func (s *sharpener) encoded(bytes int, due time.Time) {
	s.coded(s.quantizer)
	s.shown = due
	if s.expected >= textLeastBits {
		turned := s.scaled() * math.Sqrt(float64(8*bytes)/s.expected)
		least := 1 / textMostScale
		if s.moves {
			least /= textMostScale
		}
		*s.scale() = min(max(turned, least), textMostScale)
	}
}

// worst is the class of the coarsest blocks, those that have changed apart.
func (s *sharpener) worst() int {
	q := inkChanged - 1
	for q > textFinest && s.sums[q] == 0 {
		q--
	}
	return q
}

// within is the finest quantizer with which the picture passes in so long a time, or the coarsest there is.
func (s *sharpener) within(bitrate int, in time.Duration) int {
	q := textFinest
	for q < textCoarsest && s.bits(q) > float64(bitrate)*in.Seconds() {
		q++
	}
	return q
}

// bits is what the picture is expected to take. What stands there is drawn again as far as it becomes finer: the more, the larger the step.
func (s *sharpener) bits(quantizer int) float64 {
	ink := float64(s.sums[inkChanged])
	for q := quantizer + 1; q < inkChanged; q++ {
		ink += float64(s.sums[q]) * (1 - math.Exp(float64(quantizer-q)/10))
	}
	return s.scaled() * ink * textBits * textShare(quantizer)
}

// scale is that of the picture that is being encoded: one that has moved takes fewer bits.
func (s *sharpener) scale() *float64 {
	if s.moves {
		return &s.scales[1]
	}
	return &s.scales[0]
}

func (s *sharpener) scaled() float64 {
	if scale := *s.scale(); scale > 0 {
		return scale
	}
	return 1
}

// textShare is how many bits text takes with a quantizer, if it takes 1 with 36. It was measured with pages of four kinds, which agree within a tenth.
func textShare(quantizer int) float64 {
	if quantizer <= 42 {
		return 1 - float64(quantizer-36)/16
	}
	return 0.625 - float64(quantizer-42)/20.5
}

// waits reports whether a picture of a sharp source is left out, since the bits of those before it have not passed yet at the wished bitrate.
func (s *sizeEncoder) waits(due time.Time) bool {
	ahead := s.passed.Sub(due)
	return s.sharp && s.enc != nil && ahead > sharpAhead && ahead <= sharpLate
}

// pass counts the bits that were handed out.
func (s *sizeEncoder) pass(bytes int, due time.Time, wish SizeWish) {
	if ahead := s.passed.Sub(due); ahead < 0 || ahead > sharpLate {
		s.passed = due
	}
	s.passed = s.passed.Add(time.Duration(float64(8*bytes) / float64(max(wish.Bitrate, 1)) * float64(time.Second)))
	if s.passed.Sub(due) > sharpLate {
		s.passed = due.Add(sharpLate)
	}
}
