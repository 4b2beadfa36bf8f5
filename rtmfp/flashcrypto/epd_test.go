package flashcrypto

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestEPDSelection(t *testing.T) {
	peer := newTestProfile(t, Options{Groups: []Group{Group31}})
	named := newTestProfile(t, Options{Groups: []Group{Group31}, Hostname: "sundog.example"})
	server := newTestProfile(t, Options{Groups: []Group{Group31}, Server: true})
	namedServer := newTestProfile(t, Options{Groups: []Group{Group31}, Server: true, Hostname: "sundog.example"})
	uri := AncillaryEPD("rtmfp://sundog.example/app")
	host := HostnameEPD("sundog.example")
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	for _, c := range []struct {
		what string
		p    *Profile
		epd  []byte
		want bool
	}{
		{"its fingerprint", peer, peer.Fingerprint().EPD(), true},
		{"another fingerprint", peer, named.Fingerprint().EPD(), false},
		{"its fingerprint and a wrong host", peer, join(host, peer.Fingerprint().EPD()), true},
		{"another fingerprint and a right URI", server, join(uri, peer.Fingerprint().EPD()), false},
		{"a URI at a server", server, uri, true},
		{"a URI at a peer", peer, uri, false},
		{"its host", named, host, true},
		{"another host", named, HostnameEPD("elsewhere.example"), false},
		{"a host at one without", server, host, false},
		{"an empty host at one without", server, HostnameEPD(""), false},
		{"host and URI", namedServer, join(uri, host), true},
		{"host and URI at a peer", named, join(uri, host), false},
		{"host and URI at a nameless server", server, join(uri, host), false},
		{"nothing", server, nil, false},
		{"only what is unknown", server, []byte{2, 0x33, 1}, false},
		{"a URI beside what is unknown", server, join([]byte{2, 0x33, 1}, uri), true},
		{"two URIs", server, join(uri, uri), false},
		{"a short fingerprint", peer, []byte{3, 0x0f, 1, 2}, false},
		{"a truncated option", server, uri[:len(uri)-1], false},
		{"a marker", server, join(uri, []byte{0}), false},
	} {
		if got := c.p.SelectedBy(c.epd); got != c.want {
			t.Errorf("%s: selected %v, want %v", c.what, got, c.want)
		}
	}
}

func TestAncillaryEPDOnTheWire(t *testing.T) {
	epd := AncillaryEPD("rtmfp://127.0.0.1:19350/live/room1")
	if want := append([]byte{0x23, 0x0a}, "rtmfp://127.0.0.1:19350/live/room1"...); !bytes.Equal(epd, want) {
		t.Errorf("%x, want %x", epd, want)
	}
	if uri, ok := AncillaryInEPD(epd); !ok || uri != "rtmfp://127.0.0.1:19350/live/room1" {
		t.Errorf("read back %q, %v", uri, ok)
	}
	both := append(HostnameEPD("sundog.example"), epd...)
	if host, ok := HostnameInEPD(both); !ok || host != "sundog.example" {
		t.Errorf("read back host %q, %v", host, ok)
	}
	if uri, ok := AncillaryInEPD(both); !ok || uri != "rtmfp://127.0.0.1:19350/live/room1" {
		t.Errorf("beside a host, read back %q, %v", uri, ok)
	}
	if _, ok := HostnameInEPD(epd); ok {
		t.Error("a host found where there is none")
	}
	if _, ok := FingerprintInEPD(epd); ok {
		t.Error("a fingerprint found where there is none")
	}
}

func TestFingerprintText(t *testing.T) {
	f := newTestProfile(t, Options{Groups: []Group{Group31}}).Fingerprint()
	for _, s := range []string{f.String(), strings.ToUpper(f.String())} {
		if got, err := ParseFingerprint(s); err != nil || got != f {
			t.Errorf("%q read as %v, %v", s, got, err)
		}
	}
	if got, ok := FingerprintInEPD(f.EPD()); !ok || got != f {
		t.Errorf("from its EPD: %v, %v", got, ok)
	}
	for _, s := range []string{"", "0", f.String()[1:], f.String() + "0", "zz" + f.String()[2:]} {
		if _, err := ParseFingerprint(s); !errors.Is(err, ErrFingerprint) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func FuzzEPD(f *testing.F) {
	p := newTestProfile(f, Options{Server: true, Hostname: "h"})
	f.Add(p.Fingerprint().EPD())
	f.Add(AncillaryEPD("rtmfp://h/"))
	f.Add(HostnameEPD("h"))
	f.Fuzz(func(t *testing.T, epd []byte) {
		selected := p.SelectedBy(epd)
		id, ok := FingerprintInEPD(epd)
		if ok && selected != (id == p.Fingerprint()) {
			t.Error("a fingerprint must decide alone")
		}
		if _, anc := AncillaryInEPD(epd); selected && !ok && !anc && !bytes.Contains(epd, []byte{0, 'h'}) {
			t.Error("selected by nothing")
		}
	})
}
