package main

import (
	"fmt"
	"strings"
)

// setting is one line of a configuration file.
type setting struct {
	line        int
	name, value string
}

// parseConfig reads a configuration file: a flag's name, an equals sign and its value on each line. Blank lines and lines
// that begin with # are passed over; a value is taken as it stands, but for the space around it.
func parseConfig(text string) (settings []setting, err error) {
	seen := make(map[string]int)
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, found := strings.Cut(line, "=")
		name = strings.TrimSpace(name)
		if !found || name == "" {
			return nil, fmt.Errorf("line %d is not of the form name = value", number)
		}
		if first := seen[name]; first != 0 {
			return nil, fmt.Errorf("line %d: %q is set in line %d already", number, name, first)
		}
		seen[name] = number
		settings = append(settings, setting{number, name, strings.TrimSpace(value)})
	}
	return settings, nil
}
