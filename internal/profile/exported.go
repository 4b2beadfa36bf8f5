package profile

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// exported is what a person takes to another machine, as JSON: who they are and whom they know. No passwords, and nothing of calls.
// Fields of later versions are ignored; what an older version must not ignore needs another version of the file.
type exported struct {
	Seed   []byte           `json:"seed"` // RFC 8032 §5.1.5
	Name   string           `json:"name,omitempty"`
	People []exportedPerson `json:"people,omitempty"`
}

type exportedPerson struct {
	Name       string `json:"name"`
	Registered string `json:"registered,omitempty"` // where it is another
	Identity   []byte `json:"identity,omitempty"`
	Directory  string `json:"directory,omitempty"`
	Rendezvous string `json:"rendezvous,omitempty"`
	Link       string `json:"link,omitempty"`
	Contact    bool   `json:"contact,omitempty"`
	Blocked    bool   `json:"blocked,omitempty"`
	Verified   int64  `json:"verified,omitempty"` // since, ms since 1970
}

// errContent says that a file was opened and holds something else than an export.
var errContent = errors.New("the file holds what no version of the program has written")

func export(key ed25519.PrivateKey, c contents) ([]byte, error) {
	e := exported{Seed: key.Seed(), Name: c.settings.Name}
	for _, p := range c.people {
		out := exportedPerson{
			Name: p.Name, Registered: p.Registered, Identity: p.Identity, Directory: p.Directory, Rendezvous: p.Rendezvous, Link: p.Link,
			Contact: p.Contact, Blocked: p.Blocked, Verified: stamp(p.Verified),
		}
		if out.Registered == out.Name {
			out.Registered = ""
		}
		e.People = append(e.People, out)
	}
	return json.Marshal(e)
}

// parseExported reads what export writes. No two people have one name or one identity, as in a profile.
func parseExported(content []byte) (ed25519.PrivateKey, contents, error) {
	var e exported
	if err := json.Unmarshal(content, &e); err != nil {
		return nil, contents{}, fmt.Errorf("%w: %w", errContent, err)
	}
	if len(e.Seed) != ed25519.SeedSize || len(e.People) > maxPeople {
		return nil, contents{}, errContent
	}
	var c contents
	if !strings.ContainsFunc(e.Name, unicode.IsControl) {
		c.settings.Name = strings.TrimSpace(bounded(e.Name))
	}
	names, identities := map[string]bool{}, map[string]bool{}
	for _, in := range e.People {
		p := Person{
			Name: bounded(in.Name), Registered: bounded(in.Registered), Identity: in.Identity,
			Found:   Found{Directory: bounded(in.Directory), Rendezvous: bounded(in.Rendezvous), Link: bounded(in.Link)},
			Contact: in.Contact, Blocked: in.Blocked,
		}
		name, identity := fold(p.Name), string(in.Identity)
		switch {
		case p.Name == "" || names[name]:
			return nil, contents{}, errContent
		case identity == "":
			p.Identity = nil
		case len(identity) != ed25519.PublicKeySize || identities[identity]:
			return nil, contents{}, errContent
		default: // without an identity, there is nothing to have verified
			p.Verified = moment(in.Verified)
			identities[identity] = true
		}
		names[name] = true
		if p.Registered == "" {
			p.Registered = p.Name
		}
		c.people = append(c.people, p)
	}
	return ed25519.NewKeyFromSeed(e.Seed), c, nil
}

// merge adds what is known of somebody elsewhere to what is known here. What is here stays.
func (p *Person) merge(news Person) {
	p.pin(news.Identity)
	if p.Identity.Equal(news.Identity) && !news.Verified.IsZero() && (p.Verified.IsZero() || news.Verified.Before(p.Verified)) {
		p.Verified = news.Verified
	}
	if p.Registered == p.Name && news.Registered != news.Name {
		p.Registered = news.Registered
	}
	for _, c := range []struct{ old, news *string }{
		{&p.Directory, &news.Directory}, {&p.Rendezvous, &news.Rendezvous}, {&p.Link, &news.Link},
	} {
		if *c.old == "" {
			*c.old = *c.news
		}
	}
	p.Contact, p.Blocked = p.Contact || news.Contact, p.Blocked || news.Blocked
}
