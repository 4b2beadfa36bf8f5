package measure

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// maxSide bounds a picture's width and height, so that a broken header allocates little.
const maxSide = 8192

// frameMark begins every frame of a Y4M file.
const frameMark = "FRAME"

// Format is what the header of a Y4M file says. Pictures are 8-bit 4:2:0.
type Format struct {
	Width, Height int
	RateNum       int // pictures per RateDen seconds
	RateDen       int
}

// FrameSize is the size of one picture in bytes, without its mark.
func (f Format) FrameSize() int {
	return f.Width*f.Height + 2*((f.Width+1)/2)*((f.Height+1)/2)
}

// Header is the first line of a Y4M file, with its end of line.
func (f Format) Header() string {
	return fmt.Sprintf("YUV4MPEG2 W%d H%d F%d:%d Ip A1:1 C420jpeg\n", f.Width, f.Height, f.RateNum, f.RateDen)
}

// PictureReader reads the pictures of a Y4M file one after the other.
type PictureReader struct {
	Format Format
	r      *bufio.Reader
}

// NewPictureReader reads the header.
func NewPictureReader(r io.Reader) (*PictureReader, error) {
	buffered := bufio.NewReaderSize(r, 1<<16)
	line, err := buffered.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("reading the Y4M header: %w", err)
	}
	format, err := parseHeader(strings.TrimSuffix(line, "\n"))
	if err != nil {
		return nil, err
	}
	return &PictureReader{Format: format, r: buffered}, nil
}

func parseHeader(line string) (Format, error) {
	fields := strings.Fields(line)
	if len(fields) == 0 || fields[0] != "YUV4MPEG2" {
		return Format{}, errors.New("not a Y4M file")
	}
	f := Format{RateNum: 30, RateDen: 1}
	for _, field := range fields[1:] {
		value := field[1:]
		var err error
		switch field[0] {
		case 'W':
			f.Width, err = strconv.Atoi(value)
		case 'H':
			f.Height, err = strconv.Atoi(value)
		case 'F':
			_, err = fmt.Sscanf(value, "%d:%d", &f.RateNum, &f.RateDen)
		case 'C':
			if !strings.HasPrefix(value, "420") || strings.HasPrefix(value, "420p1") {
				err = errors.New("only 8-bit 4:2:0 is read")
			}
		}
		if err != nil {
			return Format{}, fmt.Errorf("Y4M header field %q: %w", field, err)
		}
	}
	if f.Width < 1 || f.Height < 1 || f.Width > maxSide || f.Height > maxSide || f.RateNum < 1 || f.RateDen < 1 {
		return Format{}, fmt.Errorf("Y4M header says %d×%d at %d:%d", f.Width, f.Height, f.RateNum, f.RateDen)
	}
	return f, nil
}

// Next reads the next picture into frame, which has Format.FrameSize bytes. It returns io.EOF behind the last one.
func (p *PictureReader) Next(frame []byte) error {
	line, err := p.r.ReadString('\n')
	if errors.Is(err, io.EOF) && line == "" {
		return io.EOF
	}
	if err != nil {
		return fmt.Errorf("reading a Y4M frame's mark: %w", err)
	}
	if line != frameMark+"\n" && !strings.HasPrefix(line, frameMark+" ") {
		return fmt.Errorf("a Y4M frame begins with %.20q", line)
	}
	if _, err := io.ReadFull(p.r, frame); err != nil {
		return fmt.Errorf("a Y4M frame is cut off: %w", err)
	}
	return nil
}

// Clip is a Y4M file whose pictures can be had in any order. Its frame marks have no parameters.
type Clip struct {
	Format Format
	Frames int
	r      io.ReaderAt
	start  int64
}

// NewClip opens a Y4M file of size bytes.
func NewClip(r io.ReaderAt, size int64) (*Clip, error) {
	reader, err := NewPictureReader(io.NewSectionReader(r, 0, size))
	if err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(io.NewSectionReader(r, 0, size)).ReadString('\n')
	if err != nil {
		return nil, err
	}
	c := &Clip{Format: reader.Format, r: r, start: int64(len(line))}
	c.Frames = int((size - c.start) / c.stride())
	return c, nil
}

func (c *Clip) stride() int64 { return int64(len(frameMark) + 1 + c.Format.FrameSize()) }

// Frame reads picture n, counted from 0.
func (c *Clip) Frame(n int, frame []byte) error {
	if n < 0 || n >= c.Frames {
		return fmt.Errorf("the clip has %d frames, none is number %d", c.Frames, n)
	}
	at := c.start + int64(n)*c.stride()
	mark := make([]byte, len(frameMark)+1)
	if _, err := c.r.ReadAt(mark, at); err != nil {
		return err
	}
	if string(mark) != frameMark+"\n" {
		return fmt.Errorf("frame %d of the clip begins with %q", n, mark)
	}
	_, err := c.r.ReadAt(frame, at+int64(len(mark)))
	return err
}
