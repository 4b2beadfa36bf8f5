package main

import (
	"encoding/json"
	"math"
	"slices"
	"sync"
	"time"
)

// reporter writes reports, one JSON object a line, from any goroutine.
type reporter struct {
	mu      sync.Mutex
	encoder *json.Encoder
}

// figures is one report.
type figures map[string]any

func (r *reporter) tell(what string, f figures) {
	f["what"] = what
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = r.encoder.Encode(f) // a reader that has gone misses it
}

// delays collects how late messages came.
type delays []time.Duration

// figures are percentiles in milliseconds.
func (d delays) figures() figures {
	slices.Sort(d)
	return figures{
		"messages": len(d),
		"p50_ms":   d.percentile(0.5),
		"p95_ms":   d.percentile(0.95),
		"p99_ms":   d.percentile(0.99),
		"max_ms":   d.percentile(1),
	}
}

// percentile of sorted delays in milliseconds, rounded to microseconds.
func (d delays) percentile(p float64) float64 {
	if len(d) == 0 {
		return 0
	}
	i := min(max(int(math.Ceil(p*float64(len(d))))-1, 0), len(d)-1)
	return float64(d[i].Microseconds()) / 1000
}

// meter measures bytes over time and what they cost this process.
type meter struct {
	began time.Time
	cpu   time.Duration
	bytes int64
}

func startMeter() meter { return meter{began: time.Now(), cpu: processorTime()} }

// figures are throughput and processor time since the start.
func (m *meter) figures() figures {
	seconds := time.Since(m.began).Seconds()
	cpu := (processorTime() - m.cpu).Seconds()
	gbit := float64(m.bytes) * 8 / 1e9
	return figures{
		"seconds":        round(seconds, 3),
		"bytes":          m.bytes,
		"MB_per_s":       round(float64(m.bytes)/1e6/seconds, 3),
		"cpu_s":          round(cpu, 3),
		"cpu_s_per_gbit": round(cpu/max(gbit, 1e-9), 4),
	}
}

func round(x float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(x*scale) / scale
}

// merge adds other's figures.
func (f figures) merge(other figures) figures {
	for k, v := range other {
		f[k] = v
	}
	return f
}
