package flashcrypto

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/internal/dissect"
	"sundog.dev/sundog/rtmfp/internal/wire"
)

// A recorded session is a text file in testdata/sessions:
//
//	# what it is
//	group 31
//	private …        the initiator's private key in that group, and nobody else's any more
//	> …              a datagram of the initiator, in hexadecimal
//	  startup, …     what is in it, spelled out by package dissect
//	< …              a datagram of the responder
//
// go test ./rtmfp/flashcrypto -run RecordedSessions -record records our own sessions anew, and spells out all of them.
var record = flag.Bool("record", false, "record the golden sessions of our own endpoints anew")

// ownSessions are those that -record makes.
var ownSessions = []struct {
	file, what           string
	group                Group
	initiator, responder Options
}{
	{"peers-31.txt", "two peers, static keys in group 31", Group31, Options{Groups: []Group{Group31}}, Options{Groups: []Group{Group31}}},
	{"service-14.txt", "a peer with a service, whose key in group 14 is ephemeral", Group14, Options{Groups: []Group{Group14}}, Options{Server: true, Groups: []Group{Group14}}},
	{"old-clients-2.txt", "two peers that are there for old clients, group 2, neither HMAC nor sequence numbers", Group2, Options{OldClients: true}, Options{OldClients: true}},
}

// recordedSession is such a file.
type recordedSession struct {
	what      string
	group     Group
	private   []byte
	datagrams []recordedDatagram
}

type recordedDatagram struct {
	fromInitiator bool
	bytes         []byte
	lines         []string // what is in it
}

func (s *recordedSession) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\ngroup %d\nprivate %x\n", s.what, s.group, s.private)
	for _, d := range s.datagrams {
		fmt.Fprintf(&b, "%s %x\n", map[bool]string{true: ">", false: "<"}[d.fromInitiator], d.bytes)
		for _, line := range d.lines {
			fmt.Fprintf(&b, "  %s\n", line)
		}
	}
	return b.String()
}

