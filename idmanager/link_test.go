package idmanager_test

import (
	"crypto/ed25519"
	"errors"
	"image/color"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sundog.dev/sundog/idmanager"
)

var (
	linkKey  = ed25519.PublicKey(strings.Repeat("k\xff", 16))
	linkText = "sundog:Zo%C3%AB%20%3F?v=1&at=rtmfp://phone.example:1935/key&dir=https://phone.example/d&key=" + strings.Repeat("a_9r_2v_", 5) + "a_8"
	linkFull = idmanager.Link{
		Name: "Zoë ?", Identity: linkKey, Rendezvous: "rtmfp://phone.example:1935/key", Directory: "https://phone.example/d",
	}
)

func equalLinks(a, b idmanager.Link) bool {
	return a.Name == b.Name && a.Identity.Equal(b.Identity) && a.Rendezvous == b.Rendezvous && a.Directory == b.Directory && a.PeerID == b.PeerID && a.Room == b.Room
}

func TestLinksAsPeopleSendThem(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want idmanager.Link
	}{
		"whole":                 {linkText, linkFull},
		"upper-case scheme":     {strings.Replace(linkText, "sundog", "SunDog", 1), linkFull},
		"with slashes":          {strings.Replace(linkText, "sundog:", "sundog://", 1), linkFull},
		"in angle brackets":     {" <" + linkText + ">\r\n", linkFull},
		"in quotes":             {"“" + linkText + "”", linkFull},
		"broken by mail":        {linkText[:40] + "\r\n  " + linkText[40:90] + "\n" + linkText[90:], linkFull},
		"unknown parameters":    {linkText + "&colour=red&&x=%00&y", linkFull},
		"with a fragment":       {linkText + "#top", linkFull},
		"nothing escaped":       {"sundog:Zoë B?dir=http://a.example", idmanager.Link{Name: "Zoë B", Directory: "http://a.example"}},
		"all escaped":           {"sundog:%42ob?at=rtmfp%3A%2F%2Fa.example", idmanager.Link{Name: "Bob", Rendezvous: "rtmfp://a.example"}},
		"a plus stands for one": {"sundog:a+b?at=rtmfp://a.example/c+d", idmanager.Link{Name: "a+b", Rendezvous: "rtmfp://a.example/c+d"}},
		"XMPP":                  {"sundog:ann@a.example?dir=xmpp:ann@a.example", idmanager.Link{Name: "ann@a.example", Directory: "xmpp:ann@a.example"}},
		"a peer ID in capitals": {"sundog:B?at=rtmfp://[2001:db8::1]:1935&peer=" + strings.Repeat("AB", 32), idmanager.Link{Name: "B", Rendezvous: "rtmfp://[2001:db8::1]:1935", PeerID: strings.Repeat("ab", 32)}},
		"into a conference":     {"sundog:B?at=rtmfp://a.example&room=AQ-_9", idmanager.Link{Name: "B", Rendezvous: "rtmfp://a.example", Room: "AQ-_9"}},
		"key only":              {"sundog:B?key=" + strings.Repeat("a_9r_2v_", 5) + "a_8", idmanager.Link{Name: "B", Identity: linkKey}},
	} {
		got, err := idmanager.ParseLink(tt.text)
		if err != nil || !equalLinks(got, tt.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if got := linkFull.String(); got != linkText {
		t.Errorf("written as %s, want %s", got, linkText)
	}
}

func TestLinksThatAreRefused(t *testing.T) {
	at := "?at=rtmfp://a.example"
	for name, text := range map[string]string{
		"nothing":                 "",
		"another scheme":          "https://a.example",
		"no scheme":               "Bob",
		"no name":                 "sundog:" + at,
		"a name of spaces":        "sundog:%20" + at,
		"a space at the end":      "sundog:Bob " + at,
		"a name too long":         "sundog:" + strings.Repeat("x", idmanager.MaxName+1) + at,
		"a line break in it":      "sundog:Bob%0A" + at,
		"a name written backward": "sundog:%E2%80%AEboB" + at,
		"broken UTF-8":            "sundog:%FF" + at,
		"a broken escape":         "sundog:%4" + at,
		"nowhere to look":         "sundog:Bob",
		"a short key":             "sundog:Bob?key=abcd",
		"a key in another code":   "sundog:Bob?key=" + strings.Repeat("+", 43),
		"no conference":           "sundog:Bob" + at + "&room=a%20b",
		"a long conference":       "sundog:Bob" + at + "&room=" + strings.Repeat("a", 1601),
		"half a peer ID":          "sundog:Bob" + at + "&peer=abcd",
		"a service elsewhere":     "sundog:Bob?at=http://a.example",
		"no host":                 "sundog:Bob?at=rtmfp:///key",
		"a password":              "sundog:Bob?dir=https://u:p@a.example",
		"a script":                "sundog:Bob?dir=javascript:alert(1)",
		"a file":                  "sundog:Bob?dir=file:///etc/passwd",
		"the same twice":          "sundog:Bob" + at + "&at=rtmfp://b.example",
		"a version to come":       "sundog:Bob" + at + "&v=2",
		"a version that is none":  "sundog:Bob" + at + "&v=one",
		"too long":                "sundog:Bob" + at + "&x=" + strings.Repeat("x", 2048),
		"too many parts":          "sundog:Bob" + at + strings.Repeat("&", 40),
		"too long if written":     "sundog:" + strings.Repeat("ä", 127) + at + "/" + strings.Repeat("ä", 110) + "&dir=http://a.example/" + strings.Repeat("ä", 110),
	} {
		l, err := idmanager.ParseLink(text)
		var le *idmanager.LinkError
		if !errors.As(err, &le) {
			t.Errorf("%s: %+v, %v, want a LinkError", name, l, err)
		} else if le.Newer != (name == "a version to come") {
			t.Errorf("%s: Newer is %v", name, le.Newer)
		}
	}
}

func TestALinkPinsWhoAnswers(t *testing.T) {
	other := ed25519.PublicKey(strings.Repeat("o", 32))
	for _, tt := range []struct {
		link, record ed25519.PublicKey
		want         error
	}{
		{linkKey, linkKey, nil},
		{linkKey, other, idmanager.ErrOtherIdentity},
		{linkKey, nil, idmanager.ErrOtherIdentity},
		{nil, other, nil},
		{nil, nil, nil},
	} {
		l := idmanager.Link{Name: "Bob", Identity: tt.link}
		if err := l.Check(idmanager.Record{Name: "Bob", Identity: tt.record}); !errors.Is(err, tt.want) {
			t.Errorf("link %x, record %x: %v", tt.link, tt.record, err)
		}
	}
}

func TestEveryLinkThatCanBeMadeCanBeRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := idmanager.Link{Name: rapid.String().Draw(t, "name")}
		if rapid.Bool().Draw(t, "has a key") {
			l.Identity = rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key")
		}
		l.Rendezvous = rapid.SampledFrom([]string{"", "rtmfp://a.example", "rtmfp://[fe80::1]:1935/a&b?c=d+e%20", "rtmfp://ä.example/ä"}).Draw(t, "at")
		l.Directory = rapid.SampledFrom([]string{"", "https://a.example/reg.cgi?x=1&y=2", "xmpp:me@a.example"}).Draw(t, "dir")
		if l.Valid() != nil {
			return
		}
		for _, text := range []string{l.String(), "<" + l.String() + ">"} {
			if got, err := idmanager.ParseLink(text); err != nil || !equalLinks(got, l) {
				t.Fatalf("%+v becomes %s, and that %+v, %v", l, text, got, err)
			}
		}
	})
}

