package rtmfp

import (
	"bytes"
	"encoding/hex"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// The figures of RFC 7016 §2.3.13 and §2.3.14.
func TestAcknowledgementFigures(t *testing.T) {
	for _, c := range []struct {
		name   string
		chunk  string
		ranges []seqRange
	}{
		{"figure 4, bitmap", "50 00 05 05 7f 10 79 06", []seqRange{{18, 18}, {21, 24}, {27, 28}}},
		{"figure 5, ranges", "51 00 07 05 7f 10 00 00 01 03", []seqRange{{18, 18}, {21, 24}}},
		{"figure 6, cut off", "51 00 07 05 7f 10 00 00 01 83", []seqRange{{18, 18}}},
	} {
		b := unhex(c.chunk)
		ack, err := parseAck(b[3:], b[0] == chunkAckBitmap)
		if err != nil {
			t.Fatal(c.name, err)
		}
		if ack.flow != 5 || ack.window != 127*1024 || ack.cumulative != 16 {
			t.Errorf("%s: %+v", c.name, ack)
		}
		var got []seqRange
		ack.eachRange(func(r seqRange) { got = append(got, r) })
		if !slices.Equal(got, c.ranges) {
			t.Errorf("%s: %v, want %v", c.name, got, c.ranges)
		}
	}
	set := sequenceSet{cumulative: 16, beyond: []seqRange{{18, 18}, {21, 24}}}
	more := sequenceSet{cumulative: 16, beyond: []seqRange{{18, 18}, {21, 24}, {27, 28}}}
	for _, c := range []struct {
		name    string
		set     *sequenceSet
		room    int
		bitmaps bool
		want    string
		whole   bool
	}{
		{"ranges", &set, 100, false, "51 00 07 05 7f 10 00 00 01 03", true},
		{"the shorter kind", &set, 100, true, "50 00 04 05 7f 10 79", true},
		{"a longer bitmap", &more, 100, true, "50 00 05 05 7f 10 79 06", true},
		{"cut off", &set, 9, false, "51 00 05 05 7f 10 00 00", false},
		{"a bitmap fits where ranges do not", &set, 7, true, "50 00 04 05 7f 10 79", true},
		{"too little room", &set, 5, false, "", false},
		{"nothing beyond a gap", &sequenceSet{cumulative: 16}, 100, true, "51 00 03 05 7f 10", true},
		{"a wide gap", &sequenceSet{cumulative: 16, beyond: []seqRange{{1 << 40, 1 << 41}}}, 100, true, "51 00 0f 05 7f 10 9fffffffff6e a08080808000", true},
	} {
		if b, whole := appendAck(nil, c.room, 5, 127, c.set, c.bitmaps); !bytes.Equal(b, unhex(c.want)) || whole != c.whole {
			t.Errorf("%s: encoded as %x, %v", c.name, b, whole)
		}
	}
}

// Figure 3: three messages in one packet.
func TestUserDataFigure(t *testing.T) {
	b := unhex("10 00 07 00 02 05 03 00 01 02  11 00 04 00 03 04 05  11 00 04 00 06 07 08")
	var got []userData
	var c userData
	for rest := b; ; {
		typ, payload, next, ok := nextChunk(rest)
		if !ok {
			break
		}
		var err error
		if typ == chunkUserData {
			c, err = parseUserData(payload)
		} else {
			c, err = parseNextUserData(payload, c)
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, c)
		rest = next
	}
	for i, c := range got {
		want := userData{flow: 2, seq: 5 + uint64(i), fsn: 2, data: []byte{byte(3 * i), byte(3*i + 1), byte(3*i + 2)}}
		if !reflect.DeepEqual(c, want) {
			t.Errorf("chunk %d: %+v, want %+v", i, c, want)
		}
	}
	var made []byte
	for i, c := range got {
		made = appendUserData(made, &dataHeader{flow: c.flow, seq: c.seq, fsn: c.fsn, next: i > 0}, c.data)
	}
	if !bytes.Equal(made, b) {
		t.Errorf("encoded %x", made)
	}
}

func TestUserDataThatIsMalformed(t *testing.T) {
	for name, s := range map[string]string{
		"empty":                         "",
		"number zero":                   "02 05 00 00",
		"FSN beyond the number":         "00 05 03 04",
		"FSN equal and not abandoned":   "00 05 03 00",
		"number beyond all sense":       "02 05 ffffffffffffffffff7f 01",
		"options without end":           "80 05 03 01 05 00 41",
		"an option's number is cut off": "80 05 03 01 01 80 00",
	} {
		if c, err := parseUserData(unhex(s)); err == nil {
			t.Errorf("%s: parsed as %+v", name, c)
		}
	}
}

func TestStartupChunksComeBack(t *testing.T) {
	addr4, addr6 := netip.MustParseAddrPort("192.0.2.7:700"), netip.MustParseAddrPort("[2001:db8::7]:701")
	payload := func(b []byte) []byte { _, p, _, _ := nextChunk(b); return p }
	sign := func(b []byte) []byte { return append([]byte("signed"), byte(len(b))) }
	if c, err := parseIHello(payload(appendIHello(nil, ihello{[]byte("epd"), []byte("tag")}))); err != nil ||
		string(c.epd) != "epd" || string(c.tag) != "tag" {
		t.Error(c, err)
	}
	for _, a := range []netip.AddrPort{addr4, addr6} {
		if c, err := parseFIHello(payload(appendFIHello(nil, fihello{[]byte("epd"), a, []byte("tag")}))); err != nil ||
			string(c.epd) != "epd" || c.replyTo != a || string(c.tag) != "tag" {
			t.Error(c, err)
		}
	}
	if c, err := parseRHello(payload(appendRHello(nil, rhello{[]byte("tag"), []byte("cookie"), []byte("cert")}))); err != nil ||
		string(c.tag) != "tag" || string(c.cookie) != "cookie" || string(c.certificate) != "cert" {
		t.Error(c, err)
	}
	list := []Address{{addr4, OriginObserved}, {addr6, OriginReported}}
	if c, err := parseRedirect(payload(appendRedirect(nil, redirect{[]byte("tag"), list}))); err != nil ||
		string(c.tag) != "tag" || !slices.Equal(c.destinations, list) {
		t.Error(c, err)
	}
	ii := iikeying{sessionID: 0xdeadbeef, cookie: []byte("cookie"), certificate: []byte("cert"), component: []byte("skic")}
	if c, err := parseIIKeying(payload(appendIIKeying(nil, ii, sign))); err != nil || c.sessionID != ii.sessionID ||
		string(c.cookie) != "cookie" || string(c.certificate) != "cert" || string(c.component) != "skic" ||
		!bytes.Equal(c.signature, sign(c.signed)) {
		t.Errorf("%+v %v", c, err)
	}
	ri := rikeying{sessionID: 7, component: []byte("skrc")}
	if c, err := parseRIKeying(payload(appendRIKeying(nil, ri, []byte("skic"), sign))); err != nil || c.sessionID != 7 ||
		string(c.component) != "skrc" || !bytes.Equal(c.signature, sign(signedRIKeying(c.portion, []byte("skic")))) {
		t.Errorf("%+v %v", c, err)
	}
	if c, err := parseCookieChange(payload(appendCookieChange(nil, cookieChange{[]byte("old"), []byte("new")}))); err != nil ||
		string(c.old) != "old" || string(c.new) != "new" {
		t.Error(c, err)
	}
}

func TestHeader(t *testing.T) {
	for _, h := range []header{
		{flags: modeStartup},
		{flags: modeInitiator | flagTimestamp, timestamp: 0x1234},
		{flags: modeResponder | flagTimestampEcho | flagTimeCritical, timestampEcho: 7},
		{flags: modeResponder | flagTimestamp | flagTimestampEcho | flagTimeCriticalReverse, timestamp: 1, timestampEcho: 2},
	} {
		b := appendHeader(nil, h)
		got, rest, err := parseHeader(append(b, 'x'))
		if err != nil || got != h || string(rest) != "x" {
			t.Errorf("%+v came back as %+v, %q, %v", h, got, rest, err)
		}
		for i := range b {
			if _, _, err := parseHeader(b[:i]); err == nil {
				t.Errorf("%+v parsed from %d bytes", h, i)
			}
		}
	}
	if _, _, err := parseHeader([]byte{flagTimeCritical}); err == nil {
		t.Error("mode 0 is forbidden")
	}
}

func TestSessionIDScramble(t *testing.T) {
	c := (&testProfile{}).DefaultCipher()
	if id := sessionID(sealDatagram(nil, 0x01020304, c, []byte("plain"))); id != 0x01020304 {
		t.Errorf("%08x", id)
	}
	// Short packets count as padded with zeros.
	if id := sessionID(unhex("00000000 01020304 0506")); id != 0x01020304^0x05060000 {
		t.Errorf("%08x", id)
	}
}
