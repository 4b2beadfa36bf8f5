package turn

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

const (
	stunHeader    = 20
	stunCookie    = 0x2112A442
	channelHeader = 4
)

// errFraming ends a TCP connection that carries something else.
var errFraming = errors.New("turn: neither STUN nor channel data, or too long")

// isChannelData reports whether a message is channel data, and not STUN (RFC 8656 §12).
func isChannelData(b []byte) bool { return len(b) >= channelHeader && b[0]>>6 == 0b01 }

// frameLength is the length of the message that begins with these eight bytes, padding included: over TCP messages
// are told apart by that alone (RFC 8656 §12.5, RFC 8489 §6.2.2).
func frameLength(head []byte) (int, error) {
	length := int(binary.BigEndian.Uint16(head[2:]))
	switch head[0] >> 6 {
	case 0b00:
		if length%4 != 0 || binary.BigEndian.Uint32(head[4:]) != stunCookie {
			return 0, errFraming
		}
		length += stunHeader
	case 0b01:
		length = channelHeader + (length+3)&^3
	default:
		return 0, errFraming
	}
	if length >= maxMessage {
		return 0, errFraming
	}
	return length, nil
}

// framed is a TCP connection as a conn of messages: each Read returns one, padding included, and each Write has to be one.
type framed struct {
	net.Conn
	reader *bufio.Reader
	// patience is how long the next message may take to come; nil: for ever.
	patience func() time.Duration
	// onClose is called once, at the first Close.
	onClose func()

	closing sync.Once
	writing sync.Mutex
}

func newFramed(conn net.Conn) *framed {
	return &framed{Conn: conn, reader: bufio.NewReaderSize(conn, 2*maxMessage)}
}

// Read reads one message; b has to have maxMessage bytes.
func (f *framed) Read(b []byte) (int, error) {
	if f.patience != nil {
		if err := f.SetReadDeadline(time.Now().Add(f.patience())); err != nil {
			return 0, err
		}
	}
	// The shortest messages that there are: channel data with one to four bytes.
	head, err := f.reader.Peek(2 * channelHeader)
	if err != nil {
		return 0, err
	}
	n, err := frameLength(head)
	if err == nil && n > len(b) {
		err = io.ErrShortBuffer
	}
	if err != nil {
		return 0, err
	}
	return io.ReadFull(f.reader, b[:n])
}

// Write writes one message. A reader that keeps us waiting loses the connection, since half a message leaves nothing to go on with.
func (f *framed) Write(b []byte) (int, error) {
	f.writing.Lock()
	defer f.writing.Unlock()
	if err := f.SetWriteDeadline(time.Now().Add(streamWriteTimeout)); err != nil {
		return 0, err
	}
	n, err := f.Conn.Write(b)
	if err != nil {
		_ = f.Close()
	}
	return n, err
}

// Close implements net.Conn.
func (f *framed) Close() error {
	f.closing.Do(func() {
		if f.onClose != nil {
			f.onClose()
		}
	})
	return f.Conn.Close()
}
