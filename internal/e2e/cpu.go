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

// cutLast is strings.Cut at the last place.
func cutLast(s, sep string) (before, after string, found bool) {
	if at := strings.LastIndex(s, sep); at >= 0 {
		return s[:at], s[at+len(sep):], true
	}
	return s, "", false
}
