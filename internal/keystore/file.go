package keystore

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

const (
	fileMode   = 0o600
	folderMode = 0o700
	suffix     = ".key"

	// maxFile bounds what is read: a key file has one line.
	maxFile = 1 << 10
	// unfinished ends the names of files that are being written; one that is this old was left behind by a crash.
	unfinished = ".new"
	leftBehind = time.Minute
)

func (k *Keys) path(name string) string { return filepath.Join(k.folder, name+suffix) }

// writeFile writes a key file whole or not at all: the new file takes the name only once it is on the disk.
func (k *Keys) writeFile(name, text string) (err error) {
	if err := os.MkdirAll(k.folder, folderMode); err != nil {
		return err
	}
	if err := checkFolder(k.folder); err != nil {
		return err
	}
	k.sweep(name)
	f, err := os.CreateTemp(k.folder, name+".*"+unfinished) // of mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = io.WriteString(f, text+"\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), k.path(name)); err != nil {
		return err
	}
	return syncFolder(k.folder)
}

func (k *Keys) readFile(name string) (string, error) {
	if err := checkFolder(k.folder); err != nil {
		return "", gone(err)
	}
	f, err := openKey(k.path(name))
	if err != nil {
		return "", gone(err)
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if err := checkOwn(k.path(name), info, fileMode); err != nil {
		return "", err
	}
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return "", err
	}
	if len(b) > maxFile {
		return "", ErrDamaged
	}
	return string(b), nil
}

func (k *Keys) removeFile(name string) error {
	k.sweep(name)
	err := os.Remove(k.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// sweep removes copies of a key that crashes left behind half written.
func (k *Keys) sweep(name string) {
	found, _ := filepath.Glob(filepath.Join(k.folder, name+".*"+unfinished)) // a folder whose name is no pattern has none
	for _, path := range found {
		if info, err := os.Lstat(path); err == nil && time.Since(info.ModTime()) > leftBehind {
			_ = os.Remove(path) // the next time then
		}
	}
}

// gone gives the error of a file that is missing our name.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return ErrGone
	}
	return err
}

// exposedError says who can get at a file or folder, and what to do.
type exposedError struct{ text string }

func (e *exposedError) Error() string        { return e.text }
func (e *exposedError) Is(target error) bool { return target == ErrExposed }

func exposed(format string, args ...any) error { return &exposedError{fmt.Sprintf(format, args...)} }
