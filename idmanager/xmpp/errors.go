package xmpp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"

	"sundog.dev/sundog/idmanager"
)

// Errors besides those of idmanager.
var (
	// ErrClosed says that the client has been closed.
	ErrClosed = errors.New("xmpp: the directory has been closed")
	// ErrNotRegistered says that there is no registration to refresh.
	ErrNotRegistered = errors.New("xmpp: nothing is registered yet")
)

var (
	// errStreamLost says that an answer will not come, since the stream is another now. Who asked may ask again.
	errStreamLost = errors.New("the connection broke before it answered")
	// errNoAnswer says that a request has had its time.
	errNoAnswer = errors.New("it does not answer")
	// errProtocol says that the other end does what XMPP does not provide for.
	errProtocol = errors.New("it does not keep to XMPP")
)

// streamError is an error that ends a stream (RFC 6120 §4.9).
type streamError struct {
	condition string
	text      string
	host      string // with see-other-host
}

func (e *streamError) Error() string {
	s := "it ended the stream: " + e.condition
	if e.text != "" {
		s += " (" + shortened(e.text) + ")"
	}
	return s
}

// parseStreamError reads a <stream:error/>.
func parseStreamError(e *element) *streamError {
	err := &streamError{condition: "undefined-condition", text: e.child(nsStreams, "text").words()}
	for _, c := range e.children {
		if c.space == nsStreams && c.name != "text" {
			err.condition = shortened(c.name)
			if c.name == "see-other-host" {
				err.host = c.words()
			}
		}
	}
	return err
}

// stanzaError is what an iq of type error holds (RFC 6120 §8.3).
type stanzaError struct{ condition, text string }

func (e *stanzaError) Error() string {
	s := "it refuses: " + e.condition
	if e.text != "" {
		s += " (" + shortened(e.text) + ")"
	}
	return s
}

func parseStanzaError(stanza *element) *stanzaError {
	e := stanza.child(nsClient, "error")
	err := &stanzaError{condition: "undefined-condition", text: e.child(nsStanzas, "text").words()}
	if e != nil {
		for _, c := range e.children {
			if c.space == nsStanzas && c.name != "text" {
				err.condition = shortened(c.name)
			}
		}
	}
	return err
}

// untrusted turns an error of the TLS handshake into ErrUntrusted when it is about the certificate.
func untrusted(err error) error {
	var verification *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	if errors.As(err, &verification) || errors.As(err, &unknown) || errors.As(err, &name) || errors.As(err, &invalid) {
		return fmt.Errorf("%w: %w", idmanager.ErrUntrusted, err)
	}
	return err
}

// failed makes a sentence of an error: what happened, what was tried, what to do.
func (c *Client) failed(err error) error {
	var dns *net.DNSError
	switch {
	case errors.Is(err, ErrClosed), errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, idmanager.ErrLogin):
		return fmt.Errorf("the XMPP server of %s refuses to sign %s in; check the password: %w", c.jid.Domain, c.jid, err)
	case errors.Is(err, idmanager.ErrUntrusted):
		return fmt.Errorf("the XMPP server of %s cannot be trusted, so no password was sent to it; ask whoever runs it: %w", c.jid.Domain, err)
	case errors.As(err, &dns):
		return fmt.Errorf("no XMPP server is to be found for %s; check the address and the network: %w", c.jid.Domain, err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, errNoAnswer):
		return fmt.Errorf("the XMPP server of %s does not answer; it is tried again: %w", c.jid.Domain, err)
	}
	return fmt.Errorf("the XMPP server of %s cannot be used now; it is tried again: %w", c.jid.Domain, err)
}
