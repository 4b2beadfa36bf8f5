package y4m

import (
	"bufio"
	"fmt"
	"image"
	"io"
)

// Writer writes a stream. It belongs to one goroutine.
type Writer struct {
	buf    *bufio.Writer
	header Header
}

// NewWriter writes the header; nothing is complete before Flush.
func NewWriter(dst io.Writer, h Header) (*Writer, error) {
	if err := h.check(); err != nil {
		return nil, err
	}
	w := &Writer{buf: bufio.NewWriterSize(dst, 1<<16), header: h}
	_, err := fmt.Fprintf(w.buf, "%s W%d H%d F%d:%d Ip A1:1 C420jpeg\n", magic, h.Width, h.Height, h.RateNum, h.RateDen)
	return w, err
}

// Header is what was written first.
func (w *Writer) Header() Header { return w.header }

// Write appends a picture of the header's size.
func (w *Writer) Write(img *image.YCbCr) error {
	h := w.header
	r := img.Rect
	if r.Dx() != h.Width || r.Dy() != h.Height || img.SubsampleRatio != image.YCbCrSubsampleRatio420 || r.Min.X%2 != 0 || r.Min.Y%2 != 0 {
		return fmt.Errorf("y4m: the picture is %v %v, the stream is %d×%d 4:2:0", r, img.SubsampleRatio, h.Width, h.Height)
	}
	if _, err := w.buf.WriteString("FRAME\n"); err != nil {
		return err
	}
	cw, ch := (h.Width+1)/2, (h.Height+1)/2
	if err := writePlane(w.buf, img.Y[img.YOffset(r.Min.X, r.Min.Y):], img.YStride, h.Width, h.Height); err != nil {
		return err
	}
	c := img.COffset(r.Min.X, r.Min.Y)
	if err := writePlane(w.buf, img.Cb[c:], img.CStride, cw, ch); err != nil {
		return err
	}
	return writePlane(w.buf, img.Cr[c:], img.CStride, cw, ch)
}

// Flush hands everything to the destination.
func (w *Writer) Flush() error { return w.buf.Flush() }

func writePlane(dst io.Writer, src []byte, stride, width, height int) error {
	for y := range height {
		if _, err := dst.Write(src[y*stride : y*stride+width]); err != nil {
			return err
		}
	}
	return nil
}
