package profile

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const former = `{"settings":{"name":"Ada","server":"rtmfp://example.org","theme":"dark"},"people":[
	{"name":"Bob","contact":true,"last_call":"2026-05-02T12:00:00Z","outgoing":true},
	{"name":"bob"},{"name":""},{"name":"Eve","last_call":"2026-05-03T12:00:00Z","missed":true}]}`

func TestTheProfileOfEarlierVersionsIsTakenOver(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, formerName)
	ok(t, os.WriteFile(path, []byte(former), 0o600), os.WriteFile(path+formerLock, nil, 0o600))
	s := opened(t, dir)
	if got := s.Settings(); got != (Settings{Name: "Ada", Server: "rtmfp://example.org", Theme: "dark"}) {
		t.Errorf("settings are %+v", got)
	}
	check := func() {
		t.Helper()
		people := s.People()
		if got := names(people); !reflect.DeepEqual(got, []string{"Eve", "Bob"}) {
			t.Fatalf("people are %q", got)
		}
		if eve, bob := people[0], people[1]; !eve.Missed || eve.Contact || !bob.Contact || !bob.Outgoing || bob.LastCall.IsZero() {
			t.Errorf("people are %+v", people)
		}
	}
	check()
	if b, err := os.ReadFile(path + keptAs); err != nil || string(b) != former {
		t.Errorf("kept is %q, %v", b, err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the file is still in use")
	}
	// A crash before it was put aside, or an older version used once more.
	ok(t, s.SaveSettings(Settings{Name: "Ada L."}), os.WriteFile(path, []byte(former), 0o600), s.Close())
	s = opened(t, dir)
	if got := s.Settings(); got != (Settings{Name: "Ada L."}) {
		t.Errorf("newer settings gave way: %+v", got)
	}
	check()
}

func TestADamagedFormerProfileIsKept(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, formerName)
	for name, content := range map[string]string{
		"half of it": `{"settings": {`,
		"too large":  `{"settings": {}}` + strings.Repeat(" ", maxFormer),
	} {
		ok(t, os.WriteFile(path, []byte(content), 0o600))
		if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != content {
			t.Errorf("%s: the file changed", name)
		}
	}
}

func FuzzParseFormer(f *testing.F) {
	f.Add([]byte(former))
	f.Add([]byte(`{"people":[{}]}`))
	f.Add([]byte(`{"people":[{"name":"\u0000\ud800"}],"settings":{"name":"\uffff"}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		old, err := parseFormer(b)
		if err != nil {
			return
		}
		old.People = old.People[:min(len(old.People), 50)]
		s := inMemory(t)
		tx, err := s.db.Begin()
		ok(t, err, old.addTo(tx), tx.Commit())
		for _, p := range s.People() {
			if p.Name == "" || len(p.Name) > maxText {
				t.Fatalf("a person by the name of %q", p.Name)
			}
		}
	})
}
