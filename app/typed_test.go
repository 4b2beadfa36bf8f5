package app

import "testing"

func TestWhatIsOfferedForWhatIsTyped(t *testing.T) {
	people := []Person{{ID: "ben", Name: "Ben", Contact: true}, {ID: "eve", Name: "Eve", Blocked: true}}
	read := func(text string) (Link, error) {
		switch text {
		case "sundog:zoe":
			return Link{Person: Person{Name: "Zoe", Where: "example.org"}}, nil
		case "sundog:near":
			return Link{Person: Person{Name: "Emil"}}, nil
		case "SUNDOG:ben":
			return Link{Person: Person{Name: "Ben", Where: "example.org", Contact: true}}, nil
		case "sundog:eve":
			return Link{Person: Person{Name: "Eve", Blocked: true}}, nil
		case "sundog:me":
			return Link{Person: Person{Name: "Anna"}, Own: true}, nil
		}
		return Link{}, sentence("This link is not whole.")
	}
	for _, c := range []struct {
		typed     string
		call, add string
		line      string
		tone      tone
	}{
		{"", "", "", "", toneQuiet},
		{"  ", "", "", "", toneQuiet},
		{" zoe   berg", "Call zoe berg", "Add", "", toneQuiet},
		{"ben", "", "", "", toneQuiet}, // the list has him
		{"Eve", "Call Eve", "Add", "", toneQuiet},
		{" sundog:zoe ", "Call Zoe", "Add", "A link to somebody at example.org", toneQuiet},
		{"sundog:near", "Call Emil", "Add", "A link to somebody on this network", toneQuiet},
		{"SUNDOG:ben", "Call Ben", "", "A link to somebody at example.org, a contact of yours", toneQuiet},
		{"sundog:eve", "", "", "Eve is blocked. Unblock them in Settings to call.", toneQuiet},
		{"sundog:me", "", "", "This is your own link. Give it to others, so that they can call you.", toneQuiet},
		{"sundog:", "", "", "This link is not whole.", toneBad},
		{"sundogs", "Call sundogs", "Add", "", toneQuiet},
	} {
		o := offerFor(people, c.typed, read)
		if o.call != c.call || o.add != c.add || o.line != c.line || o.tone != c.tone {
			t.Errorf("%q: %+v", c.typed, o)
		}
	}
}
