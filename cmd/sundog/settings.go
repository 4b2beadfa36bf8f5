package main

import (
	"context"
	"slices"
	"strings"

	"sundog.dev/sundog/app"
	"sundog.dev/sundog/internal/phone"
	"sundog.dev/sundog/internal/profile"
)

// The words of a list of directories that are no address (see phone.Config.Directory).
const (
	lanWord     = "lan"
	serviceWord = "service"
	xmppScheme  = "xmpp:"
)

// directories is a list of directories by its parts. A window has one of a kind.
type directories struct {
	lan  bool
	http string // a URL; empty: the service's own
	xmpp string // user@host
	rest []string
}

// readDirectories reads a list. An empty one is what a window begins with: this network and, if there is a service, its own.
func readDirectories(list string) directories {
	var d directories
	if strings.TrimSpace(list) == "" {
		return directories{lan: true}
	}
	for word := range strings.SplitSeq(list, ",") {
		word = strings.TrimSpace(word)
		account, isXMPP := strings.CutPrefix(word, xmppScheme)
		switch {
		case word == "" || word == serviceWord:
		case word == lanWord:
			d.lan = true
		case isXMPP && d.xmpp == "":
			d.xmpp = account
		case !isXMPP && d.http == "":
			d.http = word
		case !slices.Contains(d.rest, word):
			d.rest = append(d.rest, word)
		}
	}
	return d
}

// windowDirectories is the list that a window uses: what is given, or what a window begins with.
func windowDirectories(given string) string {
	if strings.TrimSpace(given) != "" {
		return given
	}
	return readDirectories("").String()
}

// String is the list. It is never empty, since an empty one would mean a choice by the phone.
func (d directories) String() string {
	var words []string
	if d.lan {
		words = append(words, lanWord)
	}
	if d.http != "" {
		words = append(words, d.http)
	} else {
		words = append(words, serviceWord) // none without a service
	}
	if d.xmpp != "" {
		words = append(words, xmppScheme+d.xmpp)
	}
	return strings.Join(append(words, d.rest...), ",")
}

func (d *desk) Settings() app.Settings {
	s := d.phone.Profile().Settings()
	dirs := readDirectories(s.Directory)
	return app.Settings{
		Name: s.Name, Hidden: !dirs.lan, Server: s.Server, Directory: dirs.http,
		XMPP: dirs.xmpp, XMPPPassword: d.password(dirs.xmpp), Callers: app.Callers(windowAccept(s)),
		OldPrograms: s.OldClients == phone.OldClientsAllow,
		Camera:      s.Camera, Mic: s.Mic, Speaker: s.Speaker, Theme: s.Theme,
		UplinkCap: s.UplinkCap, DataSaver: s.DataSaver, Quiet: s.Quiet,
	}
}

// bare is an account without what may tell where its server is: user@host?host=server.
func bare(account string) string {
	account, _, _ = strings.Cut(account, "?")
	return account
}

// password is the one that is kept for an account; one that cannot be read is entered again.
func (d *desk) password(account string) string {
	if account == "" {
		return ""
	}
	password, err := d.phone.Profile().Password(bare(account))
	if err != nil {
		return ""
	}
	return password
}

func (d *desk) SaveSettings(s app.Settings) error {
	if s.Name != "" {
		if err := phone.CheckName(s.Name); err != nil {
			return told(err)
		}
	}
	store := d.phone.Profile()
	was := store.Settings()
	kept := profileSettings(s, was)
	if _, err := phone.CheckService(kept.Server, kept.Directory); err != nil {
		return told(err)
	}
	anew, err := d.keepPassword(readDirectories(was.Directory).xmpp, s)
	if err != nil {
		return told(err)
	}
	if err := store.SaveSettings(kept); err != nil {
		return told(err)
	}
	if !d.accepts {
		d.phone.SetAccept(windowAccept(kept))
	}
	if !d.olds {
		d.phone.SetOldClients(kept.OldClients == phone.OldClientsAllow)
	}
	d.phone.SetSources(withDefaults(kept, d.flags))
	d.phone.SetTones(!kept.Quiet)
	if !d.capped {
		d.phone.SetUplinkCap(kept.UplinkCap, kept.DataSaver)
	}
	if d.moved.Load() { // the name in the settings is that of the identity that comes with the next start
		kept.Name = d.name
	}
	if anew { // it signs in with the new password when it is opened anew
		without := readDirectories(kept.Directory)
		without.xmpp = ""
		if err := d.phone.SetService(kept.Name, kept.Server, without.String()); err != nil {
			return told(err)
		}
	}
	return told(d.phone.SetService(kept.Name, kept.Server, kept.Directory))
}

// keepPassword keeps the account's password, and forgets that of a former account. It reports whether an account that is
// signed in to already has got another password.
func (d *desk) keepPassword(former string, s app.Settings) (anew bool, err error) {
	store := d.phone.Profile()
	if former != "" && bare(former) != bare(s.XMPP) {
		if err := store.SavePassword(bare(former), ""); err != nil {
			return false, err
		}
	}
	if s.XMPP == "" || d.password(s.XMPP) == s.XMPPPassword {
		return false, nil
	}
	return former == s.XMPP, store.SavePassword(bare(s.XMPP), s.XMPPPassword)
}

// profileSettings are the settings as the profile has them. Directories that the window does not show stay.
func profileSettings(s app.Settings, was profile.Settings) profile.Settings {
	dirs := readDirectories(was.Directory)
	dirs.lan, dirs.http, dirs.xmpp = !s.Hidden, s.Directory, s.XMPP
	was.Name, was.Server, was.Directory = s.Name, s.Server, dirs.String()
	was.Camera, was.Mic, was.Speaker, was.Theme = s.Camera, s.Mic, s.Speaker, s.Theme
	was.UplinkCap, was.DataSaver, was.Quiet = s.UplinkCap, s.DataSaver, s.Quiet
	was.Accept, was.OldClients = string(s.Callers), ""
	if s.OldPrograms {
		was.OldClients = phone.OldClientsAllow
	}
	return was
}

// windowAccept says who may ring: in a window the user decides, and everybody at first.
func windowAccept(s profile.Settings) phone.Accept {
	if s.Accept == "" {
		return phone.AcceptAnyone
	}
	return phone.Accept(s.Accept)
}

func (d *desk) Directories() []app.Directory {
	kinds := map[phone.DirectoryKind]app.DirectoryKind{
		phone.DirectoryLAN: app.ThisNetwork, phone.DirectoryHTTP: app.Service, phone.DirectoryXMPP: app.XMPP,
	}
	states := map[phone.WayState]app.DirectoryState{
		phone.WayOpening: app.DirectoryConnecting, phone.WaySearch: app.DirectoryConnecting,
		phone.WayOpen: app.DirectoryReachable, phone.WayFailed: app.DirectoryFailed,
	}
	var list []app.Directory
	for _, w := range d.phone.Ways() {
		one := app.Directory{Kind: kinds[w.Kind], State: states[w.State], Where: w.Where, Sentence: w.Sentence}
		if one.Kind == app.ThisNetwork {
			one.Where = ""
			list = slices.Insert(list, 0, one)
			continue
		}
		list = append(list, one)
	}
	return list
}

func (d *desk) Try(ctx context.Context, k app.DirectoryKind, s app.Settings) error {
	dirs := directories{http: s.Directory}
	if k == app.XMPP {
		return told(d.phone.TryAccount(ctx, s.XMPP, s.XMPPPassword))
	}
	return told(d.phone.TryService(ctx, s.Server, dirs.String()))
}
