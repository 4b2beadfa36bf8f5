package xmpp

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"sundog.dev/sundog/idmanager"
)

var testNow = time.Date(2026, 1, 31, 12, 0, 0, 123_000_000, time.UTC)

func testRegistration(t testing.TB, change func(*idmanager.Record)) *element {
	t.Helper()
	r := idmanager.Record{Name: "ann@example.org", PeerID: idA, Rendezvous: "rtmfp://x'<&"}
	change(&r)
	reg, err := idmanager.Sign(fixedKey, r, testNow)
	if err != nil {
		t.Fatal(err)
	}
	return registrationElement(reg)
}

func TestARegistrationIsReadAsItWasWritten(t *testing.T) {
	for name, change := range map[string]func(*idmanager.Record){
		"as registered": func(*idmanager.Record) {},
		"withdrawn":     func(r *idmanager.Record) { r.PeerID, r.Rendezvous = "", "" },
	} {
		e := testRegistration(t, change)
		all, _ := readAll(testHeader+string(e.bytes(nsClient)), maxStanza)
		r, err := parseRegistration(all[0], "ann@example.org", testNow)
		if err != nil || !bytes.Equal(registrationElement(r).bytes(""), e.bytes("")) || !r.Time.Equal(testNow) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

func TestForgedRegistrationsDoNotCount(t *testing.T) {
	set := func(name, value string) func(*element) {
		return func(e *element) {
			for i := range e.attrs {
				if e.attrs[i].name == name {
					e.attrs[i].value = value
				}
			}
		}
	}
	for name, c := range map[string]struct {
		change func(*element)
		want   error
	}{
		"another name":           {set("name", "bob@example.org"), idmanager.ErrForged},
		"another peer ID":        {set("peer-id", idB), idmanager.ErrForged},
		"upper case":             {set("peer-id", strings.ToUpper(idA)), errRegistration},
		"half a peer ID":         {set("peer-id", idA[:32]), idmanager.ErrForged},
		"withdrawn by others":    {set("peer-id", ""), idmanager.ErrForged},
		"another service":        {set("rendezvous", "rtmfp://evil.example"), idmanager.ErrForged},
		"another time":           {set("time", "2026-01-31T12:00:00.124Z"), idmanager.ErrForged},
		"no time":                {set("time", ""), errRegistration},
		"a time of another form": {set("time", "2026-01-31T12:00:00.123+00:00"), errRegistration},
		"no signature":           {set("signature", ""), idmanager.ErrForged},
		"a signature in part":    {set("signature", "AAAA"), idmanager.ErrForged},
		"no identity":            {set("identity", ""), idmanager.ErrForged},
		"no Base64":              {set("identity", "!"), errRegistration},
		"a short nonce":          {set("nonce", "AAAA"), errRegistration},
		"another element":        {func(e *element) { e.name = "record" }, errRegistration},
		"another version":        {func(e *element) { e.space += "0" }, errRegistration},
	} {
		e := testRegistration(t, func(*idmanager.Record) {})
		c.change(e)
		if r, err := parseRegistration(e, "ann@example.org", testNow); !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	honest := testRegistration(t, func(*idmanager.Record) {})
	if _, err := parseRegistration(honest, "bob@example.org", testNow); !errors.Is(err, errRegistration) {
		t.Errorf("in somebody else's node: %v", err)
	}
	if _, err := parseRegistration(honest, "ann@example.org", testNow.Add(-maxAhead-time.Second)); !errors.Is(err, errRegistration) {
		t.Errorf("from the future: %v", err)
	}
}

// FuzzRegistration parses anything in the place of a registration; what passes is signed, and is written as it was read.
func FuzzRegistration(f *testing.F) {
	f.Add(testRegistration(f, func(*idmanager.Record) {}).bytes(nsClient))
	f.Add(testRegistration(f, func(r *idmanager.Record) { r.PeerID = "" }).bytes(nsClient))
	f.Add([]byte("<registration xmlns='https://sundog.dev/ns/registration/1' name='ann@example.org'/>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		all, _ := readAll(testHeader+string(b), 1<<14)
		for _, e := range all {
			r, err := parseRegistration(e, "ann@example.org", testNow)
			if err != nil {
				continue
			}
			if r.Verify() != nil || r.Name != "ann@example.org" {
				t.Fatalf("%s passes", b)
			}
			again, err := parseRegistration(registrationElement(r), r.Name, testNow)
			if err != nil || !bytes.Equal(again.Signature, r.Signature) {
				t.Fatalf("%s is not read again: %v", b, err)
			}
		}
	})
}
