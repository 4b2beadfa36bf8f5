package keystore

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
)

// withRing has the library's own stand-in for a keyring, behind a given probe.
func withRing(t *testing.T, probed error) *Keys {
	keyring.MockInit()
	k := New(folder(t), Auto)
	k.ring.probe = func(context.Context) error { return probed }
	k.ring.prompt = k.ring.call
	return k
}

func TestAKeyGoesToTheKeyringIfItCan(t *testing.T) {
	for about, c := range map[string]struct {
		probed error
		want   Place
	}{
		"an unlocked one":    {nil, Keyring},
		"a locked one":       {ErrLocked, File},
		"none":               {ErrAbsent, File},
		"one that hangs":     {ErrSilent, File},
		"one that is broken": {errors.New("broken"), File},
	} {
		k := withRing(t, c.probed)
		place, err := k.Keep(t.Context(), name, seed)
		if place != c.want || err != nil {
			t.Errorf("%s: kept in %q, %v", about, place, err)
			continue
		}
		if got, err := k.Read(t.Context(), place, name); err != nil || string(got) != string(seed) {
			t.Errorf("%s: read %q, %v", about, got, err)
		}
		_, err = os.Stat(k.folder)
		if made := err == nil; made != (place == File) {
			t.Errorf("%s: the folder of the files is made: %v", about, made)
		}
		if err := k.Forget(t.Context(), place, name); err != nil {
			t.Errorf("%s: %v", about, err)
		}
	}
}

func TestAKeyringThatFailsSaysWhy(t *testing.T) {
	k := withRing(t, nil)
	if _, err := k.Keep(t.Context(), name, seed); err != nil {
		t.Fatal(err)
	}
	for about, c := range map[string]struct {
		probed, error error
		want          error
	}{
		"locked, and the user says no": {ErrLocked, errors.New("dismissed"), ErrLocked},
		"absent":                       {ErrAbsent, nil, ErrAbsent},
		"silent":                       {ErrSilent, nil, ErrSilent},
		"emptied":                      {nil, keyring.ErrNotFound, ErrGone},
		"locked, unlocked, emptied":    {ErrLocked, keyring.ErrNotFound, ErrGone},
	} {
		k.ring.probe = func(context.Context) error { return c.probed }
		keyring.MockInitWithError(c.error)
		if _, err := k.Read(t.Context(), Keyring, name); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", about, err)
		}
	}
	if _, err := New(k.folder, Off).Read(t.Context(), Keyring, name); !errors.Is(err, ErrForbidden) {
		t.Errorf("forbidden: %v", err)
	}
	keyring.MockInit()
	k.ring.probe = func(context.Context) error { return nil }
	if err := keyring.Set(service, name, "something else"); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Read(t.Context(), Keyring, name); !errors.Is(err, ErrDamaged) {
		t.Errorf("something else there: %v", err)
	}
}

func TestACallThatHangsIsLeftBehind(t *testing.T) {
	r := newRing()
	r.call = 20 * time.Millisecond
	r.probe = func(context.Context) error { return nil }
	answer, ended := make(chan struct{}), make(chan struct{})
	_, err := r.bounded(t.Context(), r.call, func() (string, error) {
		defer close(ended)
		<-answer
		return "late", nil
	})
	if !errors.Is(err, ErrSilent) {
		t.Errorf("a call that hangs: %v", err)
	}
	if _, err := r.get(t.Context(), name); !errors.Is(err, ErrSilent) {
		t.Errorf("a keyring that hung was asked again: %v", err)
	}
	close(answer)
	<-ended
}
