package turn

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"

	"github.com/pion/stun/v3"
)

func TestMessagesAreToldApartInAStream(t *testing.T) {
	request := stun.MustBuild(stun.TransactionID, stun.BindingRequest, stun.NewSoftware("a"), stun.Fingerprint).Raw
	short := []byte{0x40, 0, 0, 1, 'x', 0, 0, 0}
	long := append([]byte{0x40, 1, 0, 5}, "hello\x00\x00\x00"...)
	near, far := net.Pipe()
	f := newFramed(near)
	go func() {
		// As the network pleases: half a message, then one and a half.
		all := bytes.Join([][]byte{request, short, long, request}, nil)
		for _, part := range [][]byte{all[:3], all[3:25], all[25:]} {
			_, _ = far.Write(part)
		}
		_ = far.Close()
	}()
	b := make([]byte, maxMessage)
	for i, want := range [][]byte{request, short, long, request} {
		n, err := f.Read(b)
		if err != nil || !bytes.Equal(b[:n], want) {
			t.Fatalf("message %d: %x, %v; want %x", i, b[:n], err, want)
		}
	}
	if _, err := f.Read(b); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
	_ = f.Close()
}

// A length that the header makes 0 or beyond all bounds must not keep the reader busy, or make it hold memory.
func TestAStreamOfSomethingElseIsEnded(t *testing.T) {
	cookie := []byte{0x21, 0x12, 0xA4, 0x42}
	for name, head := range map[string][]byte{
		"HTTP":                   []byte("GET / HTTP/1.1\r\n"),
		"TLS":                    {0x16, 3, 1, 2, 0, 1, 0, 1},
		"no cookie":              {0, 1, 0, 0, 1, 2, 3, 4},
		"a length that wraps":    append([]byte{0, 1, 0xFF, 0xEC}, cookie...),
		"a length not of four":   append([]byte{0, 1, 0, 3}, cookie...),
		"a long message":         append([]byte{0, 1, 0x10, 0}, cookie...),
		"long channel data":      {0x40, 0, 0xFF, 0xFF, 0, 0, 0, 0},
		"a channel of no number": {0x80, 0, 0, 4, 0, 0, 0, 0},
	} {
		if n, err := frameLength(head[:8]); !errors.Is(err, errFraming) {
			t.Errorf("%s: %d, %v", name, n, err)
		}
	}
	relay := startRelay(t, ServerConfig{})
	conn, err := net.Dial("tcp", relay.host)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write(append(append([]byte{0, 1, 0xFF, 0xEC}, cookie...), make([]byte, 100)...)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(conn); err != nil && !errors.Is(err, net.ErrClosed) {
		var reset *net.OpError
		if !errors.As(err, &reset) {
			t.Errorf("%v", err)
		}
	}
	until(t, "the connection is forgotten", func() bool { return relay.Stats().Streams == 0 })
}

func FuzzFrame(f *testing.F) {
	f.Add([]byte{0x40, 0, 0, 1, 'x', 0, 0, 0})
	f.Add(stun.MustBuild(stun.TransactionID, stun.BindingRequest, stun.Fingerprint).Raw)
	f.Add([]byte("GET / HTTP/1.1\r\n"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		near, far := net.Pipe()
		go func() {
			_, _ = far.Write(stream)
			_ = far.Close()
		}()
		r := newFramed(near)
		b := make([]byte, maxMessage)
		for left := len(stream); ; {
			n, err := r.Read(b)
			if err != nil {
				break
			}
			if n < 2*channelHeader && n != channelHeader || n > left {
				t.Fatalf("%d of %d bytes", n, left)
			}
			left -= n
		}
		_, _ = r.Close(), far.Close()
	})
}

func FuzzMessageFromTheRelay(f *testing.F) {
	f.Add([]byte{0x40, 0, 0, 1, 'x'})
	f.Add([]byte{0x40, 0, 0xFF, 0xFF, 'x'})
	f.Add(sendIndication([]byte("x"), peerAddrForTest))
	f.Add(stun.MustBuild(stun.TransactionID, stun.NewType(stun.MethodData, stun.ClassIndication), peerAddress(peerAddrForTest),
		stun.RawAttribute{Type: stun.AttrData, Value: []byte("x")}).Raw)
	f.Add(stun.MustBuild(stun.TransactionID, stun.BindingError, stun.CodeStaleNonce, stun.NewNonce("n")).Raw)
	f.Fuzz(func(t *testing.T, b []byte) {
		c := &Conn{
			received: make(chan packet, receiveQueue),
			channels: map[uint16]*peer{0x4000: {addr: peerAddrForTest}},
			peers:    nil,
		}
		c.handle(b)
		select {
		case p := <-c.received:
			if len(p.data) > len(b) || !p.from.IsValid() {
				t.Errorf("%d bytes of %d, from %v", len(p.data), len(b), p.from)
			}
		default:
		}
	})
}
