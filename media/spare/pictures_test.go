package spare_test

import (
	"image"
	"testing"

	"sundog.dev/sundog/media/spare"
)

func TestAPictureIsUsedAgainInItsSize(t *testing.T) {
	size := image.Pt(64, 48)
	s := spare.New()
	one := s.Take(size)
	if one.Rect != (image.Rectangle{Max: size}) || one.SubsampleRatio != image.YCbCrSubsampleRatio420 {
		t.Fatalf("a picture of %v, %v", one.Rect, one.SubsampleRatio)
	}
	if s.Take(size) == one {
		t.Error("the same picture twice")
	}
	s.Recycle(one)
	if s.Take(size) != one {
		t.Error("it was not used again")
	}
	s.Recycle(one)
	if other := s.Take(image.Pt(32, 24)); other == one || other.Rect.Dx() != 32 {
		t.Errorf("a picture of %v where another size was wanted", other.Rect)
	}
}

func TestNoMoreAreKeptThanAreUsed(t *testing.T) {
	size := image.Pt(16, 16)
	for _, s := range []spare.Pictures{spare.New(), nil} {
		given := map[*image.YCbCr]bool{}
		for range spare.Most + 3 {
			img := image.NewYCbCr(image.Rectangle{Max: size}, image.YCbCrSubsampleRatio420)
			given[img] = true
			s.Recycle(img) // never blocks
		}
		again := 0
		for range spare.Most + 3 {
			if given[s.Take(size)] {
				again++
			}
		}
		if again != cap(s) {
			t.Errorf("%d pictures were kept, wanted %d", again, cap(s))
		}
	}
}
