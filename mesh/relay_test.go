package mesh

import (
	"strings"
	"testing"

	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
)

func TestRelayHasExactlyThreeArguments(t *testing.T) {
	id := flash.PeerID{0xab, 31: 0x01}
	got := relayArguments(id, sigInvite, "ada")
	if len(got) != 3 || got[0] != "ab"+strings.Repeat("00", 30)+"01" || got[1] != "invite" || got[2] != "ada" {
		t.Errorf("%v", got)
	}
}

func TestRelayedSignals(t *testing.T) {
	id := strings.Repeat("aB", 32)
	for name, tc := range map[string]struct {
		command string
		args    []amf.Value
		want    signalKind // "" for refused
	}{
		"an invite":           {"onRelay", []amf.Value{id, "invite", "ada"}, sigInvite},
		"an ok":               {"onRelay", []amf.Value{id, "ok", "ada"}, sigOK},
		"more than we know":   {"onRelay", []amf.Value{id, "bye", "ada", 1.0}, sigBye},
		"another command":     {"onStatus", []amf.Value{id, "invite", "ada"}, ""},
		"an unknown action":   {"onRelay", []amf.Value{id, "explode", "ada"}, ""},
		"our own signal":      {"onRelay", []amf.Value{id, "resume", "ada"}, ""},
		"no name":             {"onRelay", []amf.Value{id, "invite"}, ""},
		"a short peer ID":     {"onRelay", []amf.Value{id[:62], "invite", "ada"}, ""},
		"a peer ID of others": {"onRelay", []amf.Value{amf.Object{}, "invite", "ada"}, ""},
	} {
		r, ok := parseRelayed(flash.Invocation{Command: tc.command, Args: tc.args})
		if ok != (tc.want != "") || r.action != tc.want {
			t.Errorf("%s: %+v, %v", name, r, ok)
		}
		if ok && r.from.String() != strings.ToLower(id) {
			t.Errorf("%s: from %s", name, r.from)
		}
	}
}

func FuzzParseRelayed(f *testing.F) {
	b, err := amf.AppendAMF0(nil, strings.Repeat("ab", 32), "invite", "ada")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		args, err := amf.DecodeAMF0(b)
		if err != nil {
			return
		}
		if r, ok := parseRelayed(flash.Invocation{Command: relayedCommand, Args: args}); ok && len([]rune(r.name)) > maxName {
			t.Fatalf("name of %d runes", len([]rune(r.name)))
		}
	})
}
