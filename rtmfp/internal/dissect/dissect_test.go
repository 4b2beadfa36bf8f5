package dissect

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"
)

// Bytes put together by hand after the figures of RFC 7016 §2.
var packets = []struct {
	hex  string
	want []string
}{
	{"0b0001 30 0005 02210f07 aa", []string{"startup, timestamp 1", "IHello: EPD (), tag  damaged"}},
	{"03 30 0006 03020f07 aabb", []string{"startup", "IHello: EPD (0f: 07), tag aabb"}},
	{"03 30 0006 03020a07 aabb ff", []string{"startup", "IHello: EPD (0a: 07), tag aabb", "padding of 1 bytes"}},
	{"8d 0001 0002 10 000b 80 02 03 01 02 00 54 00 61 62 63", []string{"initiator, time-critical, timestamp 1, echo 2", `User Data: flow 2, sequence 3, forward −1, whole, option 00 54, data "abc"`}},
	{"42 11 0002 23 78", []string{"responder, time-critical reverse", `Next User Data: end, abandoned, final, data "x"`}},
	{"01 51 0007 02 7f 05 00 00 01 02", []string{"initiator", "Range Ack: flow 2, window 127 KiB, up to 5, 1 missing, 1 there, 2 missing, 3 there"}},
	{"01 50 0005 02 7f 05 05 01", []string{"initiator", "Bitmap Ack: flow 2, window 127 KiB, up to 5, then [00000101 00000001]"}},
	{"03 71 000c 02 aabb 02 c0000201 078f ff ff", []string{"startup", "Redirect: tag aabb, 192.0.2.1:1935 (origin 2), ? damaged"}},
	{"01 0c 0000 4c 0000 01 0001 aa 41 0000", []string{"initiator", "Close", "Close Acknowledgement", "Ping: 1 bytes", "Ping Reply: 0 bytes"}},
	{"01 18 0001 07 5e 0002 07 01", []string{"initiator", "Buffer Probe: flow 7", "Flow Exception: flow 7, code 1"}},
	{"03 7f 0005 80 01 00 aabb ec 0001 07", []string{"startup", "Packet Fragment: more true, packet 1, fragment 0, 2 bytes", "ECN Report: 7"}},
	{"01 22 0001 07", []string{"initiator", "chunk of type 22: 07"}},
	{"01 10 0003 00 01", []string{"initiator", "damaged: 1000030001"}},
	{"", []string{"damaged: empty"}},
}

func TestPackets(t *testing.T) {
	for _, p := range packets {
		b, err := hex.DecodeString(strings.ReplaceAll(p.hex, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		if got := Packet(b); !slices.Equal(got, p.want) {
			t.Errorf("%s:\n%s\nwant\n%s", p.hex, strings.Join(got, "\n"), strings.Join(p.want, "\n"))
		}
	}
}

func FuzzPacket(f *testing.F) {
	for _, p := range packets {
		b, _ := hex.DecodeString(strings.ReplaceAll(p.hex, " ", ""))
		f.Add(b)
	}
	f.Fuzz(func(_ *testing.T, b []byte) { Packet(b) })
}
