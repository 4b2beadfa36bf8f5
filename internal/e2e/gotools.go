package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// build builds a program of this module, or of one that it uses, into the check's folder, and returns its path.
func (b *bench) build(ctx context.Context, pkg string) (path string, err error) {
	path = filepath.Join(b.dir, filepath.Base(strings.TrimSuffix(pkg, "/v2")))
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", path, pkg).CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w: %s", pkg, err, out)
	}
	return path, nil
}

// goTest runs tests of a package of this module, in its folder as go test does, and returns what they print. It builds them first and
// starts them itself, so that nothing goes on when this program ends.
func (b *bench) goTest(ctx context.Context, folder string, env []string, flags ...string) (out []byte, err error) {
	path := filepath.Join(b.dir, filepath.Base(folder)+".test")
	if out, err := exec.CommandContext(ctx, "go", "test", "-c", "-o", path, "./"+folder).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the tests of %s: %w: %s", folder, err, out)
	}
	tests := exec.CommandContext(ctx, path, append([]string{"-test.v", "-test.count=1"}, flags...)...)
	tests.Dir = folder
	tests.Env = append(os.Environ(), env...)
	tests.SysProcAttr = diesWithUs()
	out, err = tests.CombinedOutput()
	if err != nil {
		return out, fmt.Errorf("the tests of %s: %w: %s", folder, err, out[max(0, len(out)-3000):])
	}
	return out, nil
}
