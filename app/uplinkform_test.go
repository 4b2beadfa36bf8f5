package app

import (
	"testing"

	"fyne.io/fyne/v2/test"
)

func TestALimitOfWhatCallsSendIsChosenAndSaysWhatItIsEnoughFor(t *testing.T) {
	d := newDesk(t, withPeople)
	d.ui.main.show(pageSettings)
	form := d.ui.main.settings.uplink
	if form.limit.Selected != "What the line carries" || form.note.text != uncappedText {
		t.Fatalf("it begins with %q: %q", form.limit.Selected, form.note.text)
	}
	form.limit.SetSelected("5 Mbit/s")
	d.until("it is saved", func() bool { return d.phone.Settings().UplinkCap == 5_000_000 })
	d.until("it is said", func() bool {
		return form.note.text == "Enough for a good picture to about seven people; with more people, pictures get smaller before sound suffers."
	})
	form.limit.SetSelected("0.3 Mbit/s")
	d.until("little is said to be little", func() bool {
		return form.note.text == "Enough for sound to seven people. Where it is too little for your picture, the call says so."
	})
	test.Tap(form.saver.parts[1])
	d.until("data is saved", func() bool { return d.phone.Settings().DataSaver && form.saving.text == saverOnText })
}

func TestALimitThatIsNoneOfTheChoicesIsShownAmongThem(t *testing.T) {
	d := newDesk(t, func(p *fakePhone) { p.settings.UplinkCap = 1_400_000 })
	if form := d.ui.main.settings.uplink; form.limit.Selected != "1.4 Mbit/s" || form.limit.Options[4] != "1.4 Mbit/s" {
		t.Errorf("%q of %q", form.limit.Selected, form.limit.Options)
	}
}
