package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// check is one end-to-end check.
type check struct {
	name  string
	about string
	run   func(context.Context, *bench) error
}

// checks are all there are, in the order in which they run: what everything else rests on first, and what takes longest last.
var checks = []check{
	{"call", "a headless call over loopback: speed, sound, picture, delay", checkCall},
	{"sound", "the same with a sound server's devices", checkSound},
	{"endings", "every way a call can end, and a service that comes and goes", checkEndings},
	{"service", "the service's start, a kill in the middle of a call, and its return", checkService},
	{"lan", "two phones on one network, with no service: found and called", checkLAN},
	{"window", "two windows, used as a new user would", checkWindow},
	{"windowtrust", "two windows compare words; a changed key is told", checkWindowTrust},
	{"windowconfer", "a window’s call grows to three: adding, hands, taking out, a shared screen", checkWindowConfer},
	{"windoweight", "a window of eight moving pictures: how many are painted, what that costs, how soon a click is answered", checkWindowEight},
	{"links", "the emulator of home uplinks, with plain datagrams", checkLinks},
	{"conference", "eight people behind home links, all heard and seen by all", checkConference},
	{"conference-slow", "the same, one of them with a fifth of the uplink", checkConferenceSlow},
	{"conference-cut", "eight people, and an uplink that is cut to a fifth and comes back", checkConferenceCut},
	{"conference-sixteen", "sixteen people, of whom one speaks, and then another", checkConferenceSixteen},
	{"conference-door", "who comes into a conference and who does not; a crash, a broken link, the opener's end", checkConferenceDoor},
	{"conference-file", "eight people, and a file from one to all over a link that breaks", checkConferenceFile},
	{"keyring", "the identity key in a real keyring, which goes away in each way; export and import", checkKeyring},
	{"oldclient", "call signalling with a program that speaks as the Video Phone did", checkOldClient},
	{"relay", "RTMFP over coturn", checkRelay},
	{"xmpp", "the XMPP directory on a Prosody and an ejabberd", checkXMPP},
	{"cluster", "three instances on three NATS servers, each killed in turn", checkCluster},
	{"hostile", "damaged packets by the million", checkHostile},
	{"middle", "a man in the middle between two phones, a thousand times, and each of his strategies", checkMiddle},
}

// choose is the checks of those names, or all for none. For a name that no check has, the error says which there are.
func choose(names []string) ([]check, error) {
	if len(names) == 0 {
		return checks, nil
	}
	var chosen []check
	for _, name := range names {
		at := slices.IndexFunc(checks, func(c check) bool { return c.name == name })
		if at < 0 {
			return nil, fmt.Errorf("there is no check %q; there are:\n\n%s", name, strings.TrimRight(tellChecks(), "\n"))
		}
		chosen = append(chosen, checks[at])
	}
	return chosen, nil
}

// tellChecks is each check and what it is about, one a line.
func tellChecks() string {
	var lines strings.Builder
	for _, c := range checks {
		fmt.Fprintf(&lines, "  %-18s  %s\n", c.name, c.about)
	}
	return lines.String()
}
