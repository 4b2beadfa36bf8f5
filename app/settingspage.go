package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// settingsPage is all that the user can choose, in cards.
type settingsPage struct {
	w       *mainWindow
	content *fyne.Container
	scroll  *container.Scroll
	name    *nameForm
	network *networkForm
	service *serviceForm
	xmpp    *xmppForm
	callers *callersForm
	own     *identityForm
	devices *devicesForm
	uplink  *uplinkForm
	look    *segments
	blocked *blockedList
}

func newSettingsPage(w *mainWindow) *settingsPage {
	p := &settingsPage{w: w}
	p.name = newNameForm(w)
	p.network = newNetworkForm(w)
	p.service = newServiceForm(w)
	p.xmpp = newXMPPForm(w)
	p.callers = newCallersForm(w)
	p.own = newIdentityForm(w)
	p.blocked = newBlockedList(w)
	p.devices = newDevicesForm(w)
	p.uplink = newUplinkForm(w)
	p.look = newSegments([]segment{
		{theme.ChoiceSystem, "System"}, {theme.ChoiceLight, "Light"}, {theme.ChoiceDark, "Dark"},
	}, p.chooseLook)
	about := newParagraph(theme.Now, aboutText(w.u.version), theme.TextSmall, asSecond)
	keys := newParagraph(theme.Now, keysText, theme.TextSmall, asSecond)
	cards := container.New(column{gap: theme.SpaceInside, widest: theme.ContentWidth},
		sectionTitle("You"), newCard(theme.Now, p.name.content),
		sectionTitle("Where others find you"), newCard(theme.Now, p.network.content),
		newCard(theme.Now, p.service.content), newCard(theme.Now, p.xmpp.content),
		sectionTitle("Who can call you"), newCard(theme.Now, p.callers.content),
		sectionTitle("Your identity"), newCard(theme.Now, p.own.content),
		sectionTitle("Camera and sound"), newCard(theme.Now, p.devices.content),
		sectionTitle("What calls may send"), newCard(theme.Now, p.uplink.content),
		sectionTitle("Appearance"), newCard(theme.Now, p.look.content),
		sectionTitle("Blocked people"), newCard(theme.Now, p.blocked.content),
		sectionTitle("Keys"), newCard(theme.Now, keys),
		sectionTitle("About"), newCard(theme.Now, about, newButton(theme.Now, "Make a test call", plainButton, w.testCall).withIcon(theme.Echo)),
	)
	p.scroll = container.NewVScroll(container.New(inset{theme.SpaceBetween, 0, theme.SpaceBetween, theme.SpaceBetween}, cards))
	p.content = container.NewStack(p.scroll)
	return p
}

func aboutText(version string) string {
	return "Sundog " + orElse(version, "of this source") + "\nA video phone. Calls go directly from one to another; no server sees their sound and picture. Pictures to compare: emoji art by EmojiOne (emojione.com), CC BY 4.0, in Adobe’s font EmojiOne Color."
}

const keysText = `In a call: M mutes, holding Space lets you be heard while muted, V switches the camera, S shares the screen, P shows the people, A adds some, H raises a hand, C opens the chat, W compares words, 1 to 9 make somebody large, G whoever speaks, F11 fills the screen, Ctrl+Shift+H hangs up, ? lists the keys.
While it rings: Enter accepts, Escape declines.
In a list: Up and Down choose, Enter calls, Space or the menu key offers more, Delete removes.
Everywhere here: Ctrl+1, Ctrl+2 and Ctrl+3 choose the page, Ctrl+L shows your link, Ctrl+T makes a test call.`

// formTitle says what one of several cards under a section's title is about.
func formTitle(text string) fyne.CanvasObject {
	return newLabel(theme.Now, text, theme.TextBody, asText).strong()
}

func sectionTitle(text string) fyne.CanvasObject {
	return container.New(inset{left: theme.SpaceTight, top: theme.SpaceInside},
		newLabel(theme.Now, text, theme.TextSmall, asSecond).strong())
}

// refresh shows the settings as they are, except in fields that are being typed in.
func (p *settingsPage) refresh(s Settings) {
	p.name.refresh(s)
	p.network.refresh(s)
	p.service.refresh(s)
	p.xmpp.refresh(s)
	p.callers.refresh(s)
	p.own.refresh(p.w.u.phone.Identity())
	p.blocked.refresh(p.w.known)
	p.devices.refresh(s)
	p.uplink.refresh(s)
	p.look.choose(orElse(s.Theme, theme.ChoiceSystem))
	reveal(p.scroll.Content, p.scroll)
}

// shown is called when the page is chosen.
func (p *settingsPage) shown() { p.devices.list() }

func (p *settingsPage) chooseLook(choice string) {
	p.w.u.save(func(s *Settings) { s.Theme = choice }, func(err error) {
		if err != nil {
			p.w.refresh()
		}
	})
}

// nameForm is the own name. It is saved by Enter and when the focus leaves.
type nameForm struct {
	w       *mainWindow
	content *fyne.Container
	name    *field
	note    *paragraph
	saved   string
}

func newNameForm(w *mainWindow) *nameForm {
	f := &nameForm{w: w}
	f.name = newField("Your name", func(string) { f.save() })
	f.name.left = f.save
	f.name.shortcut = w.keys.typed
	f.name.escaped = func() { f.name.SetText(f.saved) }
	f.note = newParagraph(theme.Now, "What others see when you call.", theme.TextSmall, asSecond)
	f.content = newColumn(theme.SpaceInside, f.name, f.note)
	return f
}

func (f *nameForm) refresh(s Settings) {
	if f.saved != s.Name {
		f.saved = s.Name
		f.name.SetText(s.Name)
	}
}

func (f *nameForm) save() {
	name, err := checkName(f.name.Text)
	if err == nil && name == f.saved {
		return
	}
	if err != nil {
		f.say(err.Error(), toneBad)
		return
	}
	f.saved = name
	f.w.u.save(func(s *Settings) { s.Name = name }, func(err error) {
		if err != nil {
			f.say(err.Error(), toneBad)
			return
		}
		f.say("Saved.", toneGood)
		f.w.refresh()
	})
}

func (f *nameForm) say(text string, t tone) {
	f.note.set(text, t.role())
	f.content.Refresh()
}
