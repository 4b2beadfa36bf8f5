package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	// conferenceSize is how many people the conferences have, where nothing else is said.
	conferenceSize = 8
	// conferenceLinks is how soon all of them hear each other, from the start of the last program.
	conferenceLinks = 5 * time.Second
	// conferenceCamera is a test picture of the size that everybody shall be seen in.
	conferenceCamera = "test:640x360@24"
	// serviceLink is the rate of the service's host, bit/s: it is in nobody's way.
	serviceLink = 100e6
)

// conferenceNames are those of the people, by host.
var conferenceNames = []string{
	"ada", "ben", "cleo", "dan", "eve", "fay", "gus", "hal", "ida", "jon", "kim", "leo", "mia", "ned", "ora", "pam",
}

// stage is where a conference is held: hosts of people, each behind an uplink and a downlink as homes have, and one for the service,
// the last.
type stage struct {
	b       *bench
	net     *linkNetwork
	service *service
	link    string // to the conference
	people  []*conferee
	load    *loadWatch
	// profiled has each phone write down what it used the processors for, see reportParts.
	profiled bool
}

// newStage makes a stage with hosts for so many people, all with the link of checkLinks.
func (b *bench) newStage(ctx context.Context, people int) (*stage, error) {
	hosts := make([]linkHost, people, people+1)
	for i := range hosts {
		hosts[i] = linkHost{Up: linkUp, Down: linkDown, Queue: linkQueue, Delay: linkDelay}
	}
	n, err := newLinks(ctx, b.run, append(hosts, linkHost{Up: serviceLink, Down: serviceLink, Queue: linkQueue, Delay: linkDelay}))
	if err != nil {
		return nil, err
	}
	s := &stage{b: b, net: n, load: newLoadWatch()}
	if s.service, err = b.startServiceOn(ctx, n, people); err != nil {
		s.close()
		return nil, err
	}
	b.report.note("every phone is on a host of its own: %g Mbit/s up, %g down, %v one way, and a queue of %v at most in front of each",
		linkUp/1e6, linkDown/1e6, linkDelay, linkQueue)
	return s, nil
}

// close ends everybody, the service and the network.
func (s *stage) close() {
	s.dismiss()
	if s.service != nil {
		s.service.stop()
	}
	s.net.remove()
	s.load.close()
}

// dismiss has everybody leave.
func (s *stage) dismiss() {
	for _, c := range s.people {
		c.signalEnd()
	}
	for _, c := range s.people {
		c.stop()
		c.keepLog()
		_ = c.kept.Close()
	}
	s.people = nil
}

// enter starts a phone on a host, which listens to orders. What it is to do stands at the end of its arguments.
func (s *stage) enter(host int, args ...string) (*conferee, error) {
	return s.enterAs(conferenceNames[host], host, args...)
}

func (s *stage) enterAs(name string, host int, args ...string) (*conferee, error) {
	c := &conferee{stage: s, host: host}
	all := append([]string{"--profile", c.folder("profile-" + name), "--name", name, "--json", "--control"}, s.service.flags()...)
	if s.profiled {
		all = append(all, "--cpu-profile", c.cpuProfile())
	}
	c.program = s.net.prepare(host, name, filepath.Join(s.b.programs, "sundog-headless"), append(all, args...)...)
	var err error
	if c.orders, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := c.keepEvents(); err != nil {
		return nil, err
	}
	s.people = append(s.people, c)
	return c, c.run()
}

// open has the first one open a conference, and waits for its link.
func (s *stage) open(ctx context.Context, flags ...string) (*conferee, error) {
	first, err := s.enter(0, append(slices.Clone(flags), "confer", "new")...)
	if err != nil {
		return nil, err
	}
	e, err := first.waitFor(ctx, soon, "link to the conference", func(e event) bool { return e.Event == "room" && e.Link != "" })
	s.link = e.Link
	return first, err
}

// assemble has the first one open a conference and all others come in at once by its link, and waits until everybody hears
// everybody, or for long. It tells how long that took from the start of the last program. The flags are those of a host's phone.
func (s *stage) assemble(ctx context.Context, people int, flags func(host int) []string) (time.Duration, error) {
	if _, err := s.open(ctx, flags(0)...); err != nil {
		return 0, err
	}
	for host := 1; host < people; host++ {
		if _, err := s.enter(host, append(slices.Clone(flags(host)), "confer", s.link)...); err != nil {
			return 0, err
		}
	}
	const patience = 30 * time.Second
	began := s.people[people-1].started
	waitUntil(ctx, patience, func() bool { return len(s.missing()) == 0 })
	if missing := s.missing(); len(missing) > 0 {
		return 0, fmt.Errorf("after %v these do not hear each other: %v", patience, missing)
	}
	last := began
	for _, c := range s.people {
		for _, other := range s.people {
			if at := c.joined(other); at.After(last) {
				last = at
			}
		}
	}
	return last.Sub(began), nil
}

// reportAssembled holds how long it took against a mark. When it took longer, it tells between whom.
func (s *stage) reportAssembled(took, mark time.Duration) {
	people := len(s.people)
	if s.b.report.atMost(fmt.Sprintf("all %d links up at both ends, from the last start", people*(people-1)/2), took.Seconds(), mark.Seconds(), "s") {
		return
	}
	began := s.people[people-1].started
	var late []string
	for _, c := range s.people {
		for _, other := range s.people {
			if at := c.joined(other); at.Sub(began) > mark {
				late = append(late, fmt.Sprintf("%s with %s after %.1f s%s", c.name, other.name, at.Sub(began).Seconds(), s.load.told(at)))
			}
		}
	}
	s.b.report.note("  %d ends were late: %s", len(late), strings.Join(late[:min(len(late), toldStreams)], ", "))
}

// missing are the links that are not up, as who does not hear whom.
func (s *stage) missing() (pairs []string) {
	for _, c := range s.people {
		for _, other := range s.people {
			if c != other && c.joined(other).IsZero() {
				pairs = append(pairs, c.name+"–"+other.name)
			}
		}
	}
	return pairs
}

// agree holds that all have the same people in the conference, and show the same short string.
func (s *stage) agree(ctx context.Context) {
	r := s.b.report
	strings := func() (all []string) {
		for _, c := range s.people {
			all = append(all, c.shortString())
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	waitUntil(ctx, soon, func() bool { all := strings(); return len(all) == 1 && all[0] != "" })
	all := strings()
	r.holds(fmt.Sprintf("all %d show the same short string", len(s.people)), len(all) == 1 && all[0] != "", fmt.Sprintf("%q", all))
	var rosters []string
	for _, c := range s.people {
		rosters = append(rosters, fmt.Sprint(c.roster()))
	}
	slices.Sort(rosters)
	rosters = slices.Compact(rosters)
	r.holds("all have the same people in the conference", len(rosters) == 1 && len(s.people[0].roster()) == len(s.people), fmt.Sprint(rosters))
}
