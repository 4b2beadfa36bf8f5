package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
)

// hostilePackets is how many packets of each kind are thrown at each target.
const hostilePackets = 1_000_000

// checkHostile has the tests of internal/hostile throw a million packets, damaged before they are sealed with the
// session's own keys, and as many damaged afterwards, at a live endpoint, a live service and a call in progress.
// Those tests hold the marks: no panic, no hang, at most 5 MB more live heap, and the friends' sessions unharmed.
func checkHostile(ctx context.Context, b *bench) error {
	out, err := b.goTest(ctx, "internal/hostile", []string{fmt.Sprintf("SUNDOG_HOSTILE_PACKETS=%d", hostilePackets)}, "-test.timeout=30m")
	for _, target := range []string{"Endpoint", "Service", "Call"} {
		name := "Test" + target + "UnderAttack"
		b.report.holds(strings.ToLower(target)+" under attack by 2 × 1,000,000 packets", bytes.Contains(out, []byte("--- PASS: "+name)), "")
	}
	for line := range strings.Lines(string(out)) {
		if _, told, ok := strings.Cut(line, "_test.go:"); ok {
			b.report.note("%s", strings.TrimSpace(told))
		}
	}
	return err
}
