package phone

import (
	"errors"
	"path/filepath"
	"testing"

	"sundog.dev/sundog/internal/identityfile"
	"sundog.dev/sundog/internal/profile"
)

func TestAnImportBringsPeopleAtOnceAndTheIdentityNextTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := filepath.Join(t.TempDir(), "ada")
	const words = "correct horse battery staple"
	quick := profile.WithExportCost(identityfile.Cost{Passes: 1, Memory: 64, Lanes: 1})
	phone := func(name string) *Phone {
		return w.started(t, Config{Name: name, Accept: AcceptNone, Profile: profile.InMemory(quick)})
	}
	old := phone("ada")
	if err := errors.Join(old.Profile().AddPerson("Bob"), old.ExportIdentity(file, words)); err != nil {
		t.Fatal(err)
	}
	p := phone("zoe")
	if _, err := p.ImportIdentity(file, words, false); !errors.Is(err, profile.ErrIdentityKept) {
		t.Errorf("unasked: %v", err)
	}
	before := p.Profile().PublicIdentity()
	done, err := p.ImportIdentity(file, words, true)
	if err != nil || !done.Identity.Equal(old.Profile().PublicIdentity()) {
		t.Errorf("%+v, %v", done, err)
	}
	if !p.Profile().IsContact("Bob") || !p.Profile().PublicIdentity().Equal(before) {
		t.Error("the people are not there, or the phone is somebody else in the middle of its life")
	}
}
