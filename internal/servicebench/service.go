package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// service is the sundogd that is measured.
type service struct {
	cmd         *exec.Cmd
	dir         string
	rtmfp, http string
	started     time.Duration
}

// startService starts it on ports that the system chooses, with a data folder of its own.
func startService(ctx context.Context, program string) (*service, error) {
	dir, err := os.MkdirTemp("", "servicebench-")
	if err != nil {
		return nil, err
	}
	s := &service{dir: dir, cmd: exec.CommandContext(ctx, program, "--rtmfp", "127.0.0.1:0", "--http", "127.0.0.1:0")}
	s.cmd.Env = append(os.Environ(), "STATE_DIRECTORY="+dir)
	logs, err := s.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w; make build makes it", err)
	}
	lines := bufio.NewScanner(logs)
	var last string
	for lines.Scan() {
		last = lines.Text()
		var line struct{ Msg, RTMFP, HTTP string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "ready" {
			s.started, s.rtmfp, s.http = time.Since(began), line.RTMFP, line.HTTP
			go func() {
				for lines.Scan() {
				}
			}()
			return s, nil
		}
	}
	_ = s.cmd.Wait()
	return nil, errors.New("sundogd does not get ready: " + last)
}

func (s *service) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait()
	_ = os.RemoveAll(s.dir)
}

// memory is the process's resident memory in bytes.
func (s *service) memory() int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
			return kb << 10
		}
	}
	return 0
}

// processor is the time that the process has used of processors.
func (s *service) processor() time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(b, []byte(") "))
	fields := strings.Fields(string(rest))
	if len(fields) < 13 {
		return 0
	}
	const tick = 10 * time.Millisecond // USER_HZ is 100 on every Linux
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * tick
}
