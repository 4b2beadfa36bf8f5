package xmpp

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xdg-go/scram"
)

const (
	memoryDomain = "chat.example"
	memoryDirect = "127.0.0.1:5223" // TLS from the first byte; all other addresses begin plainly
)

// memoryServer is an XMPP server in memory: enough of one for what the client does, and ready to misbehave. Connections are
// net.Pipes made by dial.
type memoryServer struct {
	t        *testing.T
	domain   string
	password string
	roots    *x509.CertPool
	ca       *memoryCA

	wg sync.WaitGroup

	mu       sync.Mutex
	cert     tls.Certificate
	down     bool
	conns    map[net.Conn]struct{}
	accounts map[string]*memoryAccount // by local part
	online   map[string]*memorySession // by full JID
	resume   map[string]*memorySession // by stream id
	dialled  int

	// What tests change before they let a client come.
	offer      []string                            // SASL mechanisms
	bindings   []string                            // announced types of channel binding
	noTLS      bool                                // STARTTLS is not offered
	deaf       string                              // whose registrations are not pushed
	noResume   bool                                // no XEP-0198
	iterations int                                 // of SCRAM
	proof      func(string) string                 // changes the server's last SCRAM message
	greet      func(io.Writer) bool                // speaks instead of the server, right after connecting
	onFeatures func(*element)                      // changes the features behind TLS
	onIQ       func(*memorySession, *element) bool // true: it has answered
}

// memorySession is a client's stream, which outlives its connection while it can be resumed.
type memorySession struct {
	server   *memoryServer
	user     string
	jid      JID
	conn     net.Conn
	out      chan []byte
	id       string // empty: not resumable
	counting bool
	handled  uint32
	sent     uint32
	unacked  [][]byte
	presence *element // nil: not available
}

func newMemoryServer(t *testing.T) *memoryServer {
	ca := newMemoryCA(t)
	m := &memoryServer{
		t: t, domain: memoryDomain, password: "correct horse", ca: ca, roots: ca.pool(), cert: ca.issue(memoryDomain, true),
		conns: make(map[net.Conn]struct{}), accounts: make(map[string]*memoryAccount), online: make(map[string]*memorySession),
		resume: make(map[string]*memorySession), offer: []string{"SCRAM-SHA-1", "SCRAM-SHA-256", "PLAIN"}, iterations: 4096,
	}
	t.Cleanup(m.close)
	return m
}

func (m *memoryServer) close() {
	m.stop()
	m.wg.Wait()
}

// stop breaks all connections, as a killed server does, and refuses new ones. What it would remember is lost but for the
// accounts.
func (m *memoryServer) stop() {
	m.mu.Lock()
	m.down = true
	m.online, m.resume = make(map[string]*memorySession), make(map[string]*memorySession)
	m.mu.Unlock()
	m.cut()
}

// cut breaks all connections, as a network does.
func (m *memoryServer) cut() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for c := range m.conns {
		_ = c.Close()
	}
}

func (m *memoryServer) start() {
	m.mu.Lock()
	m.down = false
	m.mu.Unlock()
}

func (m *memoryServer) dial(ctx context.Context, _, address string) (net.Conn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	m.dialled++
	if m.down {
		return nil, errors.New("connection refused")
	}
	near, pipe := net.Pipe()
	far := m.buffered(pipe)
	m.conns[far] = struct{}{}
	m.wg.Go(func() {
		err := m.serve(far, address == memoryDirect)
		_ = far.Close()
		m.mu.Lock()
		delete(m.conns, far)
		m.mu.Unlock()
		_ = err // of a client that has gone
	})
	return near, nil
}

// bufferedConn is a net.Pipe's end that takes writes without waiting for the reader, as a socket does.
type bufferedConn struct {
	net.Conn
	mu     sync.Mutex
	closed bool
	out    chan []byte
}

func (m *memoryServer) buffered(pipe net.Conn) *bufferedConn {
	c := &bufferedConn{Conn: pipe, out: make(chan []byte, 10_000)}
	m.wg.Go(func() {
		for b := range c.out {
			if _, err := pipe.Write(b); err != nil {
				_ = pipe.Close()
			}
		}
		_ = pipe.Close()
	})
	return c
}

