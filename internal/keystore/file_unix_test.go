//go:build !windows

package keystore

import (
	"errors"
	"os"
	"strings"
	"testing"
)

func TestAFileThatOthersCanGetAtIsRefused(t *testing.T) {
	for about, c := range map[string]struct {
		spoil func(folder, file string) error
		want  error
		says  string
	}{
		"the group can read the file":  {func(_, file string) error { return os.Chmod(file, 0o640) }, ErrExposed, "chmod 600"},
		"others can write the file":    {func(_, file string) error { return os.Chmod(file, 0o602) }, ErrExposed, "chmod 600"},
		"others can read the folder":   {func(folder, _ string) error { return os.Chmod(folder, 0o705) }, ErrExposed, "chmod 700"},
		"the file is somebody else's":  {func(_, file string) error { return os.Chown(file, 1234, -1) }, ErrExposed, "chown"},
		"the folder is somebody's":     {func(folder, _ string) error { return os.Chown(folder, 1234, -1) }, ErrExposed, "chown"},
		"the file is a link":           {moveBehind, ErrExposed, "link"},
		"the folder is a link":         {func(folder, _ string) error { return moveBehind("", folder) }, ErrExposed, "no folder"},
		"it is cut short":              {func(_, file string) error { return os.Truncate(file, 30) }, ErrDamaged, "damaged"},
		"it is far too long":           {func(_, file string) error { return os.WriteFile(file, make([]byte, 1<<20), 0o600) }, ErrDamaged, "damaged"},
		"it is something else":         {func(_, file string) error { return os.WriteFile(file, seed, 0o600) }, ErrDamaged, "damaged"},
		"it is gone":                   {func(_, file string) error { return os.Remove(file) }, ErrGone, "not there"},
		"the folder is gone":           {func(folder, _ string) error { return os.RemoveAll(folder) }, ErrGone, "not there"},
		"a folder is there in its way": {func(_, file string) error { return errors.Join(os.Remove(file), os.Mkdir(file, 0o700)) }, nil, ""},
	} {
		if strings.Contains(about, "somebody") && os.Geteuid() != 0 {
			continue // only root can give files away
		}
		keys := New(folder(t), Off)
		if _, err := keys.Keep(t.Context(), name, seed); err != nil {
			t.Fatal(err)
		}
		if err := c.spoil(keys.folder, keys.path(name)); err != nil {
			t.Fatal(err)
		}
		got, err := keys.Read(t.Context(), File, name)
		if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %q, %v", about, got, err)
		}
	}
}

func moveBehind(_, path string) error {
	return errors.Join(os.Rename(path, path+".elsewhere"), os.Symlink(path+".elsewhere", path))
}
