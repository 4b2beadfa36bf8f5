package xmpp

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/xdg-go/scram"

	"sundog.dev/sundog/idmanager"
)

// mechanism is a way to prove the password, in the order of strength.
type mechanism struct {
	name  string
	hash  scram.HashGeneratorFcn // nil: PLAIN
	bound bool                   // to the TLS channel
}

var mechanisms = []mechanism{
	{"SCRAM-SHA-256-PLUS", scram.SHA256, true},
	{"SCRAM-SHA-1-PLUS", scram.SHA1, true},
	{"SCRAM-SHA-256", scram.SHA256, false},
	{"SCRAM-SHA-1", scram.SHA1, false},
	{"PLAIN", nil, false},
}

// login proves passwords. It remembers the strongest mechanism that a server has been believed with, and the keys
// derived from the password, which cost half a second to derive anew. It is used by one goroutine.
type login struct {
	user, password string
	allowPlain     bool
	strongest      int // index in mechanisms
	clients        map[string]*scram.Client
}

func newLogin(user, password string, allowPlain bool) *login {
	return &login{user: user, password: password, allowPlain: allowPlain, strongest: len(mechanisms) - 1, clients: make(map[string]*scram.Client)}
}

// signIn signs in on a stream that stands behind TLS (RFC 6120 §6).
func (l *login) signIn(s *stream) error {
	if s.tls == nil {
		return fmt.Errorf("%w: signing in without TLS", idmanager.ErrUntrusted)
	}
	var offered []string
	if m := s.features.child(nsSASL, "mechanisms"); m != nil {
		for _, c := range m.children {
			offered = append(offered, c.words())
		}
	}
	binding, bound := channelBinding(s, offered)
	chosen := slices.IndexFunc(mechanisms, func(m mechanism) bool {
		return slices.Contains(offered, m.name) && (bound || !m.bound) && (m.hash != nil || l.allowPlain)
	})
	switch {
	case chosen < 0 && slices.Contains(offered, "PLAIN"):
		return fmt.Errorf("%w: it wants the password itself (PLAIN), which you have not allowed", idmanager.ErrUntrusted)
	case chosen < 0:
		return fmt.Errorf("%w: it knows no way of signing in that we know", errProtocol)
	case chosen > l.strongest:
		return fmt.Errorf("%w: it offers %s, and has offered %s before: somebody may stand in between",
			idmanager.ErrUntrusted, mechanisms[chosen].name, mechanisms[l.strongest].name)
	}
	m := mechanisms[chosen]
	var err error
	if m.hash == nil {
		err = l.plain(s)
	} else {
		err = l.scram(s, m, binding, slices.ContainsFunc(offered, func(o string) bool { return strings.HasSuffix(o, "-PLUS") }))
	}
	if err == nil {
		l.strongest = chosen
	}
	return err
}

// channelBinding is what a -PLUS mechanism binds to. Servers say what they can by XEP-0440; those that do not mean tls-unique,
// which TLS 1.3 has no more (RFC 9266 §3), and are used without.
func channelBinding(s *stream, offered []string) (scram.ChannelBinding, bool) {
	if !slices.ContainsFunc(offered, func(o string) bool { return strings.HasSuffix(o, "-PLUS") }) {
		return scram.ChannelBinding{}, false
	}
	var types []string
	if m := s.features.child(nsSASLBound, "sasl-channel-binding"); m != nil {
		for _, c := range m.children {
			types = append(types, c.attr("type"))
		}
	}
	state := s.tls.ConnectionState()
	if slices.Contains(types, string(scram.ChannelBindingTLSExporter)) {
		if b, err := scram.NewTLSExporterBinding(&state); err == nil {
			return b, true
		}
	}
	if slices.Contains(types, string(scram.ChannelBindingTLSServerEndpoint)) {
		if b, err := scram.NewTLSServerEndpointBinding(&state); err == nil {
			return b, true
		}
	}
	return scram.ChannelBinding{}, false
}

