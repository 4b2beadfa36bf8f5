package phone

import (
	"errors"
	"strings"
	"testing"

	"sundog.dev/sundog/idmanager"
)

func TestWhyNobodyWasFoundIsSaidOfTheDirectoryThatKnows(t *testing.T) {
	account := &listing{spec: directorySpec{kind: DirectoryXMPP}, ids: named("ann@example.com")}
	own := &listing{spec: directorySpec{kind: DirectoryHTTP}, ids: named("example.org")}
	network := &listing{spec: directorySpec{kind: DirectoryLAN}, ids: named("this network")}
	fails := func(where string, err error) idmanager.DirectoryError {
		return idmanager.DirectoryError{Where: where, Err: err}
	}
	silence := errors.New("no answer")
	for name, c := range map[string]struct {
		listings []*listing
		err      error
		want     string // in the sentence; empty: the reason says enough
	}{
		"unknown in two":      {[]*listing{own, account}, idmanager.ErrUnknownName, "registered at example.org and ann@example.com."},
		"unknown nearby":      {[]*listing{network}, idmanager.ErrUnknownName, "on this network now"},
		"wrong password":      {[]*listing{own, account}, idmanager.Errors{fails("example.org", silence), fails("ann@example.com", idmanager.ErrLogin)}, "ann@example.com does not know that user and password"},
		"bad certificate":     {[]*listing{account}, idmanager.Errors{fails("ann@example.com", idmanager.ErrUntrusted)}, "certificate"},
		"one does not answer": {[]*listing{own, account}, idmanager.Errors{fails("ann@example.com", silence)}, "because ann@example.com does not answer"},
		"offline in one":      {[]*listing{own, account}, idmanager.Errors{fails("example.org", idmanager.ErrOffline), fails("ann@example.com", silence)}, ""},
	} {
		err := (&Phone{}).notFound(&setup{listings: c.listings}, wanted{name: "Zoe"}, c.err)
		var told *sentence
		switch {
		case c.want == "" && !errors.Is(err, idmanager.ErrOffline):
			t.Errorf("%s: the error %v hides its cause", name, err)
		case errors.As(err, &told) != (c.want != ""):
			t.Errorf("%s: %v", name, err)
		case !strings.Contains(err.Error(), c.want):
			t.Errorf("%s: %q, want %q in it", name, err, c.want)
		}
	}
}

// whereOnly is a directory of which only the name is asked.
type whereOnly struct {
	idmanager.IdManager
	where string
}

func named(where string) idmanager.IdManager { return whereOnly{where: where} }

func (d whereOnly) Where() string { return d.where }
