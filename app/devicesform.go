package app

import (
	"context"
	"fmt"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// Source specs that are always offered.
const (
	systemDefault = "default"
	noSource      = "none"
	testPicture   = "test"
)

// The choices of tones.
const (
	tonesOn  = "on"
	tonesOff = "off"
)

// devicesForm chooses camera, microphone and speaker, and whether tones are heard. The lists are made when the page is shown, and by Refresh.
type devicesForm struct {
	w       *mainWindow
	content *fyne.Container
	camera  *deviceChoice
	mic     *deviceChoice
	speaker *deviceChoice
	note    *label
	again   *button
	tones   *segments
	listing bool
	devices Devices
}

func newDevicesForm(w *mainWindow) *devicesForm {
	f := &devicesForm{w: w}
	f.camera = newDeviceChoice(func(spec string) { f.save(func(s *Settings) { s.Camera = spec }) })
	f.mic = newDeviceChoice(func(spec string) { f.save(func(s *Settings) { s.Mic = spec }) })
	f.speaker = newDeviceChoice(func(spec string) { f.save(func(s *Settings) { s.Speaker = spec }) })
	f.note = newLabel(theme.Now, "", theme.TextSmall, asSecond).shortened()
	f.again = newButton(theme.Now, "Refresh", quietButton, f.list).withIcon(theme.Refresh)
	f.tones = newSegments([]segment{{tonesOn, "On"}, {tonesOff, "Off"}}, func(choice string) {
		f.save(func(s *Settings) { s.Quiet = choice == tonesOff })
	})
	f.content = newColumn(theme.SpaceInside,
		captioned("Camera", f.camera.choice), captioned("Microphone", f.mic.choice), captioned("Speaker", f.speaker.choice),
		container.NewBorder(nil, nil, f.again, nil, container.New(inset{left: theme.SpaceInside}, f.note)),
		captioned("Tone when somebody joins or leaves a call", f.tones.content))
	return f
}

func captioned(caption string, o fyne.CanvasObject) *fyne.Container {
	return newColumn(theme.SpaceTight, newLabel(theme.Now, caption, theme.TextSmall, asSecond), o)
}

func (f *devicesForm) refresh(s Settings) {
	f.camera.show(cameraChoices(f.devices.Cameras, s.Camera), s.Camera)
	f.mic.show(soundChoices(f.devices.Mics, s.Mic), s.Mic)
	f.speaker.show(soundChoices(f.devices.Speakers, s.Speaker), s.Speaker)
	tones := tonesOn
	if s.Quiet {
		tones = tonesOff
	}
	f.tones.choose(tones)
}

// list asks for the devices anew. It may take a second, and says so.
func (f *devicesForm) list() {
	if f.listing {
		return
	}
	f.listing = true
	f.again.setEnabled(false)
	f.note.set("Looking for devices…")
	f.w.u.background(func(ctx context.Context) func() {
		ctx, cancel := context.WithTimeout(ctx, devicesTimeout)
		defer cancel()
		devices, err := f.w.u.phone.Devices(ctx)
		return func() {
			f.listing = false
			f.again.setEnabled(true)
			f.note.set("")
			if err != nil {
				f.note.set(err.Error())
				return
			}
			f.devices = devices
			f.refresh(f.w.u.phone.Settings())
		}
	})
}

func (f *devicesForm) save(change func(*Settings)) {
	f.w.u.save(change, func(err error) {
		f.note.set("")
		if err != nil {
			f.note.set(err.Error())
		}
		f.refresh(f.w.u.phone.Settings()) // the page may have been painted anew before it was saved
	})
}

// cameraChoices are the cameras, a test picture and none.
func cameraChoices(found []Device, chosen string) []Device {
	return completed(append(withDefault(found),
		Device{Spec: testPicture, Label: "Test picture"}, Device{Spec: noSource, Label: "None"}), chosen)
}

func soundChoices(found []Device, chosen string) []Device {
	return completed(withDefault(found), chosen)
}

func withDefault(found []Device) []Device {
	if slices.ContainsFunc(found, func(d Device) bool { return d.Spec == systemDefault }) {
		return slices.Clone(found)
	}
	return append([]Device{{Spec: systemDefault, Label: "System default"}}, found...)
}

// completed are choices without doubles, with the chosen one even while it is not plugged in, and with labels that
// can be told apart.
func completed(choices []Device, chosen string) []Device {
	var list []Device
	labels := map[string]int{}
	add := func(d Device) {
		if slices.ContainsFunc(list, func(have Device) bool { return have.Spec == d.Spec }) {
			return
		}
		labels[d.Label]++
		if n := labels[d.Label]; n > 1 {
			d.Label = fmt.Sprintf("%s (%d)", d.Label, n)
		}
		list = append(list, d)
	}
	for _, d := range choices {
		add(d)
	}
	if chosen != "" {
		add(Device{Spec: chosen, Label: chosen + " (not found now)"})
	}
	return list
}

// deviceChoice is a list to choose one device from.
type deviceChoice struct {
	choice  *picker
	devices []Device
	chosen  string
}

func newDeviceChoice(choose func(spec string)) *deviceChoice {
	c := &deviceChoice{}
	c.choice = newPicker(func(label string) {
		i := slices.IndexFunc(c.devices, func(d Device) bool { return d.Label == label })
		if i >= 0 && c.devices[i].Spec != c.chosen {
			c.chosen = c.devices[i].Spec
			choose(c.chosen)
		}
	})
	return c
}

func (c *deviceChoice) show(devices []Device, chosen string) {
	chosen = orElse(chosen, systemDefault)
	if slices.Equal(c.devices, devices) && c.chosen == chosen {
		return
	}
	c.devices, c.chosen = devices, chosen
	labels := make([]string, len(devices))
	for i, d := range devices {
		labels[i] = d.Label
	}
	c.choice.SetOptions(labels)
	if i := slices.IndexFunc(devices, func(d Device) bool { return d.Spec == chosen }); i >= 0 {
		c.choice.SetSelected(labels[i])
	}
}