// scram proves the password, and has the server prove that it knows it (RFC 5802).
func (l *login) scram(s *stream, m mechanism, binding scram.ChannelBinding, plusOffered bool) error {
	base := strings.TrimSuffix(m.name, "-PLUS")
	client := l.clients[base]
	if client == nil {
		var err error
		if client, err = m.hash.NewClient(l.user, l.password, ""); err != nil {
			// SASLprep (RFC 4013) refuses characters younger than 2002; servers of today take them as they are.
			if client, err = m.hash.NewClientUnprepped(l.user, l.password, ""); err != nil {
				return err
			}
		}
		l.clients[base] = client
	}
	conversation := client.NewConversation() // "n": it can bind, but in no way that we can
	switch {
	case m.bound:
		conversation = client.NewConversationWithChannelBinding(binding)
	case !plusOffered:
		// "y": we could bind. If the server can, somebody has struck that off its list, and it refuses (RFC 5802 §6).
		conversation = client.NewConversationAdvertisingChannelBinding()
	}
	first, err := conversation.Step("")
	if err != nil {
		return err
	}
	answer, err := s.ask(el(nsSASL, "auth", "mechanism", m.name).say(encode(first)))
	for {
		if err != nil {
			return err
		}
		said, failure := saslText(answer)
		if failure != nil {
			return failure
		}
		final := answer.is(nsSASL, "success")
		if final && said == "" {
			break // the server's proof came in a challenge, or not at all
		}
		if !conversation.Valid() && !final {
			if err := checkIterations(said); err != nil {
				return err
			}
		}
		reply, err2 := conversation.Step(said)
		if err2 != nil {
			return fmt.Errorf("%w: signing in by %s: %w", idmanager.ErrUntrusted, m.name, err2)
		}
		if final {
			break
		}
		answer, err = s.ask(el(nsSASL, "response").say(encode(reply)))
	}
	if !conversation.Valid() {
		return fmt.Errorf("%w: it lets us in, but has not proved that it knows the password", idmanager.ErrUntrusted)
	}
	return nil
}

// plain sends the password to a server whose certificate has been verified (RFC 4616).
func (l *login) plain(s *stream) error {
	if strings.ContainsRune(l.password, 0) {
		return fmt.Errorf("%w: the password holds a character that cannot be sent", idmanager.ErrLogin)
	}
	answer, err := s.ask(el(nsSASL, "auth", "mechanism", "PLAIN").say(encode("\x00" + l.user + "\x00" + l.password)))
	if err != nil {
		return err
	}
	if _, err := saslText(answer); err != nil {
		return err
	}
	if !answer.is(nsSASL, "success") {
		return fmt.Errorf("%w: signing in by PLAIN is answered by a challenge", errProtocol)
	}
	return nil
}

// checkIterations bounds the work that a server's first message asks for; it counts before the server has proved anything.
func checkIterations(message string) error {
	for field := range strings.SplitSeq(message, ",") {
		if n, ok := strings.CutPrefix(field, "i="); ok {
			if i, err := strconv.Atoi(n); err != nil || i > maxIterations {
				return fmt.Errorf("%w: it asks for %s rounds of SCRAM", errProtocol, shortened(n))
			}
		}
	}
	return nil
}

// saslText is what a challenge or success says; a failure is an error.
func saslText(answer *element) (string, error) {
	switch {
	case answer.is(nsSASL, "failure"):
		return "", saslFailure(answer)
	case !answer.is(nsSASL, "challenge") && !answer.is(nsSASL, "success"):
		return "", fmt.Errorf("%w: %s where a challenge should be", errProtocol, shortened(answer.name))
	}
	text := answer.words()
	if text == "=" || text == "" {
		return "", nil
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "", fmt.Errorf("%w: a challenge that is no Base64", errProtocol)
	}
	return string(b), nil
}

// errTryLater says that the server cannot check the password at present.
var errTryLater = errors.New("it cannot check the password at present")

// saslFailure tells a password that is wrong from what may be right later (RFC 6120 §6.5).
func saslFailure(e *element) error {
	condition := "not-authorized"
	for _, c := range e.children {
		if c.space == nsSASL && c.name != "text" {
			condition = shortened(c.name)
		}
	}
	detail := condition
	if text := e.child(nsSASL, "text").words(); text != "" {
		detail += " (" + shortened(text) + ")"
	}
	switch condition {
	case "not-authorized", "account-disabled", "credentials-expired", "invalid-authzid":
		return fmt.Errorf("%w: it says %s", idmanager.ErrLogin, detail)
	case "temporary-auth-failure", "aborted":
		return fmt.Errorf("%w: %s", errTryLater, detail)
	}
	return fmt.Errorf("%w: signing in is answered by %s", errProtocol, detail)
}

func encode(s string) string {
	if s == "" {
		return "="
	}
	return base64.StdEncoding.EncodeToString([]byte(s))
}