func parseRecordedSession(text string) (*recordedSession, error) {
	s := &recordedSession{}
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		line := lines.Text()
		if inside, ok := strings.CutPrefix(line, "  "); ok && len(s.datagrams) > 0 {
			last := &s.datagrams[len(s.datagrams)-1]
			last.lines = append(last.lines, inside)
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		var err error
		switch word {
		case "#":
			s.what = rest
		case "group":
			_, err = fmt.Sscan(rest, &s.group)
		case "private":
			s.private, err = hex.DecodeString(rest)
		case ">", "<":
			d := recordedDatagram{fromInitiator: word == ">"}
			d.bytes, err = hex.DecodeString(rest)
			s.datagrams = append(s.datagrams, d)
		default:
			err = fmt.Errorf("what is %q?", line)
		}
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

// reader opens the datagrams of a recorded session, in their order, with nothing but the initiator's private key.
type sessionReader struct {
	t           *testing.T
	group       Group
	private     privateKey
	startup     *packetCipher
	certificate *certificate // the responder's
	component   []byte       // the initiator's
	keys        rtmfp.SessionKeys
	initiatorID uint32
	responderID uint32
}

// open spells out a datagram.
func (r *sessionReader) open(d recordedDatagram) []string {
	id := binary.BigEndian.Uint32(d.bytes)
	for i := 4; i < 12; i += 4 {
		id ^= binary.BigEndian.Uint32(d.bytes[i:])
	}
	line := "startup session"
	if id != 0 {
		line = "session of the responder"
		if id == r.initiatorID {
			line = "session of the initiator"
		} else if id != r.responderID {
			r.t.Errorf("a packet for session %08x", id)
		}
	}
	var plain []byte
	var err error
	opened := false
	if r.keys.Seal != nil && id != 0 {
		cipher := r.keys.Open
		if d.fromInitiator {
			cipher = r.keys.Seal // the same key serves for both
		}
		if plain, err = cipher.Open(nil, d.bytes[4:]); err == nil {
			opened = true
			if s := cipher.(*packetCipher); s.sequence {
				line += fmt.Sprintf(", sequence number %d", s.Sequence())
			}
		}
	}
	if !opened {
		line += ", default key"
		if plain, err = r.startup.Open(nil, d.bytes[4:]); err != nil {
			return []string{line + ", cannot be opened"}
		}
	}
	r.learn(plain)
	return append([]string{line}, dissect.Packet(plain)...)
}

// learn takes what it needs from the chunks of the startup.
func (r *sessionReader) learn(plain []byte) {
	chunks := plain[1:]
	if plain[0]&0x08 != 0 {
		chunks = chunks[2:]
	}
	if plain[0]&0x03 != 3 || len(chunks) < 3 {
		return
	}
	b := chunks[3 : 3+int(binary.BigEndian.Uint16(chunks[1:]))]
	field := func() (f []byte) {
		var err error
		if f, b, err = wire.Bytes(b); err != nil {
			r.t.Fatal(err)
		}
		return f
	}
	switch chunks[0] {
	case 0x70: // RHello
		field()
		field()
		r.certificate = mustParseCertificate(r.t, b)
	case 0x38: // IIKeying
		r.initiatorID, b = binary.BigEndian.Uint32(b), b[4:]
		field()
		field()
		r.component = field()
	case 0x78: // RIKeying
		if r.keys.Seal != nil {
			return
		}
		r.responderID, b = binary.BigEndian.Uint32(b), b[4:]
		skrc := field()
		near, far := mustParseComponent(r.t, r.component), mustParseComponent(r.t, skrc)
		public, err := publicKey(r.certificate, far, r.group)
		if err != nil {
			r.t.Fatal(err)
		}
		secret, err := r.private.shared(public, true)
		if err != nil {
			r.t.Fatal(err)
		}
		r.keys = sessionKeys(secret, near, far, r.component, skrc)
	}
}

// Recorded sessions are opened with the initiator's private key and hold just what is written below each datagram.
func TestRecordedSessionsInWords(t *testing.T) {
	if *record {
		for _, own := range ownSessions {
			synctest.Test(t, func(t *testing.T) {
				s := recordSession(t, own.group, own.initiator, own.responder)
				s.what = own.what
				writeSession(t, filepath.Join("testdata", "sessions", own.file), s)
			})
		}
	}
	files, err := filepath.Glob(filepath.Join("testdata", "sessions", "*.txt"))
	if err != nil || len(files) < len(ownSessions) {
		t.Fatalf("%d recordings, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, err := parseRecordedSession(string(text))
			if err != nil {
				t.Fatal(err)
			}
			r := sessionReader{t: t, group: s.group, private: privateOf(t, s.group, s.private), startup: newDefaultCipher()}
			for i := range s.datagrams {
				d := &s.datagrams[i]
				lines := r.open(*d)
				if got, want := strings.Join(lines, "\n"), strings.Join(d.lines, "\n"); got != want && !*record {
					t.Errorf("datagram %d is\n%s\nand not\n%s", i, got, want)
				}
				d.lines = lines
			}
			if *record {
				writeSession(t, file, s)
			} else if s.String() != string(text) {
				t.Error("the file has more than was understood")
			}
		})
	}
}

func writeSession(t *testing.T, file string, s *recordedSession) {
	t.Helper()
	if err := os.WriteFile(file, []byte(s.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// recordSession has two endpoints hold a session in which most kinds of chunk occur.
func recordSession(t *testing.T, g Group, initiator, responder Options) *recordedSession {
	n := vnet.New(1)
	defer n.Close()
	n.SetDefaultLink(vnet.Link{Latency: 10 * time.Millisecond})
	nearAddr, farAddr := netip.MustParseAddrPort("192.0.2.1:1935"), netip.MustParseAddrPort("192.0.2.2:1935")
	near, nearProfile := recordedEnd(t, n, nearAddr, initiator)
	far, farProfile := recordedEnd(t, n, farAddr, responder)
	s := &recordedSession{group: g, private: privateBytes(t, nearProfile.static[g])}
	var mu sync.Mutex
	lose := false
	n.SetFilter(func(p vnet.Packet) bool {
		mu.Lock()
		defer mu.Unlock()
		s.datagrams = append(s.datagrams, recordedDatagram{fromInitiator: p.From == nearAddr, bytes: bytes.Clone(p.Data)})
		lost := lose && p.From == nearAddr
		lose = lose && !lost
		return !lost
	})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	epd := farProfile.Fingerprint().EPD()
	if responder.Server {
		epd = AncillaryEPD("rtmfp://sundog.example/app")
	}
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	session, err := near.Dial(ctx, epd, farAddr)
	ok(err)
	out, err := session.OpenFlow([]byte("metadata"), rtmfp.FlowOptions{})
	ok(err)
	_, err = out.Write(ctx, []byte("hello"), rtmfp.MessageOptions{})
	ok(err)
	farSession, err := far.Accept(ctx)
	ok(err)
	in, err := farSession.AcceptFlow(ctx)
	ok(err)
	back, err := farSession.OpenFlow([]byte("answer"), rtmfp.FlowOptions{ReturnOf: in, Priority: rtmfp.PriorityAudio})
	ok(err)
	_, err = back.Write(ctx, []byte("and to you"), rtmfp.MessageOptions{})
	ok(err)
	time.Sleep(time.Second)
	mu.Lock()
	lose = true // a gap, and something behind it
	mu.Unlock()
	for _, message := range []string{"lost", "there"} {
		_, err = out.Write(ctx, []byte(message), rtmfp.MessageOptions{})
		ok(err)
		time.Sleep(5 * time.Millisecond)
	}
	time.Sleep(time.Second)
	refused, err := session.OpenFlow([]byte("refuse"), rtmfp.FlowOptions{})
	ok(err)
	_, err = refused.Write(ctx, []byte("x"), rtmfp.MessageOptions{})
	ok(err)
	f, err := farSession.AcceptFlow(ctx)
	ok(err)
	f.Reject(1)
	_ = out.Close()
	time.Sleep(time.Second)
	_ = session.Close()
	<-session.Done()
	n.SetFilter(nil)
	ok(near.Close())
	ok(far.Close())
	return s
}

func recordedEnd(t *testing.T, n *vnet.Network, addr netip.AddrPort, opt Options) (*rtmfp.Endpoint, *Profile) {
	t.Helper()
	conn, err := n.Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	p := newTestProfile(t, opt)
	e, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: p})
	if err != nil {
		t.Fatal(err)
	}
	return e, p
}

// privateBytes is what privateOf makes a private key of.
func privateBytes(t *testing.T, k privateKey) []byte {
	t.Helper()
	switch k := k.(type) {
	case *curve25519Key:
		return k.key.Bytes()
	case *modpKey:
		return k.exponent
	}
	t.Fatalf("a key of type %T", k)
	return nil
}
