package main

import (
	"errors"
	"image/color"
	"strings"

	"sundog.dev/sundog/app"
)

// linkScheme begins every link.
const linkScheme = "sundog:"

func isLink(text string) bool {
	return len(text) >= len(linkScheme) && strings.EqualFold(text[:len(linkScheme)], linkScheme)
}

func (d *desk) Colour() uint32 { return colourOf(d.phone.Profile().PublicIdentity()) }

// OwnLink is our own link with its code.
func (d *desk) OwnLink() (app.Link, error) {
	text := d.phone.Link()
	if text == "" {
		return app.Link{}, told(errors.New("there is no link without a name; enter yours in Settings"))
	}
	l := app.Link{Text: text, Own: true, Person: app.Person{Name: d.phone.Profile().Settings().Name, Colour: d.Colour()}}
	l.QR = d.code()
	if to, _, err := d.phone.ReadLink(text); err == nil {
		l.Nearby = len(to.Where) == 0
	}
	return l, nil
}

// code is the own link's code, without the quiet space around it.
func (d *desk) code() [][]bool {
	img := d.phone.LinkPicture(1, color.Black, color.White)
	if img == nil {
		return nil
	}
	dark := func(x, y int) bool {
		r, _, _, _ := img.At(x, y).RGBA()
		return r < 1<<15
	}
	quiet, side := 0, img.Bounds().Dx()
	for quiet < side && !dark(quiet, quiet) {
		quiet++
	}
	var code [][]bool
	for y := quiet; y < side-quiet; y++ {
		var row []bool
		for x := quiet; x < side-quiet; x++ {
			row = append(row, dark(x, y))
		}
		code = append(code, row)
	}
	return code
}

func (d *desk) ReadLink(text string) (app.Link, error) {
	invitation, room, err := d.phone.ReadInvitation(text)
	if err != nil {
		return app.Link{}, told(err)
	}
	if room {
		return app.Link{Text: text, Person: personOf(invitation.Via, d.lanName()), Room: true, Until: invitation.Expires}, nil
	}
	to, own, err := d.phone.ReadLink(text)
	if err != nil {
		return app.Link{}, told(err)
	}
	return app.Link{Text: to.Link, Person: personOf(to, d.lanName()), Own: own}, nil
}

func (d *desk) LinkOf(id string) (app.Link, error) {
	if isLink(id) {
		return app.Link{Text: id}, nil
	}
	text, err := d.phone.LinkOf(id)
	if err != nil {
		return app.Link{}, told(err)
	}
	return app.Link{Text: text}, nil
}
