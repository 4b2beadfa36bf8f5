package idmanager_test

import (
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
	"time"

	"sundog.dev/sundog/idmanager"
)

func TestARegistrationHoldsWhatItsOwnerSigned(t *testing.T) {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	_, other, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	record := idmanager.Record{Name: "Zoë", PeerID: strings.Repeat("ab", 32), Rendezvous: "rtmfp://example.org"}
	reg, err := idmanager.Sign(key, record, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := reg.Verify(); err != nil {
		t.Fatalf("a registration as signed: %v", err)
	}
	if got := reg.Record(); got.Name != record.Name || got.PeerID != record.PeerID || !got.Identity.Equal(key.Public()) {
		t.Fatalf("the record of a registration is %+v", got)
	}
	for name, change := range map[string]func(*idmanager.Registration){
		"another name":         func(r *idmanager.Registration) { r.Name = "Zoe" },
		"another peer ID":      func(r *idmanager.Registration) { r.PeerID = strings.Repeat("ba", 32) },
		"withdrawn":            func(r *idmanager.Registration) { r.PeerID = "" },
		"another service":      func(r *idmanager.Registration) { r.Rendezvous = "rtmfp://example.com" },
		"moved between fields": func(r *idmanager.Registration) { r.Name, r.Rendezvous = r.Name+r.Rendezvous[:1], r.Rendezvous[1:] },
		"another time":         func(r *idmanager.Registration) { r.Time = r.Time.Add(time.Millisecond) },
		"another nonce":        func(r *idmanager.Registration) { r.Nonce[15]++ },
		"another identity":     func(r *idmanager.Registration) { r.Identity = other.Public().(ed25519.PublicKey) },
		"no identity":          func(r *idmanager.Registration) { r.Identity = nil },
		"no signature":         func(r *idmanager.Registration) { r.Signature = nil },
		"no name":              func(r *idmanager.Registration) { r.Name = "" },
		"a peer ID in part":    func(r *idmanager.Registration) { r.PeerID = "abcd" },
	} {
		forged := reg
		change(&forged)
		if err := forged.Verify(); !errors.Is(err, idmanager.ErrForged) {
			t.Errorf("%s: %v, want ErrForged", name, err)
		}
	}
}
