package flashcrypto

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
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
// and behind the cipher blocks, if negotiated, their truncated HMAC. What Seal or Open needs is made when it is first
// called, since most ciphers do one of them only and there are two in each session; then neither allocates anything. One
// goroutine at a time may use it.
type packetCipher struct {
	key      [aesKeySize]byte
	sequence bool
	mac      *packetMAC   // nil: simple checksum
	encrypt  ivMode       // of Seal
	decrypt  cipher.Block // of Open
	next     uint64       // of Seal
	current  uint64       // of the last packet sealed or opened
	seen     *antiReplay  // of Open
}

var (
	_ rtmfp.PacketCipher    = (*packetCipher)(nil)
	_ rtmfp.SequencedCipher = (*packetCipher)(nil)
)

// ivMode is a block mode that can start again; the standard library's CBC modes are such.
type ivMode interface {
	cipher.BlockMode
	SetIV(iv []byte)
}

var zeroIV [blockSize]byte

func newCipher(p protection) *packetCipher {
	c := &packetCipher{key: [aesKeySize]byte(p.key), sequence: p.sequence}
	if p.hmacKey != nil {
		c.mac = newPacketMAC(p.hmacKey, p.hmacLength)
	}
	return c
}

func newDefaultCipher() *packetCipher { return newCipher(protection{key: []byte(defaultKey)}) }

// restartable is CBC encryption with SetIV: the library's own or, should that ever lack it, made anew for each packet.
func restartable(block cipher.Block) ivMode {
	if m, ok := cipher.NewCBCEncrypter(block, zeroIV[:]).(ivMode); ok {
		return m
	}
	return &renewedMode{BlockMode: cipher.NewCBCEncrypter(block, zeroIV[:]), block: block}
}

type renewedMode struct {
	cipher.BlockMode
	block cipher.Block
}

func (m *renewedMode) SetIV(iv []byte) { m.BlockMode = cipher.NewCBCEncrypter(m.block, iv) }

// block makes the block cipher.
func (c *packetCipher) block() cipher.Block {
	block, err := aes.NewCipher(c.key[:])
	if err != nil {
		panic(fmt.Sprintf("flashcrypto: %v", err)) // the key has a fixed length
	}
	return block
}

func (c *packetCipher) macLength() int {
	if c.mac == nil {
		return 0
	}
	return c.mac.length
}

// Sequence implements rtmfp.SequencedCipher.
func (c *packetCipher) Sequence() uint64 { return c.current }

// Overhead implements rtmfp.PacketCipher.
func (c *packetCipher) Overhead() int {
	n := blockSize - 1 + c.macLength()
	if c.sequence {
		n += sequenceOverhead
	}
	if c.mac == nil {
		n += checksumSize
	}
	return n
}

// Seal implements rtmfp.PacketCipher.
func (c *packetCipher) Seal(dst, plain []byte) []byte {
	if c.encrypt == nil {
		c.encrypt = restartable(c.block())
	}
	dst = slices.Grow(dst, len(plain)+wire.VLULen(c.next)+checksumSize+blockSize+c.macLength())
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
		dst = append(dst, c.mac.of(blocks)...)
	}
	return dst
}

// Open implements rtmfp.PacketCipher. On an error (ErrPacket, ErrReplay) dst is returned as it was.
func (c *packetCipher) Open(dst, packet []byte) ([]byte, error) {
	n := len(packet) - c.macLength()
	if n < blockSize || n%blockSize != 0 {
		return dst, ErrPacket
	}
	blocks := packet[:n]
	if c.mac != nil && subtle.ConstantTimeCompare(c.mac.of(blocks), packet[n:]) != 1 {
		return dst, ErrPacket
	}
	start := len(dst)
	dst = slices.Grow(dst, n)[:start+n]
	plain := dst[start:]
	c.decryptCBC(plain, blocks)
	body, err := c.verify(plain)
	if err != nil {
		return dst[:start], err
	}
	return dst[:start+copy(plain, body)], nil
}

// decryptCBC is CBC decryption with a zero IV, of blocks to elsewhere. Block by block with one XOR over the whole is
// faster than the library's mode, and needs no such mode in memory.
func (c *packetCipher) decryptCBC(dst, blocks []byte) {
	if c.decrypt == nil {
		c.decrypt = c.block()
	}
	for i := 0; i < len(blocks); i += blockSize {
		c.decrypt.Decrypt(dst[i:i+blockSize], blocks[i:i+blockSize])
	}
	subtle.XORBytes(dst[blockSize:], dst[blockSize:], blocks)
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
	if c.sequence {
		if c.seen == nil {
			c.seen = new(antiReplay)
		}
		if !c.seen.accept(seq) {
			return nil, ErrReplay
		}
	}
	c.current = seq
	return body, nil
}
