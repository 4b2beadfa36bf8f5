package mesh

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"sundog.dev/sundog/rtmfp/amf"
)

const testCall = "00112233445566778899aabbccddeeff"

func sampleSignals() []signal {
	return []signal{
		{kind: sigHello, version: 1, name: "Ada Lovelace", capabilities: "opus h264", epoch: time.UnixMilli(1_700_000_000_123)},
		{kind: sigInvite, call: testCall, name: "Žofie 🦊", age: 1500 * time.Millisecond},
		{kind: sigRinging, call: testCall},
		{kind: sigAccept, call: testCall},
		{kind: sigReject, call: testCall, reason: Busy},
		{kind: sigCancel, call: testCall},
		{kind: sigBye, call: testCall, reason: Hangup},
		{kind: sigOK, call: testCall},
		{kind: sigResume, call: testCall},
		{kind: sigKeyFrame, call: testCall},
		{kind: sigProof, message: bytes.Repeat([]byte{1, 0xab}, 49)},
		{kind: sigCompare, call: testCall, message: bytes.Repeat([]byte{2, 0xcd}, 83)},
		{kind: sigCompare, call: testCall, message: []byte{}},
	}
}

func TestSignalsComeBackAsTheyWere(t *testing.T) {
	for _, s := range sampleSignals() {
		b, err := s.append(nil)
		if err != nil {
			t.Fatalf("%s: %v", s.kind, err)
		}
		got, err := parseSignal(b)
		if err != nil || !reflect.DeepEqual(got, s) {
			t.Errorf("%s: %+v, %v; want %+v", s.kind, got, err, s)
		}
	}
}

func TestSignalsOfLaterVersionsAreRead(t *testing.T) {
	b, err := amf.AppendAMF0(nil, "accept", testCall, "something new", 7.0)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := parseSignal(b); err != nil || s.kind != sigAccept {
		t.Errorf("values behind those that we know: %+v, %v", s, err)
	}
	if b, err = amf.AppendAMF0(nil, "hold", testCall); err != nil {
		t.Fatal(err)
	}
	if _, err := parseSignal(b); !errors.Is(err, errUnknownSignal) {
		t.Errorf("an unknown kind: %v", err)
	}
}

func TestMalformedSignalsAreRefused(t *testing.T) {
	for name, values := range map[string][]amf.Value{
		"nothing":                   {},
		"a number for a kind":       {1.0, testCall},
		"no call":                   {"accept"},
		"a short call":              {"accept", "0011"},
		"a call in capitals":        {"accept", strings.ToUpper(testCall)},
		"a call that is no hex":     {"accept", strings.Repeat("x", 32)},
		"reject without a reason":   {"reject", testCall},
		"sending with numbers":      {"sending", testCall, 1.0, 0.0},
		"hello without an epoch":    {"hello", "", 1.0, "ada", ""},
		"an epoch before all time":  {"hello", "", 1.0, "ada", "", -1.0},
		"a version beyond numbers":  {"hello", "", 1e300, "ada", "", 0.0},
		"too many capabilities":     {"hello", "", 1.0, "ada", strings.Repeat("x", maxCapabilities+1), 0.0},
		"an invite of negative age": {"invite", testCall, "ada", -5.0},
		"a proof that is no hex":    {"proof", "", "xyz"},
		"a proof that is too long":  {"proof", "", strings.Repeat("00", maxTrustMessage+1)},
		"a proof of half a byte":    {"proof", "", "012"},
		"compare without a call":    {"compare", "", "00"},
		"compare without a message": {"compare", testCall},
		"an invite too long":        {"invite", testCall, strings.Repeat("x", maxSignal), 0.0},
	} {
		b, err := amf.AppendAMF0(nil, values...)
		if err != nil {
			t.Fatal(err)
		}
		if s, err := parseSignal(b); err == nil {
			t.Errorf("%s: taken as %+v", name, s)
		}
	}
}

func TestNamesFromTheNetworkAreFitToBeShown(t *testing.T) {
	for in, want := range map[string]string{
		"Ada":                    "Ada",
		"Zoë Ångström":           "Zoë Ångström",
		"line\nbreak\x00":        "linebreak",
		"\u202eevil\u202c":       "evil", // would turn the direction of writing
		"broken \xff\xfe bytes":  "broken bytes",
		" Ada\u2009 Lovelace  ":  "Ada Lovelace", // names that look the same are the same
		"Ad\u3164a\ufe0f\u2800":  "Ada",
		"Zoe\u0308":              "Zoë",
		"Zoe\u034f\u0308":        "Zoë",
		"\u3164":                 "",
		strings.Repeat("é", 500): strings.Repeat("é", maxName),
	} {
		if got := tidyName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestReasonsOfTheFarEndAreTakenForWhatTheyMayMean(t *testing.T) {
	for r, want := range map[Reason]Reason{Busy: Busy, Declined: Declined, NoAnswer: NoAnswer, Blocked: Blocked, UnknownName: Declined, "rubbish": Declined, IdentityChanged: IdentityChanged, wireSameKey: IdentityChanged, wireProofRefused: IdentityChanged} {
		if got := rejectReason(r); got != want {
			t.Errorf("reject %q: %q, want %q", r, got, want)
		}
	}
	for r, want := range map[Reason]Reason{Hangup: Hangup, PeerLost: PeerLost, Removed: Removed, Busy: Hangup, "": Hangup, Blocked: Blocked, IdentityChanged: IdentityChanged, wireSameKey: IdentityChanged, wireProofRefused: IdentityChanged} {
		if got := byeReason(r); got != want {
			t.Errorf("bye %q: %q, want %q", r, got, want)
		}
	}
}

func FuzzParseSignal(f *testing.F) {
	for _, s := range sampleSignals() {
		b, err := s.append(nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := parseSignal(b)
		if err != nil {
			return
		}
		if utf8.RuneCountInString(s.name) > maxName || len(s.capabilities) > maxCapabilities || len(b) > maxSignal {
			t.Fatalf("beyond its bounds: %+v", s)
		}
		if s.hasCall() && !isCallID(s.call) {
			t.Fatalf("not a call: %q", s.call)
		}
		if s.age < 0 {
			t.Fatalf("negative age: %v", s.age)
		}
		if len(s.message) > maxTrustMessage {
			t.Fatalf("a message of %d bytes", len(s.message))
		}
		if !s.hasCall() {
			s.call = "" // not ours to repeat
		}
		again, err := s.append(nil)
		if err != nil {
			t.Fatalf("cannot be said again: %v", err)
		}
		if back, err := parseSignal(again); err != nil || !reflect.DeepEqual(back, s) {
			t.Fatalf("said again: %+v, %v; was %+v", back, err, s)
		}
	})
}
