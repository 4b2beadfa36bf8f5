package rtmfp

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

type recordedHex []byte

func (h *recordedHex) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

// recorded is what other programs (librtmfp of 2021, MonaServer of 2018, rtmfp-cpp's of 2025) sent to our endpoints and to
// each other, decrypted: packets of startup, and the first ones of sessions.
type recorded struct {
	Startup []struct {
		What  string
		Plain recordedHex
	}
	Sessions []struct {
		What    string
		Packets []recordedHex
	}
}

func readRecorded(t *testing.T) (r recorded) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "recorded.json"))
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Startup packets of other programs are read, and written again just so.
func TestRecordedStartupPackets(t *testing.T) {
	kinds := make(map[byte]int)
	for _, p := range readRecorded(t).Startup {
		h, chunks, err := parseHeader(p.Plain)
		if err != nil || h.mode() != modeStartup {
			t.Fatalf("%s: header %+v, %v", p.What, h, err)
		}
		typ, payload, padding, ok := nextChunk(chunks)
		if !ok || len(bytes.Trim(padding, "\xff")) != 0 {
			t.Fatalf("%s: no chunk with padding behind it: %x", p.What, chunks)
		}
		again, err := rewriteStartupChunk(typ, payload)
		if want := chunks[:len(chunks)-len(padding)]; err != nil || !bytes.Equal(again, want) {
			t.Errorf("%s: written again it is %x, %v; want %x", p.What, again, err, want)
		}
		kinds[typ]++
	}
	for _, typ := range []byte{chunkIHello, chunkRHello, chunkIIKeying, chunkRIKeying, chunkRedirect} {
		if kinds[typ] == 0 {
			t.Errorf("there is no recording of chunk type %#x", typ)
		}
	}
}

func rewriteStartupChunk(typ byte, payload []byte) ([]byte, error) {
	switch typ {
	case chunkIHello:
		c, err := parseIHello(payload)
		return appendIHello(nil, c), err
	case chunkRHello:
		c, err := parseRHello(payload)
		return appendRHello(nil, c), err
	case chunkRedirect:
		c, err := parseRedirect(payload)
		return appendRedirect(nil, c), err
	case chunkIIKeying:
		c, err := parseIIKeying(payload)
		return appendIIKeying(nil, c, func([]byte) []byte { return c.signature }), err
	case chunkRIKeying:
		c, err := parseRIKeying(payload)
		return appendRIKeying(nil, c, nil, func([]byte) []byte { return c.signature }), err
	}
	return nil, errMalformed
}

// Session packets of other programs are read whole.
func TestRecordedSessionPackets(t *testing.T) {
	kinds := make(map[byte]int)
	for _, s := range readRecorded(t).Sessions {
		for n, p := range s.Packets {
			h, chunks, err := parseHeader(p)
			if err != nil || h.mode() == modeStartup {
				t.Fatalf("%s, packet %d: header %+v, %v", s.What, n, h, err)
			}
			var data userData
			for {
				typ, payload, rest, ok := nextChunk(chunks)
				if !ok {
					break
				}
				chunks = rest
				kinds[typ]++
				switch typ {
				case chunkUserData:
					data, err = parseUserData(payload)
				case chunkNextUserData:
					data, err = parseNextUserData(payload, data)
				case chunkAckRanges, chunkAckBitmap:
					_, err = parseAck(payload, typ == chunkAckBitmap)
				case chunkFIHello:
					_, err = parseFIHello(payload)
				}
				if err != nil {
					t.Errorf("%s, packet %d: chunk %#x %x: %v", s.What, n, typ, payload, err)
				}
			}
			if len(bytes.Trim(chunks, "\xff")) != 0 {
				t.Errorf("%s, packet %d: %x is left", s.What, n, chunks)
			}
		}
	}
	for _, typ := range []byte{chunkUserData, chunkNextUserData, chunkAckRanges, chunkFIHello, chunkPingReply, chunkClose, chunkCloseAck} {
		if kinds[typ] == 0 {
			t.Errorf("there is no recording of chunk type %#x", typ)
		}
	}
}