func FuzzParseLink(f *testing.F) {
	f.Add(linkText)
	f.Add("sundog:Bob?at=rtmfp://a.example&v=1&&x=%zz")
	f.Add("<SUNDOG://a@b/?dir=xmpp:a@b#c>")
	f.Add("sundog:B?at=rtmfp://[::1%25eth0]:1&peer=" + strings.Repeat("AB", 32))
	f.Fuzz(func(t *testing.T, s string) {
		l, err := idmanager.ParseLink(s)
		if err != nil {
			var le *idmanager.LinkError
			if !errors.As(err, &le) {
				t.Fatalf("%v is no LinkError", err)
			}
			return
		}
		again, err := idmanager.ParseLink(l.String())
		if err != nil || !equalLinks(l, again) {
			t.Fatalf("%q is %+v; written as %q it is %+v, %v", s, l, l.String(), again, err)
		}
	})
}

func TestTheCodeOfALink(t *testing.T) {
	code, err := linkFull.QR()
	if err != nil {
		t.Fatal(err)
	}
	if code.Size < 21 || code.Size > 57 || code.Size%4 != 1 {
		t.Errorf("a side of %d modules", code.Size)
	}
	finder := []string{"#######.", "#.....#.", "#.###.#.", "#.###.#.", "#.###.#.", "#.....#.", "#######.", "........"} // ISO/IEC 18004 §5.3.2
	img := code.Image(3, color.Black, color.White)
	if side := 3 * (code.Size + 2*idmanager.QuietZone); img.Bounds().Dx() != side || img.Bounds().Dy() != side {
		t.Fatalf("the picture is %v, want a side of %d", img.Bounds(), side)
	}
	for y, row := range finder {
		for x, c := range row {
			if code.Dark(x, y) != (c == '#') {
				t.Errorf("module %d,%d of the finder pattern is wrong", x, y)
			}
			for _, d := range []int{0, 2} {
				if dark := img.ColorIndexAt(3*(x+idmanager.QuietZone)+d, 3*(y+idmanager.QuietZone)+d) == 1; dark != (c == '#') {
					t.Errorf("pixel of module %d,%d is wrong", x, y)
				}
			}
		}
	}
	for i := range img.Bounds().Dx() {
		for j := range 3 * idmanager.QuietZone {
			if img.ColorIndexAt(i, j) != 0 || img.ColorIndexAt(j, i) != 0 {
				t.Fatal("something is drawn in the quiet zone")
			}
		}
	}
	if _, err := (idmanager.Link{}).QR(); err == nil {
		t.Error("an empty link has a code")
	}
}

func TestALongLinkHasACodeToo(t *testing.T) {
	l := idmanager.Link{Name: strings.Repeat("ä", 127), Identity: linkKey, Rendezvous: "rtmfp://a.example/" + strings.Repeat("x", 200), Directory: "https://a.example/" + strings.Repeat("y", 200)}
	code, err := l.QR()
	if err != nil || code.Size > 177 {
		t.Errorf("%d modules, %v", code.Size, err)
	}
}