func (c *bufferedConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return 0, net.ErrClosed
	}
	c.out <- bytes.Clone(b)
	return len(b), nil
}

// Close ends the connection when what was written has been read, or after a second.
func (c *bufferedConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.closed = true
		close(c.out)
		_ = c.Conn.SetDeadline(time.Now().Add(time.Second))
	}
	return nil
}

// serve serves one connection.
func (m *memoryServer) serve(conn net.Conn, direct bool) error {
	config := &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		m.mu.Lock()
		defer m.mu.Unlock()
		return &m.cert, nil
	}}
	if m.greet != nil && m.greet(conn) {
		_, _ = io.Copy(io.Discard, conn)
		return nil
	}
	var secured *tls.Conn
	if !direct {
		s := &memoryStream{server: m, conn: conn}
		features := el(nsStream, "features")
		if !m.noTLS {
			features.add(el(nsTLS, "starttls").add(el(nsTLS, "required")))
		}
		if err := s.open(features); err != nil {
			return err
		}
		if e, err := s.in.next(); err != nil || !e.is(nsTLS, "starttls") {
			return fmt.Errorf("no STARTTLS: %w", err)
		}
		if err := s.write(el(nsTLS, "proceed")); err != nil {
			return err
		}
	}
	secured = tls.Server(conn, config)
	if err := secured.Handshake(); err != nil {
		return err
	}
	s := &memoryStream{server: m, conn: secured}
	user, err := s.authenticate(secured)
	if err != nil {
		return err
	}
	session, err := s.attach(user)
	if err != nil {
		return err
	}
	return session.serve(s)
}

// memoryStream is a connection on its way to a session.
type memoryStream struct {
	server *memoryServer
	conn   net.Conn
	in     *elementReader
	r      *bufio.Reader
}

