package app

import "strings"

// linkScheme begins every link that calls or adds somebody.
const linkScheme = "sundog:"

// looksLikeLink reports whether what was typed or pasted is meant as a link.
func looksLikeLink(typed string) bool {
	typed = strings.TrimSpace(typed)
	return len(typed) >= len(linkScheme) && strings.EqualFold(typed[:len(linkScheme)], linkScheme)
}

// offer is what the People page offers for what was typed into its field.
type offer struct {
	call, add string // what the buttons say; empty: there is no such button
	person    Person // whom a link leads to
	linked    bool   // person is set
	room      Link   // into a call of several, by way of person; zero: it is none
	line      string // where the link leads, or what is wrong with it
	tone      tone
}

// offerFor reads what was typed. read is Phone.ReadLink.
func offerFor(people []Person, typed string, read func(string) (Link, error)) offer {
	name := tidied(typed)
	switch {
	case name == "":
		return offer{}
	case looksLikeLink(typed):
		return offerForLink(strings.TrimSpace(typed), read)
	case len(named(people, name)) > 0:
		return offer{} // the list has them
	}
	return offer{call: "Call " + name, add: "Add"}
}

func offerForLink(text string, read func(string) (Link, error)) offer {
	link, err := read(text)
	if err != nil {
		return offer{line: err.Error(), tone: toneBad}
	}
	p := link.Person
	o := offer{person: p, linked: true, line: linkLine(link)}
	switch {
	case link.Room:
		o.room, o.call = link, "Join the call"
	case link.Own:
		o.line = "This is your own link. Give it to others, so that they can call you."
	case p.Blocked:
		o.line = p.Name + " is blocked. Unblock them in Settings to call."
	case p.Contact:
		o.call = "Call " + p.Name
	default:
		o.call, o.add = "Call "+p.Name, "Add"
	}
	return o
}

func linkLine(l Link) string {
	if l.Room {
		return "Invites you into a call, until " + l.Until.Local().Format("15:04 on 2 January")
	}
	line := "A link to somebody on this network"
	if l.Person.Where != "" {
		line = "A link to somebody at " + l.Person.Where
	}
	if l.Person.Contact {
		line += ", a contact of yours"
	}
	return line
}
