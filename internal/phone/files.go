package phone

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sundog.dev/sundog/media"
)

// checkFiles says what is wrong with the files and folders that the flags name, so that it shows now and not in
// the middle of a call.
func (f *Flags) checkFiles() error {
	for _, c := range []struct {
		flag, spec, kind string
		check            func(spec, path string) error
	}{
		{"camera", f.Sources.Camera, "file", checkClip},
		{"mic", f.Sources.Mic, "file", checkRecording},
		{"speaker", f.Sources.Speaker, "file", checkOutput},
		{"display", f.Sources.Display, "dir", checkFolder},
	} {
		kind, path, _ := strings.Cut(c.spec, ":")
		if kind != c.kind {
			continue
		}
		if err := c.check(c.spec, path); err != nil {
			return fmt.Errorf("--%s: %w", c.flag, err)
		}
	}
	return nil
}

func checkClip(spec, path string) error {
	if !isRegular(path) {
		return nil // a pipe can be read only once
	}
	src, err := media.OpenVideo(context.Background(), spec)
	return closed(src, err)
}

func checkRecording(spec, path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%q: there is no such file", spec)
	}
	if !isRegular(path) {
		return nil
	}
	src, err := media.OpenAudio(context.Background(), spec)
	return closed(src, err)
}

func closed(src io.Closer, err error) error {
	if err != nil {
		return err
	}
	return src.Close()
}

func isRegular(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// checkOutput sees whether a file can be written, and leaves what is in it.
func checkOutput(_, path string) error {
	_, err := os.Lstat(path)
	fresh := errors.Is(err, fs.ErrNotExist)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o666)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no folder %s to write %s into", filepath.Dir(path), filepath.Base(path))
	case err != nil:
		return fmt.Errorf("the file cannot be written: %w", err)
	}
	err = file.Close()
	if fresh {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

func checkFolder(_, path string) error { return CheckFolder(path) }

// CheckFolder sees whether a folder is there, or can be made, and takes files.
func CheckFolder(path string) error {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return fmt.Errorf("the folder cannot be made: %w", err)
	}
	file, err := os.CreateTemp(path, ".sundog-*")
	if err != nil {
		return fmt.Errorf("nothing can be written into the folder: %w", err)
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}
