package app

import "strings"

// tone is what a short line of state means; the palette gives its colour.
type tone int

const (
	toneQuiet tone = iota
	toneGood
	toneWaiting
	toneBad
	toneText
)

// presence is the line under the own name: it says what is true.
type presence struct {
	tone tone
	text string
}

// presenceOf sums up how others can reach us. The sheet of directories has the particulars.
func presenceOf(dirs []Directory) presence {
	var yes, no, trying []string
	why := ""
	for _, d := range dirs {
		switch d.State {
		case DirectoryReachable:
			yes = append(yes, through(d))
		case DirectoryFailed:
			no = append(no, through(d))
			why = d.Sentence
		default:
			trying = append(trying, directoryName(d))
		}
	}
	switch {
	case len(dirs) == 0:
		return presence{toneQuiet, "Nobody can find you. Choose how in Settings."}
	case len(yes) > 0 && len(no) > 0:
		return presence{toneWaiting, "Reachable " + listed(yes) + ", not " + listed(no)}
	case len(yes) > 0 && len(trying) > 0:
		return presence{toneGood, "Reachable " + listed(yes) + "; connecting to " + listed(trying) + "…"}
	case len(yes) > 0:
		return presence{toneGood, "Reachable " + listed(yes)}
	case len(trying) > 0:
		return presence{toneWaiting, "Connecting to " + listed(trying) + "…"}
	case len(no) == 1 && why != "":
		return presence{toneBad, why}
	}
	return presence{toneBad, "Not reachable " + listed(no) + "; trying again."}
}

// listed is “a, b and c”. A word before them that each would repeat is said once.
func listed(parts []string) string {
	said := map[string]bool{}
	for i, p := range parts {
		if word, rest, found := strings.Cut(p, " "); found && word == "through" {
			if said[word] {
				parts[i] = rest
			}
			said[word] = true
		}
	}
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}

func through(d Directory) string {
	if d.Kind == ThisNetwork {
		return "on this network"
	}
	return "through " + directoryName(d)
}

func directoryName(d Directory) string {
	switch {
	case d.Kind == ThisNetwork:
		return "this network"
	case d.Where != "":
		return d.Where
	case d.Kind == XMPP:
		return "the XMPP account"
	}
	return "the service"
}

// directoryRow is a directory as the sheet tells of it.
type directoryRow struct {
	name string
	presence
}

func directoryRows(dirs []Directory) []directoryRow {
	var rows []directoryRow
	for _, d := range dirs {
		r := directoryRow{name: directoryName(d)}
		if d.Kind == ThisNetwork {
			r.name = "This network"
		}
		switch d.State {
		case DirectoryReachable:
			r.presence = presence{toneGood, map[DirectoryKind]string{
				ThisNetwork: "People on this network see you and can call you.",
				Service:     "Whoever knows your name there can call you.",
				XMPP:        "Your contacts there see you and can call you.",
			}[d.Kind]}
		case DirectoryFailed:
			r.presence = presence{toneBad, orElse(d.Sentence, "No answer; trying again.")}
		default:
			r.presence = presence{toneWaiting, "Connecting…"}
		}
		rows = append(rows, r)
	}
	return rows
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
