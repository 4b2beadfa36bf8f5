package cpusplit

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/google/pprof/profile"
)

// maxProfile is the longest file that is read, in bytes: a minute's profile of a phone has 0.2 MB.
const maxProfile = 64 << 20

// Part is what one part of the program has used.
type Part struct {
	Name    string
	Seconds float64
}

// Total is what all parts have used, in seconds.
func Total(parts []Part) (seconds float64) {
	for _, p := range parts {
		seconds += p.Seconds
	}
	return seconds
}

// Split reads CPU profiles and adds up what each part has used, the dearest first. Parts that nothing was used for are left out. Its errors are those of
// reading files, and of files that are no CPU profile.
func Split(files []string) ([]Part, error) {
	used := map[string]int64{}
	for _, name := range files {
		p, err := read(name)
		if err == nil {
			err = add(used, p)
		}
		if err != nil {
			return nil, fmt.Errorf("the CPU profile %s: %w", name, err)
		}
	}
	var parts []Part
	for name, ns := range used {
		if ns > 0 {
			parts = append(parts, Part{name, time.Duration(ns).Seconds()})
		}
	}
	slices.SortFunc(parts, func(a, b Part) int {
		return cmp.Or(cmp.Compare(b.Seconds, a.Seconds), strings.Compare(a.Name, b.Name))
	})
	return parts, nil
}

func read(name string) (*profile.Profile, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return nil, err
	} else if info.Size() > maxProfile {
		return nil, fmt.Errorf("it has %d bytes, at most %d are read", info.Size(), maxProfile)
	}
	return profile.Parse(f)
}

// add adds a profile's samples to what each part has used, in nanoseconds.
func add(used map[string]int64, p *profile.Profile) error {
	at := slices.IndexFunc(p.SampleType, func(t *profile.ValueType) bool { return t.Type == "cpu" && t.Unit == "nanoseconds" })
	if at < 0 {
		return errors.New("it is a profile, and of something else than CPU time")
	}
	var stack []string
	for _, s := range p.Sample {
		stack = stack[:0]
		for _, l := range s.Location {
			for _, line := range l.Line {
				if line.Function != nil {
					stack = append(stack, line.Function.Name)
				}
			}
		}
		used[partOf(stack)] += s.Value[at]
	}
	return nil
}

// Scale makes the parts add up to what the system says that was used, in seconds. The profiler misses some of what threads do in moments: of a phone,
// whose threads work for a fraction of a millisecond and wait again, a fifth to a third.
func Scale(parts []Part, seconds float64) []Part {
	parts = slices.Clone(parts)
	if total := Total(parts); total > 0 {
		for i := range parts {
			parts[i].Seconds *= seconds / total
		}
	}
	return parts
}

// Table is the parts as text, a line each: CPU-seconds per second of real time, share, name; the last line is their sum.
func Table(parts []Part, during time.Duration) string {
	var b strings.Builder
	total := Total(parts)
	for _, p := range append(slices.Clone(parts), Part{"together", total}) {
		fmt.Fprintf(&b, "%7.3f s/s %5.1f %%  %s\n", p.Seconds/during.Seconds(), 100*p.Seconds/max(total, 1e-9), p.Name)
	}
	return b.String()
}
