package media

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"time"

	"sundog.dev/sundog/media/h264"
	"sundog.dev/sundog/media/spare"
	"sundog.dev/sundog/media/y4m"
)

// videoFile plays a Y4M clip over and over, at its own frame rate, its pictures untouched.
type videoFile struct {
	file  *os.File
	clip  *y4m.Reader
	pace  videoPacer
	index int64 // of the picture that the clip would read now, over all rounds
	round int64 // pictures read in this round

	spare.Pictures
}

func openVideoFile(path string) (VideoSource, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the clip cannot be opened: %w", err)
	}
	clip, err := y4m.NewReader(f)
	if err == nil {
		if h := clip.Header(); h.Width > h264.MaxWidth || h.Height > h264.MaxHeight || h.Width < h264.MinWidth || h.Height < h264.MinHeight {
			err = fmt.Errorf("pictures of %d×%d cannot be sent, only from %d×%d to %d×%d", h.Width, h.Height, h264.MinWidth, h264.MinHeight, h264.MaxWidth, h264.MaxHeight)
		}
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("the clip %s cannot be played: %w", path, err)
	}
	return &videoFile{file: f, clip: clip, pace: videoPacer{clip: clip.Header()}, Pictures: spare.New()}, nil
}

func (v *videoFile) FrameRate() float64 { return v.clip.Header().Rate() }

// Read reads ahead of the picture's moment, so that the disk costs no latency.
func (v *videoFile) Read(ctx context.Context) (VideoFrame, error) {
	if err := ctx.Err(); err != nil {
		return VideoFrame{}, err
	}
	n, due := v.pace.pick(time.Now())
	for v.index < n {
		if err := v.step(v.clip.Skip); err != nil {
			return VideoFrame{}, err
		}
	}
	img := v.Take(image.Pt(v.clip.Header().Width, v.clip.Header().Height))
	if err := v.step(func() error { return v.clip.Read(img) }); err != nil {
		return VideoFrame{}, err
	}
	if err := waitUntil(ctx, due); err != nil {
		return VideoFrame{}, err
	}
	return VideoFrame{Image: img, Due: due}, nil
}

// step reads or skips one picture and goes round at the clip's end; a last picture that is cut short counts as the end.
func (v *videoFile) step(one func() error) error {
	err := one()
	if (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)) && v.round > 0 {
		v.round = 0
		if err = v.clip.Rewind(); err == nil {
			err = one()
		}
	}
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the clip has no whole picture")
	case err != nil:
		return fmt.Errorf("reading the clip: %w", err)
	}
	v.round++
	v.index++
	return nil
}

func (v *videoFile) Close() error { return v.file.Close() }

// evenCrop is the picture without an odd last column or row, which 4:2:0 video cannot carry.
func evenCrop(img *image.YCbCr) *image.YCbCr {
	r := img.Rect
	if r.Dx()%2 == 0 && r.Dy()%2 == 0 {
		return img
	}
	r.Max.X -= r.Dx() % 2
	r.Max.Y -= r.Dy() % 2
	return img.SubImage(r).(*image.YCbCr)
}
