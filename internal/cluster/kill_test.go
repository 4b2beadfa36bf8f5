package cluster

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// killFolder is the variable by which this test's program is told to be the process that is killed, with its data folder there.
const killFolder = "SUNDOG_CLUSTER_TEST_KILL"

// writeForEver writes name after name, and says which are written.
func writeForEver(ctx context.Context, dir string) error {
	c, err := Open(ctx, Config{Dir: dir})
	if err != nil {
		return err
	}
	names, err := c.Bucket(ctx, BucketConfig{Name: "names"})
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		if _, err := names.Create(ctx, fmt.Sprint("name", i), fmt.Append(nil, i), 0); err != nil {
			return err
		}
		fmt.Println(i)
	}
}

// Every name that was acknowledged is there after a kill -9, and the folder is not locked.
func TestKilled(t *testing.T) {
	if dir := os.Getenv(killFolder); dir != "" {
		t.Fatal(writeForEver(t.Context(), dir))
	}
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	child := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestKilled$")
	child.Env = append(os.Environ(), killFolder+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	written := -1
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, err := fmt.Sscan(lines.Text(), &written); err != nil {
			t.Log(lines.Text())
			continue
		}
		if written == 200 {
			_ = child.Process.Kill() // with the lines that are under way
		}
	}
	if err := child.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("it was not killed: %v", err)
	}
	if written < 200 {
		t.Fatalf("%d names were written", written)
	}
	start := time.Now()
	names := bucket(t, openIn(t, dir), BucketConfig{})
	t.Logf("opened in %v", time.Since(start).Round(time.Millisecond))
	for i := range written + 1 {
		if e, err := names.Get(t.Context(), fmt.Sprint("name", i)); err != nil || string(e.Value) != fmt.Sprint(i) {
			t.Fatalf("name %d of %d: %+v, %v", i, written, e, err)
		}
	}
}
