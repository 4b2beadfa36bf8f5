package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// ticksPerSecond is the unit of processor times in /proc, the same on all Linux systems (USER_HZ, see proc(5) and time(7)).
const ticksPerSecond = 100

// cpuTime is what a program has used of the processors, for itself and in the kernel.
func (p *program) cpuTime() (time.Duration, error) {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	return parseCPU(string(line))
}

// parseCPU reads the line of /proc/PID/stat: the 14th and 15th fields, of which the second is a name in parentheses that may hold
// anything.
func parseCPU(line string) (time.Duration, error) {
	_, behind, _ := cutLast(line, ")")
	const first, user, system = 3, 14, 15 // counted from 1, as in the manual
	fields := strings.Fields(behind)
	if len(fields) <= system-first {
		return 0, errors.New("no line of /proc/PID/stat")
	}
	ticks := 0
	for _, at := range []int{user, system} {
		n, err := strconv.Atoi(fields[at-first])
		if err != nil {
			return 0, fmt.Errorf("a line of /proc/PID/stat: %w", err)
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond, nil
}

// busyTime is what everything on this machine has used of the processors since it was started.
func busyTime() (time.Duration, error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, err
	}
	return parseBusy(string(text))
}

// parseBusy reads the first line of /proc/stat: user, nice, system, idle, waiting, interrupts (two), stolen.
func parseBusy(text string) (time.Duration, error) {
	line, _, _ := strings.Cut(text, "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return 0, errors.New("no line of /proc/stat")
	}
	ticks := 0
	for i, field := range fields[1:9] {
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, fmt.Errorf("a line of /proc/stat: %w", err)
		}
		if idle := i == 3 || i == 4; !idle {
			ticks += n
		}
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond, nil
}

// cutLast is strings.Cut at the last place.
func cutLast(s, sep string) (before, after string, found bool) {
	if at := strings.LastIndex(s, sep); at >= 0 {
		return s[:at], s[at+len(sep):], true
	}
	return s, "", false
}
