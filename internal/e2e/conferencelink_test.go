package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

func TestLinksAreForged(t *testing.T) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	link := "sundog:ada?v=1&room=" + base64.RawURLEncoding.EncodeToString(make([]byte, invitationSize+1)) + "&key=x"
	now := time.UnixMilli(1_700_000_000_000)
	expired, err := expiredLink(link, key, now)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	_, err = changeLink(expired, func(raw []byte) {
		signed := append([]byte(invitationContext), raw[:invitationSigned]...)
		found = ed25519.Verify(key.Public().(ed25519.PublicKey), signed, raw[invitationSigned:invitationSize])
	})
	if err != nil || !found || !strings.HasSuffix(expired, "&key=x") {
		t.Errorf("%q is not signed (%v)", expired, err)
	}
	if forged, err := forgedLink(link); err != nil || forged == link {
		t.Errorf("%q, %v", forged, err)
	}
	for _, bad := range []string{"sundog:ada?v=1", "sundog:ada?room=AAAA", "sundog:ada?room=!!"} {
		if _, err := forgedLink(bad); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}
