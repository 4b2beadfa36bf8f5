package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// checkConferenceFile has one of eight give a file to all others during the conference, while sound goes on. It lasts as long as seven
// copies take on one uplink; pictures are off, since beside them it would last for many times as long.
func checkConferenceFile(ctx context.Context, b *bench) error {
	const (
		size      = 10_000_000
		broken    = 10 * time.Second // longer than it takes until a link counts as broken
		breaksAt  = size / 4
		recovers  = 5 * time.Second // after which sound must be whole again
		patience  = 6 * time.Minute
		fileName  = "mountains.bin"
		giverHost = 0
	)
	s, err := b.newStage(ctx, conferenceSize)
	if err != nil {
		return err
	}
	defer s.close()
	folder := func(host int) string { return filepath.Join(b.dir, "files-"+conferenceNames[host]) }
	for host := range conferenceSize {
		if err := os.MkdirAll(folder(host), 0o755); err != nil {
			return err
		}
	}
	if _, err := s.assemble(ctx, conferenceSize, func(host int) []string {
		return []string{"--camera", "none", "--mic", fmt.Sprintf("tone:%d", 300+40*host), "--files", folder(host)}
	}); err != nil {
		return err
	}
	if err := pause(ctx, conferenceSettles); err != nil {
		return err
	}
	content := make([]byte, size)
	_, _ = rand.Read(content) // never fails
	path := filepath.Join(b.dir, fileName)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		return err
	}
	giver, takers := s.people[giverHost], s.people[1:]
	if _, err := s.net.forget(); err != nil {
		return err
	}
	began := time.Now()
	if err := giver.order("file %s", path); err != nil {
		return err
	}
	waitUntil(ctx, patience, func() bool { return least(takers, (*conferee).fileDone) >= breaksAt })
	atBreak := least(takers, (*conferee).fileDone)
	b.report.holds("the file goes to all others", atBreak >= breaksAt, takers[0].fileState()+": "+giver.tail())
	if atBreak < breaksAt {
		return nil
	}
	whole := span{began, time.Now()}
	if err := s.net.isolate(giverHost); err != nil {
		return err
	}
	if err := pause(ctx, broken); err != nil {
		return err
	}
	if err := s.net.block(); err != nil {
		return err
	}
	back := time.Now()
	before := least(takers, (*conferee).fileDone)
	waitUntil(ctx, patience, func() bool {
		for _, c := range takers {
			if c.fileState() != "done" && c.fileState() != "failed" {
				return false
			}
		}
		return true
	})
	end := time.Now()
	restarted := 0
	for _, c := range takers {
		b.report.equals(c.name+" has the file", c.fileState(), "done")
		got, err := os.ReadFile(filepath.Join(folder(c.host), fileName))
		b.report.holds(c.name+": whole by SHA-256", err == nil && sha256.Sum256(got) == sha256.Sum256(content), fmt.Sprint(len(got), " bytes ", err))
		for _, e := range c.all(func(e event) bool { return e.Event == "file" && e.Time.After(back) }) {
			if e.Done < before {
				restarted++
				break
			}
		}
	}
	b.report.equals("began anew after the break, of 7", restarted, 0)
	links, err := s.net.stats()
	if err != nil {
		return err
	}
	up := links.Up[giverHost]
	b.report.note("7 copies of %d MB took %.0f s, %v of which the link was broken; %.1f MB went up it", size/1_000_000, end.Sub(began).Seconds(), broken, float64(up.Left.Bytes)/1e6)
	b.report.atMost("time in the uplink's queue, 95 %", up.quantile(0.95), conferenceQueue, "ms")
	withGiver := func(from, to *conferee) bool { return from == giver || to == giver }
	s.reportStreams("the giver's links before the break", whole, withGiver, noPicture)
	rest := span{back.Add(recovers), end}
	s.reportStreams("the giver's links after it", rest, withGiver, noPicture)
	s.reportStreams("among the others, all the time", span{began, end}, func(from, to *conferee) bool { return !withGiver(from, to) }, noPicture)
	return nil
}

// lastFile is what the phone told last of a file.
func (c *conferee) lastFile() (last event) {
	if found := c.all(named("file")); len(found) > 0 {
		last = found[len(found)-1]
	}
	return last
}

func (c *conferee) fileDone() int64   { return c.lastFile().Done }
func (c *conferee) fileState() string { return c.lastFile().State }

// least is the least figure of some phones.
func least(of []*conferee, figure func(*conferee) int64) int64 {
	found := figure(of[0])
	for _, c := range of {
		found = min(found, figure(c))
	}
	return found
}
