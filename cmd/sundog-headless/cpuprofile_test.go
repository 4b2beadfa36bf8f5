package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTheCPUProfileIsWritten(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "phone.pprof")
	if out, err := program(t, "--cpu-profile", file, "devices").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if info, err := os.Stat(file); err != nil || info.Size() == 0 {
		t.Errorf("%+v, %v", info, err)
	}
	cmd := program(t, "--cpu-profile", filepath.Join(t.TempDir(), "nowhere", "phone.pprof"), "devices")
	if err := cmd.Run(); cmd.ProcessState.ExitCode() != exitUsage {
		t.Errorf("a file in no folder: %v", err)
	}
}
