package wav

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

// Errors of writing.
var (
	ErrFull   = errors.New("wav: the file has reached the format's limit of 4 GB")
	ErrClosed = errors.New("wav: the file is closed")
)

// Writer writes a 48 kHz mono PCM16 file. Until Close the header says that the file is empty. It is not safe for concurrent use.
type Writer struct {
	f     *os.File
	buf   *bufio.Writer
	bytes int64 // of sound
	err   error // the first that happened
}

// Create makes a file, or empties it.
func Create(name string) (*Writer, error) {
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	w := &Writer{f: f, buf: bufio.NewWriterSize(f, 1<<16)}
	if _, err := w.buf.Write(header(0)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if err := w.buf.Flush(); err != nil { // say at once when the disk is full
		return nil, errors.Join(err, f.Close())
	}
	return w, nil
}

// Write appends samples. After an error all later calls return it.
func (w *Writer) Write(pcm []int16) error {
	if w.f == nil {
		return ErrClosed
	}
	if w.err != nil {
		return w.err
	}
	if w.bytes+2*int64(len(pcm)) > maxDataBytes {
		return ErrFull
	}
	var b [2]byte
	for _, v := range pcm {
		binary.LittleEndian.PutUint16(b[:], uint16(v))
		if _, err := w.buf.Write(b[:]); err != nil {
			w.err = fmt.Errorf("writing sound: %w", err)
			return w.err
		}
	}
	w.bytes += 2 * int64(len(pcm))
	return nil
}

// Samples is how many have been written.
func (w *Writer) Samples() int64 { return w.bytes / 2 }

// Close completes the header and closes the file. It returns the first error there was; a second Close does nothing.
func (w *Writer) Close() error {
	if w.f == nil {
		return nil
	}
	err := w.err
	if e := w.buf.Flush(); err == nil && e != nil {
		err = fmt.Errorf("writing sound: %w", e)
	}
	if _, e := w.f.WriteAt(header(uint32(w.bytes)), 0); err == nil && e != nil {
		err = fmt.Errorf("completing the header: %w", e)
	}
	if e := w.f.Close(); err == nil {
		err = e
	}
	w.f = nil
	return err
}

// header is that of a file with so many bytes of sound.
func header(bytes uint32) []byte {
	le := binary.LittleEndian
	h := make([]byte, 0, headerSize)
	h = append(h, "RIFF"...)
	h = le.AppendUint32(h, headerSize-8+bytes)
	h = append(h, "WAVEfmt "...)
	h = le.AppendUint32(h, 16)
	h = le.AppendUint16(h, codePCM)
	h = le.AppendUint16(h, 1) // channels
	h = le.AppendUint32(h, SampleRate)
	h = le.AppendUint32(h, 2*SampleRate) // bytes a second
	h = le.AppendUint16(h, 2)            // bytes a block
	h = le.AppendUint16(h, 16)           // bits
	h = append(h, "data"...)
	return le.AppendUint32(h, bytes)
}
