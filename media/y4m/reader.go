package y4m

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"io"
	"strconv"
	"strings"
)

const magic = "YUV4MPEG2"

// Reader reads a stream. It belongs to one goroutine.
type Reader struct {
	src    io.Reader
	buf    *bufio.Reader
	header Header
	first  int64 // offset of the first picture
}

// NewReader reads the header. When src is an [io.Seeker] standing at the stream's beginning, Rewind works.
func NewReader(src io.Reader) (*Reader, error) {
	r := &Reader{src: src, buf: bufio.NewReaderSize(src, 1<<16)}
	line, err := readLine(r.buf, MaxHeaderBytes)
	if err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, bad("no header line")
		}
		return nil, err
	}
	r.first = int64(len(line)) + 1
	r.header, err = parseHeader(line)
	return r, err
}

// Header is the stream's header.
func (r *Reader) Header() Header { return r.header }

// Read reads the next picture into img, which has the header's size (see Header.NewImage). At the end it returns io.EOF, and
// io.ErrUnexpectedEOF when the last picture is cut short.
func (r *Reader) Read(img *image.YCbCr) error {
	h := r.header
	cw, ch := (h.Width+1)/2, (h.Height+1)/2
	if img.Rect.Dx() != h.Width || img.Rect.Dy() != h.Height || img.SubsampleRatio != image.YCbCrSubsampleRatio420 || img.Rect.Min != (image.Point{}) {
		return fmt.Errorf("y4m: the picture to read into is %v %v, the stream is %d×%d 4:2:0", img.Rect, img.SubsampleRatio, h.Width, h.Height)
	}
	if err := r.frameHeader(); err != nil {
		return err
	}
	if err := readPlane(r.buf, img.Y, img.YStride, h.Width, h.Height); err != nil {
		return err
	}
	if err := readPlane(r.buf, img.Cb, img.CStride, cw, ch); err != nil {
		return err
	}
	return readPlane(r.buf, img.Cr, img.CStride, cw, ch)
}

// Skip passes over the next picture.
func (r *Reader) Skip() error {
	if err := r.frameHeader(); err != nil {
		return err
	}
	size := r.header.FrameBytes()
	if n, err := r.buf.Discard(int(size)); err != nil {
		if errors.Is(err, io.EOF) && int64(n) < size {
			return io.ErrUnexpectedEOF
		}
		return err
	}
	return nil
}

// Rewind goes back to the first picture.
func (r *Reader) Rewind() error {
	s, ok := r.src.(io.Seeker)
	if !ok {
		return errors.New("y4m: the stream cannot be rewound")
	}
	if _, err := s.Seek(r.first, io.SeekStart); err != nil {
		return fmt.Errorf("y4m: rewinding: %w", err)
	}
	r.buf.Reset(r.src)
	return nil
}

func (r *Reader) frameHeader() error {
	line, err := readLine(r.buf, MaxFrameHeaderBytes)
	if err != nil {
		return err
	}
	if line != "FRAME" && !strings.HasPrefix(line, "FRAME ") {
		return bad("a picture begins with %.20q instead of FRAME", line)
	}
	return nil
}

func readPlane(src io.Reader, dst []byte, stride, width, height int) error {
	if stride == width {
		return full(io.ReadFull(src, dst[:width*height]))
	}
	for y := range height {
		if err := full(io.ReadFull(src, dst[y*stride:y*stride+width])); err != nil {
			return err
		}
	}
	return nil
}

// full makes any end of data inside a picture unexpected.
func full(_ int, err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readLine reads up to a line feed, which it takes but does not return; io.EOF if nothing is left.
func readLine(r *bufio.Reader, limit int) (string, error) {
	var line []byte
	for {
		b, err := r.ReadByte()
		switch {
		case errors.Is(err, io.EOF) && len(line) > 0:
			return "", io.ErrUnexpectedEOF
		case err != nil:
			return "", err
		case b == '\n':
			return string(line), nil
		case len(line) == limit:
			return "", bad("a line longer than %d bytes", limit)
		}
		line = append(line, b)
	}
}

func parseHeader(line string) (Header, error) {
	var h Header
	words := strings.Split(line, " ")
	if words[0] != magic {
		return h, bad("it does not begin with %s", magic)
	}
	for _, w := range words[1:] {
		if w == "" {
			continue
		}
		var err error
		switch value := w[1:]; w[0] {
		case 'W':
			h.Width, err = strconv.Atoi(value)
		case 'H':
			h.Height, err = strconv.Atoi(value)
		case 'F':
			num, den, ok := strings.Cut(value, ":")
			if !ok {
				return h, bad("a frame rate of %.20q", value)
			}
			h.RateNum, err = strconv.Atoi(num)
			if err == nil {
				h.RateDen, err = strconv.Atoi(den)
			}
		case 'I':
			if value != "p" && value != "?" {
				return h, bad("interlaced video")
			}
		case 'C':
			switch value {
			case "420", "420jpeg", "420mpeg2", "420paldv":
			default:
				return h, bad("pixel format %.20q; only 8 bit 4:2:0 can be read", value)
			}
		}
		if err != nil {
			return h, bad("%.40q in the header", w)
		}
	}
	return h, h.check()
}
