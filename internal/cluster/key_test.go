package cluster

import "testing"

func TestKeysInSubjects(t *testing.T) {
	for key, want := range map[string]string{
		"alice": "alice", "Alice-2_x": "Alice-2_x", "": "=", "=": "=3D", "a.b": "a=2Eb", "*": "=2A", "é": "=C3=A9", "\x00": "=00",
	} {
		if got := encodeKey(key); got != want {
			t.Errorf("%q is spelled %q, want %q", key, got, want)
		}
		if got, ok := decodeKey(want); !ok || got != key {
			t.Errorf("%q reads as %q, %v", want, got, ok)
		}
	}
	for _, token := range []string{"a.b", "=4", "=4G", "=41", "=2e", "a=", "", "é", "=="} {
		if key, ok := decodeKey(token); ok {
			t.Errorf("%q is nobody's spelling, but reads as %q", token, key)
		}
	}
}

func FuzzKey(f *testing.F) {
	for _, s := range []string{"", "=", "alice", "a.b", "=2E", "=2e", "Ä"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		token := encodeKey(s)
		if back, ok := decodeKey(token); !ok || back != s {
			t.Errorf("%q is spelled %q, which reads as %q, %v", s, token, back, ok)
		}
		if key, ok := decodeKey(s); ok && encodeKey(key) != s {
			t.Errorf("%q reads as %q, which is spelled %q", s, key, encodeKey(key))
		}
	})
}
