package app

import (
	"strings"

	"fyne.io/fyne/v2"

	"sundog.dev/sundog/theme"
)

// xmppForm is where one enters an XMPP account. It is signed in to before it is kept.
type xmppForm struct {
	*tryBox
	content  *fyne.Container
	account  *field
	password *field
	shown    Settings // as last put into the fields
}

const xmppWhy = "Your XMPP contacts who use Sundog see that you are there and can call you. The password is kept in your profile, readable by your user only."

func newXMPPForm(w *mainWindow) *xmppForm {
	f := &xmppForm{}
	f.account = newField("user@example.org", func(string) { w.win.Canvas().Focus(f.password) })
	f.password = newField("Password", func(string) { f.check() })
	f.password.Password = true
	f.tryBox = newTryBox(w, xmppWhy, f.check)
	for _, e := range []*field{f.account, f.password} {
		e.shortcut = w.keys.typed
		e.OnChanged = func(string) { f.changed() }
	}
	f.content = newColumn(theme.SpaceInside, formTitle("An XMPP account"), f.account, f.password, f.note, newGap(0), f.row)
	return f
}

// refresh shows the saved account, unless the fields hold something newer.
func (f *xmppForm) refresh(s Settings) {
	if s.XMPP == f.shown.XMPP && s.XMPPPassword == f.shown.XMPPPassword {
		return
	}
	f.shown = s
	f.account.SetText(s.XMPP)
	f.password.SetText(s.XMPPPassword)
	f.changed()
}

// check signs in, and saves the account if that works.
func (f *xmppForm) check() {
	if f.busy() {
		return
	}
	account, err := parseAccount(f.account.Text)
	if err != nil {
		f.say(err.Error(), toneBad)
		f.w.win.Canvas().Focus(f.account)
		return
	}
	password := f.password.Text
	if account == "" {
		password = ""
	} else if password == "" {
		f.say("Enter the account’s password as well.", toneBad)
		f.w.win.Canvas().Focus(f.password)
		return
	}
	keep := func(done string) {
		f.keep(func(s *Settings) { s.XMPP, s.XMPPPassword = account, password }, done)
	}
	if account == "" {
		keep("Saved. There is no XMPP account now.")
		return
	}
	s := f.w.u.phone.Settings()
	if s.Server == "" {
		f.say("Enter a service above first: whoever finds you by XMPP reaches you through it.", toneBad)
		return
	}
	s.XMPP, s.XMPPPassword = account, password
	f.try(XMPP, s, account, func() { keep("Saved. You are signed in as " + account + ".") })
}

// parseAccount tidies an XMPP address: user@host, without a resource (RFC 7622 §3.1), perhaps with ?host=SERVER[:PORT] where
// the host's name does not tell where its server is. Empty is no account.
func parseAccount(typed string) (string, error) {
	typed = strings.TrimPrefix(strings.TrimSpace(typed), "xmpp:")
	typed, server, elsewhere := strings.Cut(typed, "?host=")
	if elsewhere {
		if _, _, err := splitHost(server); err != nil {
			return "", err
		}
		server = "?host=" + server
	}
	if typed == "" {
		return "", nil
	}
	user, host, found := strings.Cut(typed, "@")
	switch {
	case !found:
		return "", sentence("An XMPP account looks like user@example.org.")
	case strings.Contains(host, "/"):
		return "", sentence("Leave out what follows the slash; Sundog chooses that itself.")
	case user == "" || strings.ContainsAny(user, " \"&'/:<>") || !isHostName(host):
		return "", sentence("“" + typed + "” is not an XMPP account. It looks like user@example.org.")
	}
	return user + "@" + strings.ToLower(host) + server, nil
}
