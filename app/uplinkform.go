package app

import (
	"fmt"
	"slices"
	"strconv"

	"fyne.io/fyne/v2"

	"sundog.dev/sundog/theme"
)

// uplinkForm limits what calls send, and chooses to send less than the line carries.
type uplinkForm struct {
	w       *mainWindow
	content *fyne.Container
	limit   *picker
	note    *paragraph
	saver   *segments
	saving  *paragraph
	limits  []int // of the choices, in bit/s
	chosen  int
}

const (
	saverOff = "off"
	saverOn  = "on"

	uncappedText = "A call takes what your line carries, and leaves room for others on it. Choose a limit if you pay for what you send, or others need the line."
	saverOffText = "Pictures are as good as the line allows."
	saverOnText  = "Calls send 0.6 Mbit/s at most, some 270 MB an hour: sound to seven people, or sound and a picture to one."
)

// uplinkLimits are the limits to choose from, in bit/s.
var uplinkLimits = []int{0, 300_000, 500_000, 1_000_000, 2_000_000, 3_000_000, 5_000_000, 10_000_000, 20_000_000}

func newUplinkForm(w *mainWindow) *uplinkForm {
	f := &uplinkForm{w: w}
	f.limit = newPicker(func(label string) {
		if i := slices.Index(f.limit.Options, label); i >= 0 && f.limits[i] != f.chosen {
			f.chosen = f.limits[i]
			f.set(func(s *Settings) { s.UplinkCap = f.limits[i] }, f.note)
		}
	})
	f.note = newParagraph(theme.Now, "", theme.TextSmall, asSecond)
	f.saver = newSegments([]segment{{saverOff, "Off"}, {saverOn, "On"}}, func(choice string) {
		f.set(func(s *Settings) { s.DataSaver = choice == saverOn }, f.saving)
	})
	f.saving = newParagraph(theme.Now, "", theme.TextSmall, asSecond)
	f.content = newColumn(theme.SpaceInside, captioned("Send at most", f.limit), f.note,
		captioned("Data saver", f.saver.content), f.saving)
	return f
}

func (f *uplinkForm) refresh(s Settings) {
	limits := slices.Clone(uplinkLimits)
	if i, there := slices.BinarySearch(limits, s.UplinkCap); !there {
		limits = slices.Insert(limits, i, s.UplinkCap)
	}
	if f.chosen != s.UplinkCap || !slices.Equal(f.limits, limits) {
		f.limits, f.chosen = limits, s.UplinkCap
		var labels []string
		for _, bits := range limits {
			labels = append(labels, limitLabel(bits))
		}
		f.limit.SetOptions(labels)
		f.limit.SetSelected(limitLabel(s.UplinkCap))
	}
	f.say(f.note, limitText(s.UplinkCap), toneQuiet)
	saver, text := saverOff, saverOffText
	if s.DataSaver {
		saver, text = saverOn, saverOnText
	}
	f.saver.choose(saver)
	f.say(f.saving, text, toneQuiet)
}

func (f *uplinkForm) say(note *paragraph, text string, t tone) {
	if note.text != text {
		note.set(text, t.role())
		if f.w.settings != nil {
			f.w.settings.content.Refresh()
		}
	}
}

func (f *uplinkForm) set(change func(*Settings), note *paragraph) {
	f.w.u.save(change, func(err error) {
		f.w.refresh()
		if err != nil {
			f.say(note, err.Error(), toneBad)
		}
	})
}

func limitLabel(bits int) string {
	if bits == 0 {
		return "What the line carries"
	}
	return megabits(bits)
}

// megabits is a rate in Mbit/s, as one writes it.
func megabits(bits int) string {
	return strconv.FormatFloat(float64(bits)/1e6, 'f', -1, 64) + " Mbit/s"
}

// What an uplink takes for each who gets it, in bit/s: a picture that is worth looking at, 360 lines of it, with its sound, or sound alone, as it is
// packed where there is little room.
const (
	pictureTakes = 665_000
	soundTakes   = 40_000
)

// limitText says what a limit is enough for.
func limitText(bits int) string {
	switch n := bits / pictureTakes; {
	case bits == 0:
		return uncappedText
	case n == 0:
		return fmt.Sprintf("Enough for sound to %s. Where it is too little for your picture, the call says so.", people(max(bits/soundTakes, 1)))
	default:
		return fmt.Sprintf("Enough for a good picture to about %s; with more people, pictures get smaller before sound suffers.", people(n))
	}
}

// people is a number of people in words.
func people(n int) string {
	if n == 1 {
		return "one person"
	}
	return number(n) + " people"
}
