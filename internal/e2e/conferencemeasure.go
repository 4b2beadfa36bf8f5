package main

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"

	"sundog.dev/sundog/internal/cpusplit"
)

// conferenceQueue is the most time that 95 % of an uplink's packets wait in its queue, in ms.
const conferenceQueue = 60

// figures are what a stretch of a conference has cost.
type figures struct {
	span
	parts
	machine time.Duration // all of them, and whatever else runs here
	links   linkAnswer
}

// measure lets a conference go on for a time, and tells what it took. The machine as a whole is read first and last, so that what all its
// parts did is in it.
func (s *stage) measure(ctx context.Context, d time.Duration) (f figures, err error) {
	machine, err := busyTime()
	if err != nil {
		return f, err
	}
	before, err := s.partsNow()
	if err != nil {
		return f, err
	}
	if before.emulator, err = s.net.forget(); err != nil {
		return f, err
	}
	f.from = time.Now()
	if err := pause(ctx, d); err != nil {
		return f, err
	}
	f.to = time.Now()
	if f.links, err = s.net.stats(); err != nil {
		return f, err
	}
	after, err := s.partsNow()
	if err != nil {
		return f, err
	}
	if f.machine, err = busyTime(); err != nil {
		return f, err
	}
	f.machine -= machine
	f.emulator, f.service = f.links.CPU-before.emulator, after.service-before.service
	for i := range after.phones {
		f.phones = append(f.phones, after.phones[i]-before.phones[i])
	}
	return f, nil
}

// parts is what the phones, in order of stage.people, the service and the emulator have used of the processors.
type parts struct {
	phones            []time.Duration
	service, emulator time.Duration
}

// partsNow is what phones and service have used up to now.
func (s *stage) partsNow() (p parts, err error) {
	for _, c := range s.people {
		d, err := c.cpuTime()
		if err != nil {
			return p, err
		}
		p.phones = append(p.phones, d)
	}
	p.service, err = s.service.cpuTime()
	return p, err
}

// cpu is what all phones together have used, processor seconds a second.
func (f *figures) cpu() float64 {
	sum := time.Duration(0)
	for _, d := range f.phones {
		sum += d
	}
	return sum.Seconds() / f.seconds()
}

// reportCosts prints what each phone, the service and the emulator took.
func (s *stage) reportCosts(f figures) {
	line := ""
	for i, c := range s.people {
		line += fmt.Sprintf("  %s %.3f", c.name, f.phones[i].Seconds()/f.seconds())
	}
	emulator, service, machine := f.emulator.Seconds()/f.seconds(), f.service.Seconds()/f.seconds(), f.machine.Seconds()/f.seconds()
	s.b.report.note("processor time, s/s: all %d phones %.3f, the link emulator %.3f, the service %.3f, everything else on this machine %s of %d",
		len(s.people), f.cpu(), emulator, service, remainder(machine-f.cpu()-emulator-service), runtime.NumCPU())
	s.b.report.note("each:%s", line)
}

// remainder is processor time, s/s, that is left when parts are taken from a whole. The kernel counts the whole by what it finds running
// at each tick, and the parts exactly: so little is as good as nothing.
func remainder(left float64) string {
	const little = 0.03
	if left < little {
		return "about 0"
	}
	return fmt.Sprintf("%.3f", left)
}

// reportParts ends the conference and prints what parts of the phones the processors have worked for. The profiles are of the phones'
// whole lives; their sum is made that of the stretch.
func (s *stage) reportParts(f figures) error {
	var files []string
	for _, c := range s.people {
		files = append(files, c.cpuProfile())
	}
	s.dismiss()
	parts, err := cpusplit.Split(files)
	if err != nil {
		return err
	}
	s.b.report.note("what for:")
	for line := range strings.Lines(cpusplit.Table(cpusplit.Scale(parts, f.cpu()*f.seconds()), f.to.Sub(f.from))) {
		s.b.report.note("%s", strings.TrimRight(line, "\n"))
	}
	return nil
}

// reportUplinks prints what went up each link, and holds it against the link's rate and the mark of the queue.
func (s *stage) reportUplinks(f figures, up func(host int) float64) {
	r := s.b.report
	for _, c := range s.people {
		l := f.links.Up[c.host]
		r.note("uplink of %-4s  %.2f Mbit/s, in the busiest second %.2f, asked for %.2f; queue 50 %% %.0f ms, 95 %% %.0f ms; %d of %d packets dropped",
			c.name, float64(l.Left.Bytes)*8/1e6/f.seconds(), mbits(l.Left.Busiest), mbits(l.Came.Busiest),
			l.quantile(0.5), l.quantile(0.95), l.Dropped, l.Packets+l.Dropped)
	}
	most, queue := 0.0, 0.0
	var full, slow []string
	for _, c := range s.people {
		l := f.links.Up[c.host]
		share, wait := float64(l.Came.Bytes)*8/f.seconds()/up(c.host), l.quantile(0.95)
		most, queue = max(most, share), max(queue, wait)
		if share > 1 {
			full = append(full, c.name)
		}
		if wait > conferenceQueue {
			slow = append(slow, c.name)
		}
	}
	if !r.atMost("sent to an uplink, of its rate, the most", 100*most, 100, "%") {
		r.note("  more than it takes went to the uplink of %s", strings.Join(full, ", "))
	}
	if !r.atMost("time in an uplink's queue, 95 %, the longest", queue, conferenceQueue, "ms") {
		r.note("  longer than the mark in that of %s", strings.Join(slow, ", "))
	}
}

func mbits(bytes int) float64 { return float64(bytes) * 8 / 1e6 }

// uplinkLine is what a phone says of its uplink.
func (c *conferee) uplinkLine() string {
	found := c.all(named("uplink"))
	if len(found) == 0 {
		return "nothing"
	}
	e := found[len(found)-1]
	return fmt.Sprintf("%s: sends %.0f kbit/s; %q", e.Mode, e.Sent, e.Line)
}
