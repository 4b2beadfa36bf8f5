package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
)

// listed is a device as sundog-headless lists it.
type listed struct {
	Event string `json:"event"`
	Kind  string `json:"kind"`
	Spec  string `json:"spec"`
	Label string `json:"label"`
}

func parseDevice(line string) (listed, error) {
	var d listed
	if err := json.Unmarshal([]byte(line), &d); err != nil {
		return d, fmt.Errorf("devices printed %q: %w", line, err)
	}
	return d, nil
}

// device is how sundog-headless names the device with that name in the sound server.
func (b *bench) device(ctx context.Context, s *pulse, kind, name string) (string, error) {
	out, err := runTool(ctx, s.env, filepath.Join(b.programs, "sundog-headless"), "devices", "--json")
	if err != nil {
		return "", err
	}
	var seen []string
	for line := range strings.Lines(string(out)) {
		d, err := parseDevice(line)
		if err != nil {
			return "", err
		}
		if d.Kind != kind {
			continue
		}
		if strings.Contains(d.Label, name) && !strings.Contains(d.Label, "Monitor") {
			return d.Spec, nil
		}
		seen = append(seen, d.Label)
	}
	return "", fmt.Errorf("sundog-headless devices shows no %s called %s, but %q", kind, name, seen)
}
