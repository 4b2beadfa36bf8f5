package flashcrypto

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"runtime"
	"testing"

	"sundog.dev/sundog/rtmfp/internal/wire"
)

func testProtections() map[string]protection {
	key, hmacKey := []byte("0123456789abcdef"), []byte("a key of thirty-two bytes, fixed")
	return map[string]protection{
		"startup":                {key: []byte(defaultKey)},
		"checksum, sequence":     {key: key, sequence: true},
		"HMAC":                   {key: key, hmacKey: hmacKey, hmacLength: 16},
		"HMAC, sequence":         {key: key, sequence: true, hmacKey: hmacKey, hmacLength: 16},
		"short HMAC, sequence":   {key: key, sequence: true, hmacKey: hmacKey, hmacLength: 4},
		"longest HMAC, sequence": {key: key, sequence: true, hmacKey: hmacKey, hmacLength: 32},
	}
}

func TestSealAndOpen(t *testing.T) {
	for name, p := range testProtections() {
		t.Run(name, func(t *testing.T) {
			from, to := newCipher(p), newCipher(p)
			from.next = 120 // so that the sequence number grows to two bytes on the way
			for n := range 100 {
				plain := bytes.Repeat([]byte{byte(n)}, n+1)
				packet := from.Seal([]byte("head"), plain)
				if !bytes.HasPrefix(packet, []byte("head")) {
					t.Fatal("Seal did not append")
				}
				packet = packet[4:]
				if len(packet) > len(plain)+from.Overhead() {
					t.Errorf("%d bytes sealed to %d, beyond the overhead of %d", len(plain), len(packet), from.Overhead())
				}
				got, err := to.Open([]byte("dst"), packet)
				if err != nil {
					t.Fatal(err)
				}
				got, ok := bytes.CutPrefix(got, append([]byte("dst"), plain...))
				if !ok || len(bytes.Trim(got, "\xff")) != 0 {
					t.Fatalf("%d bytes came back wrong", n)
				}
			}
		})
	}
}

func TestDamagedPacketsAreRefused(t *testing.T) {
	for name, p := range testProtections() {
		from, to := newCipher(p), newCipher(p)
		packet := from.Seal(nil, []byte("some plain packet of more than a block"))
		for i := range packet {
			damaged := bytes.Clone(packet)
			damaged[i] ^= 0x10
			if got, err := to.Open([]byte("x"), damaged); err == nil || string(got) != "x" {
				t.Errorf("%s: byte %d flipped: %q, %v", name, i, got, err)
			}
		}
		for n := range packet {
			if _, err := to.Open(nil, packet[:n]); err == nil {
				t.Errorf("%s: %d of %d bytes were taken", name, n, len(packet))
			}
		}
		if _, err := to.Open(nil, append(bytes.Clone(packet), 0)); err == nil {
			t.Errorf("%s: a longer packet was taken", name)
		}
		if _, err := to.Open(nil, packet); err != nil {
			t.Errorf("%s: the sound packet was refused after the damaged ones: %v", name, err)
		}
	}
}

func TestReplayedPacketsAreRefused(t *testing.T) {
	p := testProtections()["HMAC, sequence"]
	from, to := newCipher(p), newCipher(p)
	var packets [][]byte
	for range replayWindow + 40 {
		packets = append(packets, from.Seal(nil, []byte("same")))
	}
	if bytes.Equal(packets[0][:blockSize], packets[1][:blockSize]) {
		t.Error("equal packets have equal first blocks")
	}
	open := func(i int) error { _, err := to.Open(nil, packets[i]); return err }
	if open(0) != nil || !errors.Is(open(0), ErrReplay) {
		t.Error("a packet must be taken once")
	}
	if open(40) != nil || open(5) != nil || !errors.Is(open(5), ErrReplay) {
		t.Error("a packet 35 behind the newest must be taken once")
	}
	if open(replayWindow+39) != nil || !errors.Is(open(30), ErrReplay) || open(41) != nil {
		t.Error("the window must end where it says")
	}
}

func TestAntiReplayAgainstAMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		var r antiReplay
		seen := make(map[uint64]bool)
		highest := uint64(0)
		at := rng.Uint64N(1 << 40)
		for range 5000 {
			switch rng.IntN(50) {
			case 0:
				at += rng.Uint64N(3 * replayWindow)
			case 1:
				at -= min(at, rng.Uint64N(3*replayWindow))
			default:
				at += rng.Uint64N(3)
			}
			want := !seen[at] && (at+replayWindow > highest)
			if got := r.accept(at); got != want {
				t.Fatalf("number %d, highest %d, seen %v: accepted %v", at, highest, seen[at], got)
			}
			seen[at] = seen[at] || want
			highest = max(highest, at)
		}
	}
}

func TestAntiReplayAtTheEndOfNumbers(t *testing.T) {
	var r antiReplay
	const last = ^uint64(0)
	if !r.accept(3) || !r.accept(last) || r.accept(last) || r.accept(3) || !r.accept(last-1) {
		t.Error("the largest numbers are numbers as well")
	}
}

