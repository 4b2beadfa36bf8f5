package main

import (
	"fmt"

	"sundog.dev/sundog/internal/phone"
)

// The choices of --view: whose pictures are shown, and so sent to us.
const (
	viewGrid    = "grid"    // everybody's
	viewSpeaker = "speaker" // of whoever speaks
)

// The window that there is not: pictures are asked for in the sizes that it would show.
const viewWidth, viewHeight = 1920, 1080

func checkView(view string) error {
	if view != viewGrid && view != viewSpeaker {
		return fmt.Errorf("a view is %s or %s, not %.40q", viewGrid, viewSpeaker, view)
	}
	return nil
}

// tile is how large each of so many people is in the grid.
func tile(people int) (width, height int) {
	columns := 1
	for columns*columns < people {
		columns++
	}
	return viewWidth / columns, viewHeight / columns
}

// showing is how large somebody was said to be shown.
type showing struct{ width, height int }

// show says of everybody how large they are shown now.
func (f *followed) show() {
	width, height := tile(len(f.people))
	shown := map[string]showing{}
	for _, p := range f.people {
		one := showing{width, height}
		if f.runner.view == viewSpeaker {
			if one = (showing{}); p.ID == f.lookingAt() {
				one = showing{viewWidth, viewHeight}
			}
		}
		shown[p.ID] = one
		if before, ok := f.shown[p.ID]; !ok || before != one {
			f.call.SetShowing(p.ID, one.width, one.height, false)
		}
	}
	f.shown = shown
}

// lookingAt is whose picture the speaker's view shows: of the last other one who spoke or, until somebody has, of the first.
func (f *followed) lookingAt() string {
	if speaker := f.call.Speaker(); has(f.people, speaker) {
		f.looked = speaker
	}
	if !has(f.people, f.looked) && len(f.people) > 0 {
		f.looked = f.people[0].ID
	}
	return f.looked
}

func has(people []phone.Participant, id string) bool {
	for _, p := range people {
		if p.ID == id {
			return true
		}
	}
	return false
}
