//go:build !windows

package keystore

import (
	"errors"
	"os"
	"syscall"
)

// checkFolder refuses a folder that others may look into or change.
func checkFolder(folder string) error {
	info, err := os.Lstat(folder)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return exposed("but %s is no folder", folder)
	}
	return checkOwn(folder, info, folderMode)
}

// checkOwn refuses what belongs to somebody else or is open to them.
func checkOwn(path string, info os.FileInfo, mode os.FileMode) error {
	if !info.IsDir() && !info.Mode().IsRegular() {
		return exposed("but %s is no plain file", path)
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && int(stat.Uid) != os.Geteuid() {
		return exposed("but %s belongs to another user of this machine; sign in as that one, or make it yours with: chown %d '%s'", path, os.Geteuid(), path)
	}
	if open := info.Mode().Perm() &^ mode; open&0o077 != 0 {
		return exposed("but others may get at %s (mode %04o); if nobody has copied the key, put that right with: chmod %o '%s'",
			path, info.Mode().Perm(), mode, path)
	}
	return nil
}

// openKey opens a key file, and no symbolic link in its place.
func openKey(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ELOOP) {
		return nil, exposed("but %s is a link to another file", path)
	}
	return f, err
}

// syncFolder makes new names in a folder last.
func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