func TestChecksum(t *testing.T) {
	for _, c := range []struct {
		data string
		want uint16
	}{
		{"", 0xffff},
		{"\x00\x01\xf2\x03\xf4\xf5\xf6\xf7", ^uint16(0xddf2)}, // RFC 1071 §3
		{"\x00\x01\x02", ^uint16(0x0003)},                     // RFC 7425: the odd byte is a low half
		{"\xff\xff\xff\xff", 0},
	} {
		if got := checksum([]byte(c.data)); got != c.want {
			t.Errorf("%x: %04x, want %04x", c.data, got, c.want)
		}
	}
}

func TestChecksumIsTheSumOfItsWords(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for n := range 200 {
		b := make([]byte, n)
		for i := range b {
			if n%3 != 0 {
				b[i] = byte(rng.Uint32())
			} else if n%2 != 0 {
				b[i] = 0xff
			}
		}
		var sum uint32
		for i := 0; i+1 < n; i += 2 {
			sum += uint32(b[i])<<8 | uint32(b[i+1])
		}
		if n%2 == 1 {
			sum += uint32(b[n-1])
		}
		for sum > 0xffff {
			sum = sum>>16 + sum&0xffff
		}
		if got := checksum(b); got != ^uint16(sum) {
			t.Errorf("%x: %04x, want %04x", b, got, ^uint16(sum))
		}
	}
}

func TestPacketMACIsHMAC(t *testing.T) {
	key := []byte("a key of thirty-two bytes, fixed")
	m, std := newPacketMAC(key, 20), hmac.New(sha256.New, key)
	for n := range 300 {
		b := bytes.Repeat([]byte{byte(n)}, n)
		std.Reset()
		std.Write(b)
		if got, want := m.of(b), std.Sum(nil)[:20]; !bytes.Equal(got, want) {
			t.Fatalf("of %d bytes: %x, want %x", n, got, want)
		}
	}
}

// A service has two ciphers for each of a hundred thousand sessions.
func TestCiphersAreSmall(t *testing.T) {
	const sessions, limit = 500, 2560
	p := testProtections()["HMAC, sequence"]
	packet, out := make([]byte, 0, 2000), make([]byte, 0, 2000)
	ciphers := make([]*packetCipher, 0, 2*sessions)
	var before, after runtime.MemStats
	runtime.GC() // so that what earlier tests left is not counted as freed
	runtime.ReadMemStats(&before)
	for range sessions {
		near, far := newCipher(p), newCipher(p)
		packet = near.Seal(packet[:0], []byte("hello"))
		var err error
		if out, err = far.Open(out[:0], packet); err != nil {
			t.Fatal(err)
		}
		ciphers = append(ciphers, near, far)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	n := (after.HeapAlloc - before.HeapAlloc) / sessions
	if n > limit {
		t.Errorf("the ciphers of a session take %d bytes, want at most %d", n, limit)
	}
	runtime.KeepAlive(ciphers)
}

func TestSealAndOpenDoNotAllocate(t *testing.T) {
	p := testProtections()["HMAC, sequence"]
	from, to := newCipher(p), newCipher(p)
	plain, packet, out := make([]byte, 1200), make([]byte, 0, 2000), make([]byte, 0, 2000)
	var err error
	if n := testing.AllocsPerRun(100, func() {
		packet = from.Seal(packet[:0], plain)
		out, err = to.Open(out[:0], packet)
	}); n != 0 || err != nil {
		t.Errorf("%v allocations a packet, %v", n, err)
	}
}

func TestRenewedModeIsTheSame(t *testing.T) {
	c, plain := newDefaultCipher(), newDefaultCipher()
	block, err := aes.NewCipher([]byte(defaultKey))
	if err != nil {
		t.Fatal(err)
	}
	c.encrypt = &renewedMode{BlockMode: cipher.NewCBCEncrypter(block, zeroIV[:]), block: block}
	for range 2 {
		if !bytes.Equal(c.Seal(nil, []byte("packet")), plain.Seal(nil, []byte("packet"))) {
			t.Error("the fallback encrypts otherwise")
		}
	}
}

func FuzzOpen(f *testing.F) {
	for _, p := range testProtections() {
		f.Add(newCipher(p).Seal(nil, []byte("packet")))
	}
	f.Fuzz(func(t *testing.T, packet []byte) {
		for name, p := range testProtections() {
			c := newCipher(p)
			if got, err := c.Open(nil, packet); err != nil && len(got) != 0 {
				t.Errorf("%s: bytes beside an error", name)
			}
			// What is sealed around the input must come back, whatever the input is.
			inner := wire.AppendBytes(nil, packet)
			got, err := c.Open(nil, newCipher(p).Seal(nil, inner))
			if err != nil && !errors.Is(err, ErrReplay) || err == nil && !bytes.HasPrefix(got, inner) {
				t.Errorf("%s: %x became %x, %v", name, inner, got, err)
			}
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	c := newCipher(testProtections()["HMAC, sequence"])
	plain, out := make([]byte, 1200), make([]byte, 0, 2000)
	b.SetBytes(1200)
	for b.Loop() {
		out = c.Seal(out[:0], plain)
	}
}

func BenchmarkOpen(b *testing.B) {
	p := testProtections()["HMAC, sequence"]
	from, to := newCipher(p), newCipher(p)
	packet, out := from.Seal(nil, make([]byte, 1200)), make([]byte, 0, 2000)
	b.SetBytes(1200)
	for b.Loop() {
		if to.seen != nil {
			*to.seen = antiReplay{}
		}
		var err error
		if out, err = to.Open(out[:0], packet); err != nil {
			b.Fatal(err)
		}
	}
}
