package flashcrypto

import (
	"bytes"
	"crypto/ecdh"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"sundog.dev/sundog/rtmfp"
)

// hexBytes are bytes that a JSON file has in hexadecimal.
type hexBytes []byte

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// privateOf is the key pair of a private key.
func privateOf(t *testing.T, g Group, private []byte) privateKey {
	t.Helper()
	if g == Group31 {
		key, err := ecdh.X25519().NewPrivateKey(private)
		if err != nil {
			t.Fatal(err)
		}
		return newCurve25519Key(key)
	}
	k, err := modpOf(g).newKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func mustParseCertificate(t *testing.T, b []byte) *certificate {
	t.Helper()
	c, err := parseCertificate(b)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func mustParseComponent(t *testing.T, b []byte) component {
	t.Helper()
	c, err := parseComponent(b)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What an independent program (Python's integers, hashes and HMAC, and OpenSSL's AES) computed for fixed keys and
// components: RFC 7425 §4.1, 4.3.2, 4.3.5.1.1, 4.4.2, 4.6 and 4.7, for each group and kind of packet. In all of them the
// near end is a static initiator, the far end an ephemeral responder.
func TestGolden(t *testing.T) {
	var golden struct {
		Agreements []struct {
			Name            string
			Group           Group
			NearPrivate     hexBytes `json:"near_private"`
			FarPrivate      hexBytes `json:"far_private"`
			NearCertificate hexBytes `json:"near_certificate"`
			FarCertificate  hexBytes `json:"far_certificate"`
			NearPeerID      string   `json:"near_peer_id"`
			FarPeerID       string   `json:"far_peer_id"`
			NearComponent   hexBytes `json:"near_component"`
			FarComponent    hexBytes `json:"far_component"`
			Secret          hexBytes
			NearNonce       hexBytes   `json:"near_nonce"`
			FarNonce        hexBytes   `json:"far_nonce"`
			NearPackets     []hexBytes `json:"near_packets"`
			FarPackets      []hexBytes `json:"far_packets"`
		}
		Messages  []hexBytes
		Startup   hexBytes
		EPDs      struct{ Ancillary, Hostname, Fingerprint, Both hexBytes }
		Signature hexBytes
	}
	readJSON(t, filepath.Join("testdata", "golden.json"), &golden)
	for _, g := range golden.Agreements {
		t.Run(g.Name, func(t *testing.T) {
			nearCert, farCert := mustParseCertificate(t, g.NearCertificate), mustParseCertificate(t, g.FarCertificate)
			if nearCert.fingerprint.String() != g.NearPeerID || farCert.fingerprint.String() != g.FarPeerID {
				t.Error("the peer IDs differ")
			}
			nearComponent, farComponent := mustParseComponent(t, g.NearComponent), mustParseComponent(t, g.FarComponent)
			if !bytes.Equal(nearComponent.append(nil, true), g.NearComponent) || !bytes.Equal(farComponent.append(nil, false), g.FarComponent) {
				t.Error("the components are written otherwise")
			}
			near, far := privateOf(t, g.Group, g.NearPrivate), privateOf(t, g.Group, g.FarPrivate)
			for _, end := range []struct {
				what             string
				private          privateKey
				cert             *certificate
				near, far        component
				nearRaw, farRaw  []byte
				nonce, farNonce  []byte
				sealed, received []hexBytes
			}{
				{"near", near, farCert, nearComponent, farComponent, g.NearComponent, g.FarComponent, g.NearNonce, g.FarNonce, g.NearPackets, g.FarPackets},
				{"far", far, nearCert, farComponent, nearComponent, g.FarComponent, g.NearComponent, g.FarNonce, g.NearNonce, g.FarPackets, g.NearPackets},
			} {
				public, err := publicKey(end.cert, end.far, g.Group)
				if err != nil {
					t.Fatal(err)
				}
				secret, err := end.private.shared(public, true)
				if err != nil || !bytes.Equal(secret, g.Secret) {
					t.Fatalf("%s end: secret %x, %v, want %x", end.what, secret, err, g.Secret)
				}
				keys := sessionKeys(secret, end.near, end.far, end.nearRaw, end.farRaw)
				if !bytes.Equal(keys.NearNonce, end.nonce) || !bytes.Equal(keys.FarNonce, end.farNonce) {
					t.Errorf("%s end: the nonces differ", end.what)
				}
				for i, m := range golden.Messages {
					checkSeal(t, keys.Seal, m, end.sealed[i])
					checkOpen(t, keys.Open, end.received[i], m)
				}
			}
		})
	}
	checkSeal(t, newDefaultCipher(), golden.Messages[0], golden.Startup)
	id := Fingerprint{}
	for i := range id {
		id[i] = byte(i)
	}
	const uri, host = "rtmfp://sundog.example/app", "sundog.example"
	for name, c := range map[string]struct{ got, want []byte }{
		"ancillary EPD":   {AncillaryEPD(uri), golden.EPDs.Ancillary},
		"hostname EPD":    {HostnameEPD(host), golden.EPDs.Hostname},
		"fingerprint EPD": {id.EPD(), golden.EPDs.Fingerprint},
		"both":            {append(HostnameEPD(host), AncillaryEPD(uri)...), golden.EPDs.Both},
		"signature": {
			newTestProfile(t, Options{Groups: []Group{31}, SignWith: []Password{{"ann", []byte("secret")}}}).Sign([]byte("what a keying message says")),
			golden.Signature,
		},
	} {
		if !bytes.Equal(c.got, c.want) {
			t.Errorf("%s: %x, want %x", name, c.got, c.want)
		}
	}
}

// Sessions with other programs, as they went over the wire: the startup of our own end with its private key, and the
// first packets of both.
func TestRecordedSessions(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "recorded", "*.json"))
	if err != nil || len(files) < 6 {
		t.Fatalf("%d recordings, %v", len(files), err)
	}
	for _, file := range files {
		var r struct {
			What            string
			NearCertificate hexBytes `json:"near_certificate"`
			NearPrivate     hexBytes `json:"near_private"`
			FarPublic       hexBytes `json:"far_public"`
			NearComponent   hexBytes `json:"near_component"`
			FarComponent    hexBytes `json:"far_component"`
			Packets         []struct {
				Sent          bool
				Packet, Plain hexBytes
			}
		}
		readJSON(t, file, &r)
		t.Run(r.What, func(t *testing.T) {
			own := mustParseCertificate(t, r.NearCertificate)
			near, far := mustParseComponent(t, r.NearComponent), mustParseComponent(t, r.FarComponent)
			private := privateOf(t, max(near.group, far.group), r.NearPrivate)
			public := own.staticKey(max(near.group, far.group))
			if public == nil {
				public = near.ephemeral
			}
			if !bytes.Equal(private.public(), public) {
				t.Error("the public key is another")
			}
			secret, err := private.shared(r.FarPublic, true)
			if err != nil {
				t.Fatal(err)
			}
			keys := sessionKeys(secret, near, far, r.NearComponent, r.FarComponent)
			sent, received := 0, 0
			for _, p := range r.Packets {
				if p.Sent {
					sent++
					checkSeal(t, keys.Seal, p.Plain, p.Packet)
				} else {
					received++
					checkOpen(t, keys.Open, p.Packet, p.Plain)
				}
			}
			if sent == 0 || received == 0 {
				t.Error("a recording wants packets both ways")
			}
		})
	}
}

func checkSeal(t *testing.T, c rtmfp.PacketCipher, plain, want []byte) {
	t.Helper()
	if got := c.Seal(nil, plain); !bytes.Equal(got, want) {
		t.Errorf("%x is sealed as %x, want %x", plain, got, want)
	}
}

func checkOpen(t *testing.T, c rtmfp.PacketCipher, packet, want []byte) {
	t.Helper()
	got, err := c.Open(nil, packet)
	rest, ok := bytes.CutPrefix(got, want)
	if err != nil || !ok || len(bytes.Trim(rest, "\xff")) != 0 {
		t.Errorf("%x opens as %x, %v, want %x", packet, got, err, want)
	}
}
