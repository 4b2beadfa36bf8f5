package theme

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/color"
	"io"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	fynetheme "fyne.io/fyne/v2/theme"
)

func TestTheChoiceWinsOverTheSystem(t *testing.T) {
	const light, dark = fynetheme.VariantLight, fynetheme.VariantDark
	for _, c := range []struct {
		choice string
		system fyne.ThemeVariant
		want   Palette
	}{
		{ChoiceSystem, light, Light()},
		{ChoiceSystem, dark, Dark()},
		{ChoiceLight, dark, Light()},
		{ChoiceDark, light, Dark()},
		{"", light, Light()},
		{"something else", dark, Dark()},
	} {
		if got := New(c.choice).Palette(c.system); got != c.want {
			t.Errorf("choice %q with system variant %d: another palette than wanted", c.choice, c.system)
		}
	}
}

func TestTheStageIsDarkInBothThemes(t *testing.T) {
	for _, v := range []fyne.ThemeVariant{fynetheme.VariantLight, fynetheme.VariantDark} {
		if got := ForStage().Color(fynetheme.ColorNameBackground, v); got != (color.NRGBA{0x0B, 0x10, 0x17, 0xFF}) {
			t.Errorf("variant %d: the stage is %v", v, got)
		}
	}
}

func TestNowFollowsTheAppsTheme(t *testing.T) {
	a := test.NewTempApp(t)
	a.Settings().SetTheme(New(ChoiceDark))
	if Now() != Dark() {
		t.Error("the dark theme is set, but Now is another palette")
	}
	a.Settings().SetTheme(New(ChoiceLight))
	if Now() != Light() {
		t.Error("the light theme is set, but Now is another palette")
	}
}

func TestEveryFyneColourAndSizeIsDefined(t *testing.T) {
	test.NewTempApp(t)
	test.AssertAllColorNamesDefined(t, New(ChoiceLight), "light")
	for _, n := range []fyne.ThemeSizeName{
		fynetheme.SizeNameText, fynetheme.SizeNamePadding, fynetheme.SizeNameInnerPadding, fynetheme.SizeNameInlineIcon,
		fynetheme.SizeNameScrollBar, fynetheme.SizeNameInputRadius, fynetheme.SizeNameWindowTitleBarHeight,
	} {
		if New(ChoiceLight).Size(n) <= 0 {
			t.Errorf("size %s is not set", n)
		}
	}
}

func TestFiguresAreAllOfOneWidth(t *testing.T) {
	test.NewTempApp(t)
	for _, style := range []fyne.TextStyle{{}, {Bold: true}} {
		want := fyne.MeasureText("0:00:00", TextStrong, style).Width
		for _, timer := range []string{"1:11:11", "8:48:44", "7:17:37"} {
			if got := fyne.MeasureText(timer, TextStrong, style).Width; got != want {
				t.Errorf("%s is %.1f wide, 0:00:00 is %.1f: the timer would jump", timer, got, want)
			}
		}
	}
}

func TestIconsAreWellFormedAndTakeAColour(t *testing.T) {
	red := color.NRGBA{R: 0xFF, A: 0xFF}
	for _, i := range Icons() {
		r := i.In(red)
		if r == nil {
			t.Errorf("%s: there is no drawing", i)
			continue
		}
		if bytes.Contains(r.Content(), []byte("#000000")) || !bytes.Contains(r.Content(), []byte("#ff0000")) {
			t.Errorf("%s is not painted in the colour asked for", i)
		}
		if i.In(red) != r {
			t.Errorf("%s is made anew each time", i)
		}
		d := xml.NewDecoder(bytes.NewReader(r.Content()))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Errorf("%s: %v", i, err)
				break
			}
		}
	}
	if Icon("no such icon").In(red) != nil {
		t.Error("an icon without a drawing gives a resource")
	}
	if AppIcon() == nil {
		t.Error("there is no app icon")
	}
}
