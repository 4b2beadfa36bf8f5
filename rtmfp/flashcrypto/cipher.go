package flashcrypto

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"hash"
	"slices"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/internal/wire"
)

// protection says how the packets of one direction are protected.
type protection struct {
	key        []byte // AES-128
	sequence   bool   // session sequence numbers
	hmacKey    []byte // nil: simple checksum instead
	hmacLength int
}

// packetCipher protects the packets of one direction (RFC 7425 §4.7): AES-128 in CBC mode with a zero IV around
//
//	[sequence number, VLU] [checksum, unless there is an HMAC] packet [padding 0xff …]
//
// and behind the cipher blocks, if negotiated, their truncated HMAC. Its mode objects and hash are reused, so that
// Seal and Open allocate nothing; one goroutine at a time may use it.
type packetCipher struct {
	encrypt, decrypt ivMode
	mac              hash.Hash // nil: simple checksum
	macLength        int
	sum              [sha256.Size]byte
	sequence         bool
	next             uint64 // of Seal
	current          uint64 // of the last packet
	seen             antiReplay
}

var _ rtmfp.SequencedCipher = (*packetCipher)(nil)

// ivMode is a block mode that can start again; the standard library's CBC modes are such.
type ivMode interface {
	cipher.BlockMode
	SetIV(iv []byte)
}

var zeroIV [blockSize]byte

func newCipher(p protection) *packetCipher {
	block, err := aes.NewCipher(p.key)
	if err != nil {
		panic(fmt.Sprintf("flashcrypto: %v", err)) // the key has a fixed length
	}
	c := &packetCipher{
		encrypt:  restartable(block, cipher.NewCBCEncrypter),
		decrypt:  restartable(block, cipher.NewCBCDecrypter),
		sequence: p.sequence,
	}
	if p.hmacKey != nil {
		c.mac = hmac.New(sha256.New, p.hmacKey)
		c.macLength = p.hmacLength
	}
	return c
}

func newDefaultCipher() *packetCipher { return newCipher(protection{key: []byte(defaultKey)}) }

// restartable makes a mode with SetIV, the library's own or, should that ever lack it, one made anew for each packet.
func restartable(block cipher.Block, mode func(cipher.Block, []byte) cipher.BlockMode) ivMode {
	if m, ok := mode(block, zeroIV[:]).(ivMode); ok {
		return m
	}
	return &renewedMode{BlockMode: mode(block, zeroIV[:]), block: block, mode: mode}
}

type renewedMode struct {
	cipher.BlockMode
	block cipher.Block
	mode  func(cipher.Block, []byte) cipher.BlockMode
}

func (m *renewedMode) SetIV(iv []byte) { m.BlockMode = m.mode(m.block, iv) }

// Overhead implements rtmfp.PacketCipher.
func (c *packetCipher) Overhead() int {
	n := blockSize - 1 + c.macLength
	if c.sequence {
		n += sequenceOverhead
	}
	if c.mac == nil {
		n += checksumSize
	}
	return n
}

// Sequence implements rtmfp.SequencedCipher.
func (c *packetCipher) Sequence() uint64 { return c.current }

// Seal implements rtmfp.PacketCipher.
func (c *packetCipher) Seal(dst, plain []byte) []byte {
	dst = slices.Grow(dst, len(plain)+wire.VLULen(c.next)+checksumSize+blockSize+c.macLength)
	start := len(dst)
	if c.sequence {
		dst = wire.AppendVLU(dst, c.next)
		c.current = c.next
		c.next++
	}
	body := len(dst)
	if c.mac == nil {
		dst = append(dst, 0, 0)
	}
	dst = append(dst, plain...)
	for (len(dst)-start)%blockSize != 0 {
		dst = append(dst, paddingByte)
	}
	if c.mac == nil {
		binary.BigEndian.PutUint16(dst[body:], checksum(dst[body+checksumSize:]))
	}
	blocks := dst[start:]
	c.encrypt.SetIV(zeroIV[:])
	c.encrypt.CryptBlocks(blocks, blocks)
	if c.mac != nil {
		dst = append(dst, c.authenticate(blocks)...)
	}
	return dst
}

// Open implements rtmfp.PacketCipher. On an error (ErrPacket, ErrReplay) dst is returned as it was.
func (c *packetCipher) Open(dst, packet []byte) ([]byte, error) {
	n := len(packet) - c.macLength
	if n < blockSize || n%blockSize != 0 {
		return dst, ErrPacket
	}
	blocks := packet[:n]
	if c.mac != nil && subtle.ConstantTimeCompare(c.authenticate(blocks), packet[n:]) != 1 {
		return dst, ErrPacket
	}
	start := len(dst)
	dst = slices.Grow(dst, n)[:start+n]
	plain := dst[start:]
	c.decrypt.SetIV(zeroIV[:])
	c.decrypt.CryptBlocks(plain, blocks)
	body, err := c.verify(plain)
	if err != nil {
		return dst[:start], err
	}
	return dst[:start+copy(plain, body)], nil
}

// verify checks what lies inside the cipher blocks, and returns the packet in it.
func (c *packetCipher) verify(plain []byte) (body []byte, err error) {
	body = plain
	var seq uint64
	if c.sequence {
		if seq, body, err = wire.VLU(body); err != nil {
			return nil, ErrPacket
		}
	}
	if c.mac == nil {
		if len(body) < checksumSize {
			return nil, ErrPacket
		}
		want := binary.BigEndian.Uint16(body)
		body = body[checksumSize:]
		if checksum(body) != want {
			return nil, ErrPacket
		}
	}
	if c.sequence && !c.seen.accept(seq) {
		return nil, ErrReplay
	}
	c.current = seq
	return body, nil
}

// authenticate is the truncated HMAC of the cipher blocks; it lasts until the next call.
func (c *packetCipher) authenticate(blocks []byte) []byte {
	c.mac.Reset()
	c.mac.Write(blocks)
	return c.mac.Sum(c.sum[:0])[:c.macLength]
}
