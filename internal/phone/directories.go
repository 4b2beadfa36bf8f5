package phone

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"sundog.dev/sundog/idmanager"
	idhttp "sundog.dev/sundog/idmanager/http"
	"sundog.dev/sundog/idmanager/lan"
	"sundog.dev/sundog/idmanager/xmpp"
)

// DirectoryKind is a kind of directory.
type DirectoryKind string

// The kinds of directories.
const (
	DirectoryHTTP DirectoryKind = "http" // a service's, or somebody's reg.cgi
	DirectoryXMPP DirectoryKind = "xmpp" // an account, whose contacts find us
	DirectoryLAN  DirectoryKind = "lan"  // the people on this network
)

const (
	// ownWord stands for the service's own directory in a list of directories.
	ownWord = "service"
	// lanWord stands for the people on this network.
	lanWord = "lan"
	// maxDirectories bounds how many can be on at once: each is told of every call.
	maxDirectories = 8
)

// directorySpec says which directory is wanted.
type directorySpec struct {
	kind    DirectoryKind
	address string // a URL; xmpp: user@host; lan: ""
	account string // xmpp: the address as the user wrote it

	password string // xmpp: to be tried in place of the one that is kept
}

// parseDirectories reads the value of --directory: http(s)://…, xmpp:user@domain (with ?host=SERVER[:PORT] where the domain does not
// tell), lan, or service for the service's own, several with commas between them. An empty one means the service's own directory or, without a service, lan. Its errors
// are sentences.
func parseDirectories(list, server string) ([]directorySpec, error) {
	if strings.TrimSpace(list) == "" {
		list = ownWord
		if server == "" {
			list = lanWord
		}
	}
	var specs []directorySpec
	for word := range strings.SplitSeq(list, ",") {
		word = strings.TrimSpace(word)
		if word == "" || word == ownWord && server == "" {
			continue
		}
		spec, err := parseDirectory(word, server)
		if err != nil {
			return nil, err
		}
		if spec.kind == DirectoryXMPP && server == "" {
			return nil, fmt.Errorf("with %s a service is needed, by which those who find you there reach you; give its address too", word)
		}
		if !slices.Contains(specs, spec) {
			specs = append(specs, spec)
		}
	}
	if len(specs) > maxDirectories {
		return nil, fmt.Errorf("at most %d directories can be used at once", maxDirectories)
	}
	return specs, nil
}

func parseDirectory(word, server string) (directorySpec, error) {
	switch {
	case word == lanWord:
		return directorySpec{kind: DirectoryLAN}, nil
	case word == ownWord:
		return directorySpec{kind: DirectoryHTTP, address: ownDirectory(server)}, nil
	case strings.HasPrefix(word, "xmpp:"):
		o, err := xmpp.ParseAddress(word)
		if err != nil {
			return directorySpec{}, err
		}
		return directorySpec{kind: DirectoryXMPP, address: o.JID, account: word}, nil
	}
	u, err := url.Parse(word)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || !isPort(u.Port()) {
		return directorySpec{}, fmt.Errorf("%q is not a directory's address; it looks like http://example.org:8035, xmpp:ada@example.org or lan", word)
	}
	return directorySpec{kind: DirectoryHTTP, address: word}, nil
}

// openDirectory makes the client of a directory. It is used over a line: our own records there have its peer ID.
func (p *Phone) openDirectory(spec directorySpec) (idmanager.IdManager, error) {
	key := p.cfg.Profile.Identity()
	switch spec.kind {
	case DirectoryHTTP:
		return idhttp.New(spec.address, idhttp.Options{Signer: key, Log: p.log})
	case DirectoryLAN:
		return lan.New(lan.Config{Key: key, Log: p.log})
	case DirectoryXMPP:
		password, err := p.password(spec)
		if err != nil {
			return nil, err
		}
		o, err := xmpp.ParseAddress(spec.account)
		if err != nil {
			return nil, err
		}
		o.Password, o.Signer, o.Log = password, key, p.log
		return xmpp.New(o)
	}
	return nil, fmt.Errorf("%q is no kind of directory", spec.kind)
}

// password is that of an account.
func (p *Phone) password(spec directorySpec) (string, error) {
	switch {
	case spec.password != "":
		return spec.password, nil
	case p.cfg.Password != "":
		return p.cfg.Password, nil
	}
	return p.cfg.Profile.Password(spec.address)
}

// passwords are those of all accounts in a list of directories, in one string. What cannot be read is told when it is used.
func (p *Phone) passwords(directories, server string) string {
	specs, _ := parseDirectories(directories, server)
	all := ""
	for _, spec := range specs {
		if spec.kind == DirectoryXMPP {
			one, _ := p.password(spec)
			all += one + "\x00"
		}
	}
	return all
}
