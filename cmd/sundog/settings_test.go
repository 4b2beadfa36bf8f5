package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"sundog.dev/sundog/app"
	"sundog.dev/sundog/internal/identityfile"
	"sundog.dev/sundog/internal/phone"
	"sundog.dev/sundog/internal/profile"
)

func TestAListOfDirectoriesIsReadAndWritten(t *testing.T) {
	for list, want := range map[string]string{
		"":                                    "lan,service",
		"lan":                                 "lan,service",
		"service":                             "service",
		",":                                   "service",
		"http://example.org:8035":             "http://example.org:8035",
		"lan, service ,xmpp:anna@example.org": "lan,service,xmpp:anna@example.org",
		"https://a.example,https://b.example,lan":    "lan,https://a.example,https://b.example",
		"xmpp:a@example.org?host=h,xmpp:b@c.example": "service,xmpp:a@example.org?host=h,xmpp:b@c.example",
	} {
		if got := readDirectories(list).String(); got != want {
			t.Errorf("%q becomes %q, want %q", list, got, want)
		}
		if _, err := phone.CheckService("rtmfp://example.org", want); err != nil {
			t.Errorf("the phone does not take %q: %v", want, err)
		}
	}
}

func newTestDesk(t *testing.T) *desk {
	t.Helper()
	p, err := phone.New(phone.Config{Name: "Anna", Directory: "service"})
	if err != nil {
		t.Fatal(err)
	}
	d := newDesk(p, phone.Sources{}, false, false)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		d.close()
	})
	return d
}

func TestTheWindowsSettingsAreThoseOfTheProfile(t *testing.T) {
	d := newTestDesk(t)
	store := d.phone.Profile()
	if err := store.SaveSettings(profile.Settings{Name: "Anna"}); err != nil {
		t.Fatal(err)
	}
	s := d.Settings()
	if s.Hidden || s.Callers != app.AnyCaller || s.OldPrograms || s.Name != "Anna" {
		t.Errorf("at first start: %+v", s)
	}
	s.Hidden, s.Callers, s.OldPrograms, s.Quiet = true, app.OnlyVerifiedCall, true, true
	if err := d.SaveSettings(s); err != nil {
		t.Fatal(err)
	}
	if got := d.Settings(); got != s {
		t.Errorf("kept as %+v, want %+v", got, s)
	}
	if got := store.Settings(); got.Directory != "service" || got.Accept != "verified" || got.OldClients != "allow" || !got.Quiet {
		t.Errorf("the profile has %+v", got)
	}
	s.XMPP, s.XMPPPassword = "anna@example.org", "secret"
	if err := d.SaveSettings(s); err == nil {
		t.Error("an XMPP account without a service was taken")
	}
}

func TestAPasswordGoesWithItsAccount(t *testing.T) {
	d := newTestDesk(t)
	store := d.phone.Profile()
	for _, c := range []struct {
		former, account, password string
		anew                      bool
	}{
		{"", "anna@example.org", "one", false},
		{"anna@example.org", "anna@example.org", "one", false},
		{"anna@example.org", "anna@example.org", "two", true},
		{"anna@example.org", "anna@other.example", "three", false},
		{"anna@other.example", "", "", false},
	} {
		anew, err := d.keepPassword(c.former, app.Settings{XMPP: c.account, XMPPPassword: c.password})
		if err != nil || anew != c.anew {
			t.Errorf("%+v: anew %v, %v", c, anew, err)
		}
		if got := d.password(c.account); got != c.password {
			t.Errorf("%+v: the password is %q", c, got)
		}
		if c.former != c.account {
			if kept, err := store.Password(c.former); kept != "" || err != nil {
				t.Errorf("%+v: the former account's is still there: %q, %v", c, kept, err)
			}
		}
	}
}

func TestTheOwnLinkComesWithItsCode(t *testing.T) {
	d := newTestDesk(t)
	l, err := d.OwnLink()
	if err != nil {
		t.Fatal(err)
	}
	if !l.Nearby {
		t.Errorf("nobody is told that %s leads to us on this network only", l.Text)
	}
	n := len(l.QR)
	if n < 21 || (n-17)%4 != 0 { // ISO/IEC 18004 §5.3.1
		t.Fatalf("the code has %d modules a side", n)
	}
	for i := range 7 { // the upper edge of three corners' patterns
		if !l.QR[0][i] || !l.QR[0][n-1-i] || !l.QR[n-1][i] {
			t.Fatal("that is no code, or it has space around it")
		}
	}
	read, err := d.ReadLink(l.Text)
	if err != nil || !read.Own || read.Person.Colour != d.Colour() {
		t.Errorf("the link is read as %+v, %v", read, err)
	}
}

func TestAfterAnImportThePhoneKeepsItsNameUntilTheNextStart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bob.sundog")
	const words = "correct horse battery staple"
	quick := profile.WithExportCost(identityfile.Cost{Passes: 1, Memory: 64, Lanes: 1})
	bob := profile.InMemory(quick)
	defer func() { _ = bob.Close() }()
	if err := errors.Join(bob.SaveSettings(profile.Settings{Name: "Bob"}), bob.ExportIdentity(file, words)); err != nil {
		t.Fatal(err)
	}
	d := newTestDesk(t)
	if err := d.phone.Profile().SaveSettings(profile.Settings{Name: "Anna", Directory: "service"}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.ImportIdentity(file, words); err != nil {
		t.Fatal(err)
	}
	s := d.Settings()
	s.Theme = "dark"
	if err := d.SaveSettings(s); err != nil {
		t.Fatal(err)
	}
	if got := d.Settings().Name; got != "Bob" {
		t.Errorf("the next start is called %q", got)
	}
	if link := d.phone.Link(); !strings.Contains(link, "Anna") || strings.Contains(link, "Bob") {
		t.Errorf("the phone that still has the former identity is called by %s", link)
	}
}
