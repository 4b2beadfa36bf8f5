package rtmfp

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

func TestPacketPieces(t *testing.T) {
	now := time.Now()
	piece := func(index uint64, more bool, data string) packetFragment {
		return packetFragment{packet: 9, index: index, more: more, data: []byte(data)}
	}
	for _, c := range []struct {
		name string
		in   []packetFragment
		want string
	}{
		{"in order", []packetFragment{piece(0, true, "ab"), piece(1, true, "cd"), piece(2, false, "e")}, "abcde"},
		{"backwards", []packetFragment{piece(2, false, "e"), piece(1, true, "cd"), piece(0, true, "ab")}, "abcde"},
		{"repeated", []packetFragment{piece(0, true, "ab"), piece(0, true, "xx"), piece(1, false, "c")}, "abc"},
		{"missing", []packetFragment{piece(0, true, "ab"), piece(2, false, "e")}, ""},
		{"beyond the end", []packetFragment{piece(1, false, "b"), piece(2, true, "c"), piece(0, true, "a")}, ""},
		{"a huge index", []packetFragment{piece(1<<40, true, "x"), piece(0, false, "")}, ""},
		{"too long", []packetFragment{piece(0, true, string(make([]byte, maxPiecedPacket+1))), piece(1, false, "x")}, ""},
	} {
		var p packetPieces
		got := ""
		for _, f := range c.in {
			got += string(p.add(f, addrA, now))
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	var p packetPieces
	for i := range uint64(10 * maxPieces) {
		p.add(packetFragment{packet: i, more: true, data: []byte("x")}, addrA, now)
	}
	if len(p.list) != maxPieces {
		t.Errorf("%d packets are kept", len(p.list))
	}
	p.add(piece(0, true, "x"), addrA, now.Add(2*time.Second))
	if len(p.list) != 1 {
		t.Errorf("%d packets are kept that make no progress", len(p.list))
	}
}

// An IHello in two fragments is answered.
func TestFragmentedIHello(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		b := w.node("b", addrB)
		conn, _ := w.net.Listen(addrC)
		defer func() { _ = conn.Close() }()
		whole := appendIHello([]byte{modeStartup}, ihello{b.profile.epd(), []byte("0123456789abcdef")})
		for i, part := range [][]byte{whole[:20], whole[20:]} {
			flags := byte(0x80)
			if i == 1 {
				flags = 0
			}
			payload := slices.Concat([]byte{flags, 5, byte(i)}, part)
			plain := appendChunk([]byte{modeStartup}, chunkFragment, payload)
			_, _ = conn.WriteToUDPAddrPort(sealDatagram(nil, 0, b.profile.DefaultCipher(), append(plain, make([]byte, 60)...)), addrB)
		}
		answer := make([]byte, maxDatagram)
		n, _, err := conn.ReadFromUDPAddrPort(answer)
		if err != nil || startupChunk(answer[:n]) != chunkRHello {
			t.Errorf("answered with chunk %#x, %v", startupChunk(answer[:n]), err)
		}
	})
}
