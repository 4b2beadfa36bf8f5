package flashcrypto

import (
	"bytes"
	"crypto/ecdh"
	"encoding/hex"
	"testing"
)

// TestGoldenKeys fixes the key derivation of RFC 7425 §4.6.3–4.6.5: fixed keys and components give these bytes for ever.
func TestGoldenKeys(t *testing.T) {
	near := component{group: 31, hasGroup: true, randomness: bytes.Repeat([]byte{1}, 64), hmac: 7, hmacLength: 16, sequence: 7}
	far := component{randomness: bytes.Repeat([]byte{2}, 64), hmac: 7, hmacLength: 16, sequence: 7}
	nearRaw, farRaw := near.append(nil, true), far.append(nil, false)

	nearKey, err := ecdh.X25519().NewPrivateKey(bytes.Repeat([]byte{3}, 32))
	if err != nil {
		t.Fatal(err)
	}
	farKey, err := ecdh.X25519().NewPrivateKey(bytes.Repeat([]byte{4}, 32))
	if err != nil {
		t.Fatal(err)
	}
	secret31, err := newCurve25519Key(nearKey).shared(farKey.PublicKey().Bytes(), true)
	if err != nil {
		t.Fatal(err)
	}
	k14 := modpKeyOf(t, Group14, 5)
	secret14, err := k14.shared(modpKeyOf(t, Group14, 6).public(), true)
	if err != nil {
		t.Fatal(err)
	}
	k := sessionKeys(secret31, near, far, nearRaw, farRaw)
	for name, c := range map[string]struct {
		got  []byte
		want string
	}{
		"group 31 secret":      {secret31, golden["secret31"]},
		"group 14 secret head": {secret14[:32], golden["secret14"]},
		"encrypt key":          {mac(secret31, mac(farRaw, nearRaw)), golden["encrypt"]},
		"near nonce":           {k.NearNonce, golden["nearNonce"]},
		"far nonce":            {k.FarNonce, golden["farNonce"]},
		"first packet":         {k.Seal.Seal(nil, []byte("golden")), golden["packet0"]},
		"second packet":        {k.Seal.Seal(nil, []byte("golden")), golden["packet1"]},
		"startup packet":       {newDefaultCipher().Seal(nil, []byte("golden")), golden["startup"]},
	} {
		if hex.EncodeToString(c.got) != c.want {
			t.Errorf("%s: %x, want %s", name, c.got, c.want)
		}
	}
}

// golden was computed by an independent program (Python integers, hmac and OpenSSL's AES).
var golden = map[string]string{
	"secret31":  "40e47a3f525bdcac491d418978d7db5af623ac7afe7623c6d78a5d4fce9d0f63",
	"secret14":  "2012e09d46d2771eaf1c63b49e635eebe6940ef5dbf53464317ba660397e6d69",
	"encrypt":   "bc9f0c2fe8356b30885a3af290bbb824f876d5dc9e976d375b1290adc10c2ca1",
	"nearNonce": "91ac447f05badc30371fa0964c780596522fe30887baaee6748315b16fce37ef",
	"farNonce":  "119d878640da3aa175ac7ebfc57149ee6cc7d1db822544c8af2310cdb7f27044",
	"packet0":   "55f824db26319f6168b789be2c0ca7676e35383d9f266ae0ed80f8e82c0d2e5f",
	"packet1":   "88325ae2ea0163fa12f2b2c85c98c1c34954f445d084a5d11ca59775c67e3e1a",
	"startup":   "23f2dfc88e167e4cf937b3adf7e04775",
}
