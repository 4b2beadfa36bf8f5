package v1

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"sundog.dev/sundog/idmanager"
)

func TestNormalNames(t *testing.T) {
	for in, want := range map[string]string{
		"Ann": "Ann", "  Ann \t Lee ": "Ann Lee", "Zoe\u0308": "Zoë", "李雷": "李雷", "❤\ufe0f": "❤\ufe0f", strings.Repeat("x", 255): strings.Repeat("x", 255),
	} {
		if got, err := Normalise(in); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
	for what, in := range map[string]string{
		"nothing": "", "spaces": " \t\n", "a control character": "A\x07", "right to left": "A\u202eb", "an invisible letter": "A\u200db",
		"a soft hyphen": "A\u00adb", "a filler": "\u3164", "bad UTF-8": "A\xff", "the sign for it": "A\ufffd", "too long": strings.Repeat("x", 256),
		"private use": "\ue000", "unassigned": "\U000e0fff",
	} {
		if got, err := Normalise(in); !errors.Is(err, ErrBadName) {
			t.Errorf("%s: %q, %v", what, got, err)
		}
	}
}

func TestNamesThatAreOne(t *testing.T) {
	for _, pair := range [][2]string{
		{"Ann", "aNN"}, {"Zoë", "ZOE\u0308"}, {"Straße", "STRASSE"}, {"Σίσυφος", "ΣΊΣΥΦΟΣ"}, {"A  b", " a B"}, {"❤", "❤\ufe0f"}, {"\u1fb3", "\u0391\u0399"},
	} {
		if !SameName(pair[0], pair[1]) {
			t.Errorf("%q and %q are two", pair[0], pair[1])
		}
	}
	for _, pair := range [][2]string{{"Ann", "Anna"}, {"Zoë", "Zoe"}, {"a", "а" /* Cyrillic */}, {"", " "}, {"\x00", "\x01"}} {
		if SameName(pair[0], pair[1]) {
			t.Errorf("%q and %q are one", pair[0], pair[1])
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Ann", " Zoë\u0308  STRAẞE", "\u1fb3\u0345", "ﬃ", "İ", "❤\ufe0f", "\ufe0f", "\xff", "\u0345\u0308a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, err := Normalise(s)
		if err != nil {
			if _, err := Fold(s); err == nil {
				t.Fatalf("%q has a key and no normal form", s)
			}
			return
		}
		if again, err := Normalise(name); err != nil || again != name {
			t.Fatalf("%q is normal, and becomes %q, %v", name, again, err)
		}
		key, err := Fold(s)
		if err != nil {
			return
		}
		if other, err := Fold(name); err != nil || other != key {
			t.Fatalf("%q and its normal form have the keys %q and %q, %v", s, key, other, err)
		}
		if again, err := Fold(key); err == nil && again != key {
			t.Fatalf("%q folds to %q, and that to %q", s, key, again)
		}
	})
}

func TestARegistrationSurvivesJSON(t *testing.T) {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	reg, err := idmanager.Sign(key, idmanager.Record{Name: "Zoë", PeerID: strings.Repeat("ab", 32), Rendezvous: "rtmfp://a.example"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(FromRegistration(reg))
	if err != nil {
		t.Fatal(err)
	}
	var back Registration
	if err := Decode(b, &back); err != nil {
		t.Fatal(err)
	}
	got, err := back.Verify()
	if err != nil || !got.Record().Equal(reg.Record()) {
		t.Errorf("%+v, %v", got, err)
	}
	back.Name = "Zoe\u0308"
	if _, err := back.Verify(); !errors.Is(err, ErrBadName) {
		t.Errorf("another form of the name: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"name":"Ann","identity":"` + strings.Repeat("A", 43) + `","time":1,"nonce":"` + strings.Repeat("A", 22) + `","signature":"` + strings.Repeat("A", 86) + `"}`))
	f.Add([]byte(`{"names":[{"name":"Ann","state":"here","registration":{}}]}`))
	f.Add([]byte(`{"api":1,"instances":[{"id":"x","http":"http://x"}]}`))
	f.Add([]byte(`{"error":"x","message":"y","time":1,"retry_after_seconds":-5}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, into := range []any{new(Unregister), new(Registration), new(Names), new(Directory), new(Error), new(Watch), new(Relay), new(RelayRequest)} {
			if Decode(body, into) != nil {
				continue
			}
			b, err := json.Marshal(into)
			if err != nil {
				t.Fatal(err)
			}
			back := reflect.New(reflect.TypeOf(into).Elem()).Interface()
			if err := Decode(b, back); err != nil {
				t.Fatalf("%s became %s: %v", body, b, err)
			}
			if r, ok := into.(*Registration); ok {
				if _, err := r.Verify(); err == nil {
					t.Fatal("forged")
				}
			}
			if e, ok := into.(*Error); ok && e.RetryAfter() < 0 {
				t.Fatal("wait for the past")
			}
		}
	})
}

func TestAStreamIsRead(t *testing.T) {
	stream := "\xef\xbb\xbfretry: 1500\r\n\r\n: hello\n\nevent: name\ndata: {}\n\nevent: x\r: inside\rdata:1\rdata: 2\r\rdata\n\nid: 7\nother: y\ndata: z\n\nevent: lost\n\nretry: x\n\ndata: cut off\n"
	want := []Event{
		{Retry: 1500 * time.Millisecond},
		{},
		{Kind: "name", Data: []byte("{}")},
		{Kind: "x", Data: []byte("1\n2")},
		{Data: []byte{}},
		{Data: []byte("z")},
	}
	for what, r := range map[string]io.Reader{"at once": strings.NewReader(stream), "byte by byte": iotest.OneByteReader(strings.NewReader(stream))} {
		reader := NewEventReader(r)
		for i, w := range want {
			if e, err := reader.Next(); err != nil || e.Kind != w.Kind || !bytes.Equal(e.Data, w.Data) || e.Retry != w.Retry {
				t.Errorf("%s: event %d is %q %q %v, %v; want %q %q", what, i, e.Kind, e.Data, e.Retry, err, w.Kind, w.Data)
			}
		}
		if e, err := reader.Next(); !errors.Is(err, io.EOF) {
			t.Errorf("%s: after the end %q, %v", what, e, err)
		}
	}
	for what, s := range map[string]string{
		"an endless line":  "data: " + strings.Repeat("x", 2*maxLine),
		"an endless event": strings.Repeat("data: "+strings.Repeat("x", 1000)+"\n", 100),
	} {
		if e, err := NewEventReader(strings.NewReader(s)).Next(); !errors.Is(err, ErrBadStream) {
			t.Errorf("%s: %d bytes, %v", what, len(e.Data), err)
		}
	}
}

func FuzzEventReader(f *testing.F) {
	f.Add([]byte("retry: 1\n\n: c\n\nevent: name\ndata: {}\n\n"))
	f.Add([]byte("\xef\xbb\xbfdata\r\rdata:x\r\n\r\n"))
	f.Add(AppendEvent(nil, EventName, Name{Name: "Ann", State: Away}))
	f.Fuzz(func(t *testing.T, stream []byte) {
		r := NewEventReader(bytes.NewReader(stream))
		for range len(stream) + 2 {
			e, err := r.Next()
			if err != nil {
				return
			}
			if len(e.Data) > 2*maxLine || e.Retry < 0 {
				t.Fatalf("%d bytes, %v", len(e.Data), e.Retry)
			}
		}
		t.Fatal("more events than bytes")
	})
}
