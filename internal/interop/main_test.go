package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestEveryCommandTellsItsFlags(t *testing.T) {
	for _, c := range commands {
		var told bytes.Buffer
		if code := run(t.Context(), []string{c.name, "-h"}, &told, &told); code != 2 || !strings.Contains(told.String(), c.about) {
			t.Errorf("%s -h: status %d, %s", c.name, code, told.String())
		}
	}
}
