package phone

import "sundog.dev/sundog/internal/profile"

// ExportIdentity writes the user's identity, name and people into a file that the passphrase opens, as profile.Store does.
func (p *Phone) ExportIdentity(path, passphrase string) error {
	return p.cfg.Profile.ExportIdentity(path, passphrase)
}

// ImportIdentity takes identity, name and people from such a file, as profile.Store does. The people are there at once. The phone goes on
// as who it is, in its calls and in directories, until it is started anew: what has been signed for others cannot be taken back.
// So whoever asks the user for the file asks for a new start then.
func (p *Phone) ImportIdentity(path, passphrase string, replace bool) (profile.Imported, error) {
	done, err := p.cfg.Profile.ImportIdentity(path, passphrase, replace)
	if err == nil {
		p.presence.rewatch()
		p.notify()
	}
	return done, err
}
