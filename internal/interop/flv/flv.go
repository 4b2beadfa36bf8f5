// Package flv reads and writes Flash video files, as far as tags go: what is in them is RTMP's audio, video and data
// messages, and that is not looked at.
//
//	r, err := flv.NewReader(file)
//	for {
//		tag, err := r.Next()
//		…
//	}
//
// Encrypted tags are not known.
package flv

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Type is the kind of a tag; the numbers are those of RTMP messages.
type Type uint8

// The types of tags.
const (
	Audio Type = 8
	Video Type = 9
	Data  Type = 18
)

// Tag is one tag: an RTMP message with its time.
type Tag struct {
	Type      Type
	Timestamp uint32 // milliseconds
	Payload   []byte // at most 16 MiB - 1
}

// ErrMalformed says that a file does not have FLV's syntax.
var ErrMalformed = errors.New("flv: malformed")

const (
	fileHeaderSize = 9
	tagHeaderSize  = 11
	maxPayload     = 1<<24 - 1
	hasAudio       = 4
	hasVideo       = 1
	typeMask       = 0x1f
	filtered       = 0x20
)

// Reader reads a file.
type Reader struct{ r io.Reader }

// NewReader reads the file's header. A file that is none is ErrMalformed.
func NewReader(r io.Reader) (*Reader, error) {
	var h [fileHeaderSize]byte
	if err := readFull(r, h[:]); err != nil {
		return nil, err
	}
	more := int64(binary.BigEndian.Uint32(h[5:])) - fileHeaderSize
	if string(h[:3]) != "FLV" || more < 0 {
		return nil, fmt.Errorf("%w: no FLV header", ErrMalformed)
	}
	if n, err := io.CopyN(io.Discard, r, more+4); n < more+4 { // and the size of no tag before
		return nil, truncated(err)
	}
	return &Reader{r}, nil
}

// Next reads a tag. At the end of the file it is io.EOF; a file that ends within a tag is ErrMalformed, and so is an
// encrypted tag.
func (r *Reader) Next() (Tag, error) {
	var h [tagHeaderSize]byte
	if _, err := io.ReadFull(r.r, h[:1]); err != nil {
		return Tag{}, err // io.EOF between tags
	}
	if err := readFull(r.r, h[1:]); err != nil {
		return Tag{}, err
	}
	if h[0]&filtered != 0 {
		return Tag{}, fmt.Errorf("%w: an encrypted tag", ErrMalformed)
	}
	size := int64(uint24(h[1:]))
	var payload bytes.Buffer // which grows as bytes come: a short file cannot make us ask for 16 MiB
	if _, err := io.CopyN(&payload, r.r, size); err != nil {
		return Tag{}, truncated(err)
	}
	var trailer [4]byte // the tag's size once more, which some writers get wrong
	if err := readFull(r.r, trailer[:]); err != nil {
		return Tag{}, err
	}
	return Tag{
		Type:      Type(h[0] & typeMask),
		Timestamp: uint24(h[4:]) | uint32(h[7])<<24,
		Payload:   payload.Bytes(),
	}, nil
}

func readFull(r io.Reader, b []byte) error {
	_, err := io.ReadFull(r, b)
	return truncated(err)
}

// truncated makes the end of a file where none may be ErrMalformed.
func truncated(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends too early", ErrMalformed)
	}
	return err
}

func uint24(b []byte) uint32 { return uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2]) }

// Writer writes a file.
type Writer struct {
	w   io.Writer
	buf []byte
}

// NewWriter writes the header of a file with sound and picture; one of them may be missing, readers do not mind.
func NewWriter(w io.Writer) (*Writer, error) {
	_, err := w.Write([]byte{'F', 'L', 'V', 1, hasAudio | hasVideo, 0, 0, 0, fileHeaderSize, 0, 0, 0, 0})
	return &Writer{w: w}, err
}

// Write writes a tag, in one piece.
func (w *Writer) Write(t Tag) error {
	n := len(t.Payload)
	if n > maxPayload {
		return fmt.Errorf("flv: a payload of %d bytes", n)
	}
	ms := t.Timestamp
	w.buf = append(w.buf[:0], byte(t.Type), byte(n>>16), byte(n>>8), byte(n),
		byte(ms>>16), byte(ms>>8), byte(ms), byte(ms>>24), 0, 0, 0)
	w.buf = append(w.buf, t.Payload...)
	w.buf = binary.BigEndian.AppendUint32(w.buf, uint32(tagHeaderSize+n))
	_, err := w.w.Write(w.buf)
	return err
}
