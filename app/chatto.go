package app

import (
	"fmt"
	"slices"
)

// chatTo is to whom the next line or file of the chat goes.
type chatTo struct {
	id   string // a member's; empty: everybody
	name string
}

// everybodyHere is the choice of all.
const everybodyHere = "Everybody"

// chatChoices are those to whom one can write, everybody first. chosen stays among them even after they have left: what was meant
// for one alone must not go to all.
func chatChoices(members []memberView, chosen chatTo) []chatTo {
	choices := []chatTo{{name: everybodyHere}}
	names := map[string]int{}
	for _, m := range members {
		names[m.name]++
		one := chatTo{m.id, m.name}
		if n := names[m.name]; n > 1 {
			one.name = fmt.Sprintf("%s (%d)", m.name, n)
		}
		choices = append(choices, one)
	}
	if !slices.ContainsFunc(choices, func(c chatTo) bool { return c.id == chosen.id }) {
		choices = append(choices, chosen)
	}
	return choices
}

// label is the choice as the list has it.
func (c chatTo) label() string {
	if c.id == "" {
		return everybodyHere
	}
	return "Only " + c.name
}

// hint stands in the empty field.
func (c chatTo) hint(several bool) string {
	switch {
	case c.id != "":
		return "Write to " + c.name + " only"
	case several:
		return "Write to everybody"
	}
	return "Write a line"
}
