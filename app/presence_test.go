package app

import "testing"

func TestPresenceSaysWhatIsTrue(t *testing.T) {
	here := func(s DirectoryState) Directory { return Directory{Kind: ThisNetwork, State: s} }
	service := func(s DirectoryState, why string) Directory {
		return Directory{Kind: Service, State: s, Where: "example.org", Sentence: why}
	}
	account := func(s DirectoryState) Directory {
		return Directory{Kind: XMPP, State: s, Where: "anna@xmpp.example"}
	}
	const yes, no, trying = DirectoryReachable, DirectoryFailed, DirectoryConnecting
	for _, c := range []struct {
		dirs []Directory
		want presence
	}{
		{nil, presence{toneQuiet, "Nobody can find you. Choose how in Settings."}},
		{[]Directory{here(yes)}, presence{toneGood, "Reachable on this network"}},
		{[]Directory{here(yes), service(yes, "")}, presence{toneGood, "Reachable on this network and through example.org"}},
		{[]Directory{here(yes), service(yes, ""), account(yes)}, presence{toneGood, "Reachable on this network, through example.org and anna@xmpp.example"}},
		{[]Directory{here(yes), service(no, "It is down.")}, presence{toneWaiting, "Reachable on this network, not through example.org"}},
		{[]Directory{here(yes), service(no, ""), account(trying)}, presence{toneWaiting, "Reachable on this network, not through example.org"}},
		{[]Directory{here(yes), service(trying, "")}, presence{toneGood, "Reachable on this network; connecting to example.org…"}},
		{[]Directory{service(trying, "")}, presence{toneWaiting, "Connecting to example.org…"}},
		{[]Directory{service(no, "No service answers at example.org. Trying again.")}, presence{toneBad, "No service answers at example.org. Trying again."}},
		{[]Directory{service(no, "")}, presence{toneBad, "Not reachable through example.org; trying again."}},
		{[]Directory{here(no), account(no)}, presence{toneBad, "Not reachable on this network and through anna@xmpp.example; trying again."}},
	} {
		if got := presenceOf(c.dirs); got != c.want {
			t.Errorf("%+v:\n%+v, want\n%+v", c.dirs, got, c.want)
		}
	}
}

func TestEachDirectoryIsToldOfByItself(t *testing.T) {
	rows := directoryRows([]Directory{
		{Kind: ThisNetwork, State: DirectoryReachable},
		{Kind: Service, State: DirectoryFailed, Where: "example.org", Sentence: "No service answers at example.org. Trying again."},
		{Kind: XMPP, State: DirectoryConnecting, Where: "anna@xmpp.example"},
	})
	want := []directoryRow{
		{"This network", presence{toneGood, "People on this network see you and can call you."}},
		{"example.org", presence{toneBad, "No service answers at example.org. Trying again."}},
		{"anna@xmpp.example", presence{toneWaiting, "Connecting…"}},
	}
	for i, r := range rows {
		if r != want[i] {
			t.Errorf("%+v, want %+v", r, want[i])
		}
	}
}
