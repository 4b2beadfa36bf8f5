package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
)

// fieldsOf are the fields of the sheet that is open, in their order.
func (d *desk) fieldsOf() []*field {
	var fields []*field
	walk(d.ui.main.sheet.body, func(o *field) {
		fields = append(fields, o)
	})
	return fields
}

// sheetSays reports whether the sheet that is open has a paragraph that begins so.
func (d *desk) sheetSays(text string) func() bool {
	return func() bool {
		said := false
		walk(d.ui.main.sheet.body, func(o *paragraph) {
			said = said || strings.HasPrefix(o.text, text)
		})
		return said
	}
}

func TestTheIdentityIsSavedAndBroughtBack(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	d := newDesk(t, withPeople)
	w := d.ui.main
	w.exportSheet()
	fields := d.fieldsOf()
	if got := w.win.Canvas().Focused(); got != fyne.Focusable(fields[0]) {
		t.Errorf("the focus is on %T", got)
	}
	d.pressed("Save")
	d.until("a passphrase is asked for", d.sheetSays("Enter a passphrase first."))
	fields[0].SetText("abc")
	if !d.sheetSays("Weak:")() {
		t.Error("a weak passphrase is not called so")
	}
	fields[1].SetText("abd")
	d.pressed("Save")
	d.until("they differ", d.sheetSays("The two passphrases differ."))
	fields[1].SetText("abc")
	press(w.win, fyne.KeyReturn) // the focus is there
	d.until("it is saved", d.sheetSays("Saved as "))
	path := fields[2].Text
	if sealed, err := os.ReadFile(path); err != nil || string(sealed) != "sealed with abc" {
		t.Fatalf("%s: %q, %v", path, sealed, err)
	}
	w.importSheet()
	fields = d.fieldsOf()
	if fields[0].Text != path {
		t.Errorf("the newest file is %q", fields[0].Text)
	}
	d.pressed("Replace my key")
	d.until("the passphrase is asked for", d.sheetSays("Enter the file and its passphrase."))
	fields[1].SetText("wrong")
	d.pressed("Replace my key")
	d.until("it does not open", d.sheetSays("The passphrase does not open this file."))
	fields[1].SetText("abc")
	d.pressed("Replace my key")
	d.until("it is there", d.sheetSays("The identity is here, with three people. Close Sundog and start it again"))
	if d.phone.imported != 1 {
		t.Errorf("imported %d times", d.phone.imported)
	}
}

func TestFilesAreNeverWrittenOver(t *testing.T) {
	dir := t.TempDir()
	first := freePath(dir, "Sundog identity", identitySuffix)
	if err := os.WriteFile(first, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if second := freePath(dir, "Sundog identity", identitySuffix); second != filepath.Join(dir, "Sundog identity 2.sundog") {
		t.Errorf("the second is %s", second)
	}
}

func TestAPassphrasesStrengthIsSaidInWords(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "Four or five words",
		"abc":                            "Weak",
		"password":                       "Weak",
		"aaaaaaaaaaaaaaaaaaaaaaaa":       "Weak",
		"1234567890":                     "Weak",
		"copper river":                   "Weak",
		"copper river lantern":           "Fair",
		"copper river lantern dozen oak": "Good",
		"x7#Kq9!mRt2$":                   "Good",
	} {
		if got := passphraseHint(text); !strings.HasPrefix(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