// open answers a client's stream header.
func (s *memoryStream) open(features *element) error {
	if s.r == nil {
		s.r = bufio.NewReader(s.conn)
	}
	s.in = newElementReader(s.r, maxStanza)
	if _, err := s.in.header(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(s.conn, "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='%s' from='%s' id='%s' version='1.0'>%s",
		nsStream, s.server.domain, randomID(), features.bytes(nsClient))
	return err
}

func (s *memoryStream) write(e *element) error {
	_, err := s.conn.Write(e.bytes(nsClient))
	return err
}

func (s *memoryStream) authenticate(secured *tls.Conn) (string, error) {
	m := s.server
	features := el(nsStream, "features")
	mechanisms := el(nsSASL, "mechanisms")
	for _, name := range m.offer {
		mechanisms.add(el(nsSASL, "mechanism").say(name))
	}
	features.add(mechanisms)
	if len(m.bindings) > 0 {
		b := el(nsSASLBound, "sasl-channel-binding")
		for _, kind := range m.bindings {
			b.add(el(nsSASLBound, "channel-binding", "type", kind))
		}
		features.add(b)
	}
	if m.onFeatures != nil {
		m.onFeatures(features)
	}
	if err := s.open(features); err != nil {
		return "", err
	}
	for {
		auth, err := s.in.next()
		if err != nil {
			return "", err
		}
		first, err := base64.StdEncoding.DecodeString(auth.words())
		if err != nil {
			return "", err
		}
		user, ok := "", false
		switch name := auth.attr("mechanism"); {
		case name == "PLAIN":
			parts := strings.Split(string(first), "\x00")
			if len(parts) == 3 && parts[2] == m.password {
				user, ok = parts[1], s.write(el(nsSASL, "success")) == nil
			}
		case strings.HasPrefix(name, "SCRAM-"):
			user, ok = s.scram(secured, name, string(first))
		}
		if ok && m.account(user) != nil {
			return user, nil
		}
		if err := s.write(el(nsSASL, "failure").add(el(nsSASL, "not-authorized"))); err != nil {
			return "", err
		}
	}
}

func (s *memoryStream) scram(secured *tls.Conn, name, first string) (string, bool) {
	m := s.server
	hash := scram.SHA256
	if strings.HasPrefix(name, "SCRAM-SHA-1") {
		hash = scram.SHA1
	}
	server, err := hash.NewServer(func(user string) (scram.StoredCredentials, error) {
		client, err := hash.NewClient(user, m.password, "")
		if err != nil {
			return scram.StoredCredentials{}, err
		}
		return client.WithMinIterations(1).GetStoredCredentialsWithError(scram.KeyFactors{Salt: "salt of " + user, Iters: min(m.iterations, 10_000)})
	})
	if err != nil {
		return "", false
	}
	conversation := server.NewConversation()
	if strings.HasSuffix(name, "-PLUS") || strings.Contains(strings.Join(m.offer, " "), "-PLUS") {
		state := secured.ConnectionState()
		binding, err := scram.NewTLSExporterBinding(&state)
		if err != nil {
			return "", false
		}
		conversation = server.NewConversationWithChannelBinding(binding)
	}
	challenge, err := conversation.Step(first)
	if err != nil {
		return "", false
	}
	if m.iterations > 10_000 {
		challenge = challenge[:strings.LastIndex(challenge, "i=")] + "i=" + strconv.Itoa(m.iterations)
	}
	if s.write(el(nsSASL, "challenge").say(encode(challenge))) != nil {
		return "", false
	}
	response, err := s.in.next()
	if err != nil {
		return "", false
	}
	said, _ := base64.StdEncoding.DecodeString(response.words()) // what is wrong fails
	final, err := conversation.Step(string(said))
	if err != nil || !conversation.Valid() {
		return "", false
	}
	if m.proof != nil {
		final = m.proof(final)
	}
	return conversation.Username(), s.write(el(nsSASL, "success").say(encode(final))) == nil
}

// attach binds a resource or resumes a session.
func (s *memoryStream) attach(user string) (*memorySession, error) {
	m := s.server
	features := el(nsStream, "features").add(el(nsBind, "bind"))
	if !m.noResume {
		features.add(el(nsResume, "sm"))
	}
	if err := s.open(features); err != nil {
		return nil, err
	}
	for {
		e, err := s.in.next()
		if err != nil {
			return nil, err
		}
		switch {
		case e.is(nsResume, "resume"):
			m.mu.Lock()
			old := m.resume[e.attr("previd")]
			m.mu.Unlock()
			if old == nil {
				if err := s.write(el(nsResume, "failed").add(el(nsStanzas, "item-not-found"))); err != nil {
					return nil, err
				}
				continue
			}
			return old, old.resumed(s, e.attr("h"))
		case e.child(nsBind, "bind") != nil:
			jid := JID{user, m.domain, e.child(nsBind, "bind").child(nsBind, "resource").words()}
			session := &memorySession{server: m, user: user, jid: jid, out: make(chan []byte, 10_000)}
			m.mu.Lock()
			if m.online[jid.String()] != nil {
				m.mu.Unlock()
				if err := s.write(el(nsClient, "iq", "type", "error", "id", e.attr("id")).add(
					el(nsClient, "error", "type", "modify").add(el(nsStanzas, "conflict")))); err != nil {
					return nil, err
				}
				continue
			}
			m.online[jid.String()] = session
			session.conn = s.conn
			m.mu.Unlock()
			return session, s.write(el(nsClient, "iq", "type", "result", "id", e.attr("id")).add(
				el(nsBind, "bind").add(el(nsBind, "jid").say(jid.String()))))
		}
	}
}

// memoryCA issues certificates, good in a bubble's year 2000 as well as now.
type memoryCA struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newMemoryCA(t *testing.T) *memoryCA {
	t.Helper()
	ca := &memoryCA{t: t}
	issued := ca.issue("authority", false)
	ca.key = issued.PrivateKey.(*ecdsa.PrivateKey)
	ca.cert = issued.Leaf
	return ca
}

func (ca *memoryCA) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(ca.cert)
	return p
}

// issue makes a certificate, by the authority or self-signed.
func (ca *memoryCA) issue(domain string, byAuthority bool) tls.Certificate {
	ca.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		ca.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: domain}, DNSNames: []string{domain},
		NotBefore: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
		IsCA: ca.cert == nil, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	parent, signer := template, key
	if byAuthority {
		parent, signer = ca.cert, ca.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		ca.t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		ca.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}
