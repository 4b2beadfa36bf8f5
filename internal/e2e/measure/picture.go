package measure

import (
	"errors"
	"fmt"
	"io"
	"math"
)

// identicalPSNR stands for the infinite PSNR of two equal pictures, in dB.
const identicalPSNR = 100

// Pictures tells how the pictures of a call came through.
type Pictures struct {
	Received   int // pictures in the file
	Unreadable int // of these, such as carry no number that can be read, or one that was never sent
	Distinct   int // different numbers
	Backwards  int // pictures whose number is below the one before
	First      int // lowest and highest number
	Last       int
	PSNR       []float64 // luma, dB, of each distinct picture against the one sent with that number
}

// ComparePictures reads the received Y4M file and looks each picture's original up in the clip that was sent.
func ComparePictures(sent *Clip, received io.Reader) (Pictures, error) {
	reader, err := NewPictureReader(received)
	if err != nil {
		return Pictures{}, err
	}
	if reader.Format.Width != sent.Format.Width || reader.Format.Height != sent.Format.Height {
		return Pictures{}, fmt.Errorf("%d×%d was sent, and %d×%d received",
			sent.Format.Width, sent.Format.Height, reader.Format.Width, reader.Format.Height)
	}
	var p Pictures
	got := make([]byte, reader.Format.FrameSize())
	want := make([]byte, sent.Format.FrameSize())
	seen := map[int]bool{}
	last := -1
	for {
		err := reader.Next(got)
		if errors.Is(err, io.EOF) {
			return p, nil
		}
		if err != nil {
			return p, err
		}
		p.Received++
		n, ok := Number(reader.Format, got)
		if !ok || n >= sent.Frames {
			p.Unreadable++
			continue
		}
		if n < last {
			p.Backwards++
		}
		last = n
		if seen[n] {
			continue
		}
		seen[n] = true
		p.Distinct++
		if p.Distinct == 1 {
			p.First, p.Last = n, n
		}
		p.First, p.Last = min(p.First, n), max(p.Last, n)
		if err := sent.Frame(n, want); err != nil {
			return p, err
		}
		luma := sent.Format.Width * sent.Format.Height
		p.PSNR = append(p.PSNR, PSNR(want[:luma], got[:luma]))
	}
}

// PSNR is the peak signal-to-noise ratio of two 8-bit planes of one size, in dB; at most 100.
func PSNR(a, b []byte) float64 {
	sum := 0.0
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		sum += d * d
	}
	if sum == 0 {
		return identicalPSNR
	}
	return math.Min(identicalPSNR, 10*math.Log10(255*255*float64(len(a))/sum))
}
