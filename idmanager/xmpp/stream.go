package xmpp

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"sundog.dev/sundog/idmanager"
)

// stream is a connection while it is negotiated: one goroutine writes and reads by turns. Bounds of time are set on conn by
// its owner.
type stream struct {
	conn     net.Conn
	raw      net.Conn  // below TLS; closing it waits for nobody
	tls      *tls.Conn // nil: not encrypted yet
	buffered *bufio.Reader
	in       *elementReader
	limit    int
	features *element
}

// newStream begins with a connection, which is encrypted if it is a *tls.Conn.
func newStream(conn net.Conn) *stream {
	s := &stream{conn: conn, raw: conn, limit: maxEarly}
	if s.tls, _ = conn.(*tls.Conn); s.tls != nil {
		s.raw = s.tls.NetConn()
	}
	s.buffered = bufio.NewReader(conn)
	return s
}

// open sends a stream header, and reads the server's and its features. It begins a new stream on the same connection
// after TLS and after signing in (RFC 6120 §4.3.3).
func (s *stream) open(domain, from string) error {
	header := []byte("<?xml version='1.0'?><stream:stream")
	if s.tls != nil && from != "" { // RFC 6120 §4.7.1: not before TLS
		header = appendAttribute(header, "from", from)
	}
	for _, a := range [][2]string{{"to", domain}, {"version", "1.0"}, {"xml:lang", "en"}, {"xmlns", nsClient}, {"xmlns:stream", nsStream}} {
		header = appendAttribute(header, a[0], a[1])
	}
	if _, err := s.conn.Write(append(header, '>')); err != nil {
		return err
	}
	s.in = newElementReader(s.buffered, s.limit)
	answer, err := s.in.header()
	if err != nil {
		return err
	}
	version, space := "", ""
	for _, a := range answer.Attr {
		switch {
		case a.Name.Space == "" && a.Name.Local == "version":
			version = a.Value
		case a.Name.Space == "" && a.Name.Local == "xmlns":
			space = a.Value
		}
	}
	first, err := s.read() // an error comes before features, even with an old version
	if err != nil {
		return err
	}
	if version != "1.0" || space != nsClient || !first.is(nsStream, "features") {
		return fmt.Errorf("%w: no stream of version 1.0 with features", errProtocol)
	}
	s.features = first
	return nil
}

// read reads an element; a stream error and the stream's end are errors.
func (s *stream) read() (*element, error) {
	e, err := s.in.next()
	switch {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("it ended the stream")
	case err != nil:
		return nil, err
	case e.is(nsStream, "error"):
		return nil, parseStreamError(e)
	}
	return e, nil
}

func (s *stream) write(e *element) error {
	_, err := s.conn.Write(e.bytes(nsClient))
	return err
}

// ask writes an element and reads the next one.
func (s *stream) ask(e *element) (*element, error) {
	if err := s.write(e); err != nil {
		return nil, err
	}
	return s.read()
}

// startTLS encrypts the connection (RFC 6120 §5). A server that does not offer it is refused.
func (s *stream) startTLS(ctx context.Context, config *tls.Config) error {
	if s.features.child(nsTLS, "starttls") == nil {
		return fmt.Errorf("%w: it offers no encryption", idmanager.ErrUntrusted)
	}
	answer, err := s.ask(el(nsTLS, "starttls"))
	if err != nil {
		return err
	}
	if !answer.is(nsTLS, "proceed") {
		return fmt.Errorf("%w: it offers encryption and then refuses it", idmanager.ErrUntrusted)
	}
	if s.buffered.Buffered() > 0 {
		// Somebody in between could have put that there, to be taken for what comes encrypted.
		return fmt.Errorf("%w: something unencrypted follows where encryption should begin", idmanager.ErrUntrusted)
	}
	conn := tls.Client(s.conn, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		return untrusted(err)
	}
	s.conn, s.tls, s.buffered = conn, conn, bufio.NewReader(conn)
	return nil
}

// dial connects to one target and encrypts it: the stream stands and has features behind TLS.
func (c *Client) dial(ctx context.Context, t target) (*stream, error) {
	dialing, cancel := context.WithTimeout(ctx, dialTimeout)
	conn, err := c.opts.Dial(dialing, "tcp", t.address())
	cancel()
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	s, err := c.secure(ctx, conn, t)
	stop()
	if err != nil {
		_ = conn.Close()
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, err
	}
	return s, nil
}

func (c *Client) secure(ctx context.Context, conn net.Conn, t target) (*stream, error) {
	if t.direct {
		config := c.tlsConfig()
		config.NextProtos = []string{"xmpp-client"} // XEP-0368 §3
		secured := tls.Client(conn, config)
		if err := secured.HandshakeContext(ctx); err != nil {
			return nil, untrusted(err)
		}
		s := newStream(secured)
		return s, s.open(c.jid.Domain, c.jid.String())
	}
	s := newStream(conn)
	if err := s.open(c.jid.Domain, ""); err != nil {
		return nil, err
	}
	if err := s.startTLS(ctx, c.tlsConfig()); err != nil {
		return nil, err
	}
	return s, s.open(c.jid.Domain, c.jid.String())
}

// tlsConfig is the user's, with what is not theirs to say: whose certificate is expected (RFC 6120 §13.7.2: the JID's domain,
// whatever the host's name), that it is verified, and TLS 1.2 at least (RFC 7590).
func (c *Client) tlsConfig() *tls.Config {
	config := &tls.Config{}
	if c.opts.TLSConfig != nil {
		config = c.opts.TLSConfig.Clone()
	}
	config.ServerName = c.jid.ascii()
	config.InsecureSkipVerify = false
	config.MinVersion = max(config.MinVersion, tls.VersionTLS12)
	return config
}
