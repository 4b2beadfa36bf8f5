package eventfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWithoutTheVariableThereIsNoFile(t *testing.T) {
	t.Setenv(Variable, "")
	f, err := Open()
	if err != nil || f.Writer() != nil || f.Close() != nil {
		t.Errorf("%v, %v", f, err)
	}
}

func TestTheFileIsAppendedToAndPrivate(t *testing.T) {
	name := filepath.Join(t.TempDir(), "events")
	t.Setenv(Variable, name)
	for _, line := range []string{"one\n", "two\n"} {
		f, err := Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Writer().Write([]byte(line)); err != nil {
			t.Error(err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	b, err := os.ReadFile(name)
	if err != nil || string(b) != "one\ntwo\n" {
		t.Errorf("%q, %v", b, err)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestAFileThatCannotBeWrittenIsTold(t *testing.T) {
	t.Setenv(Variable, "/dev/null/events")
	if _, err := Open(); err == nil || !strings.Contains(err.Error(), Variable) {
		t.Errorf("error %v", err)
	}
}
