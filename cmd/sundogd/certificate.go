package main

import (
	"crypto/tls"
	"fmt"
	"sync/atomic"
)

// certificate is the directory's for HTTPS, from files that are read again when they change.
type certificate struct {
	certFile, keyFile string
	current           atomic.Pointer[tls.Certificate]
}

// openCertificate reads --tls-cert and --tls-key; nil without them.
func openCertificate(certFile, keyFile string) (*certificate, error) {
	if certFile == "" {
		return nil, nil
	}
	c := &certificate{certFile: certFile, keyFile: keyFile}
	return c, c.reload()
}

// files are those whose change is to be followed by reload.
func (c *certificate) files() []string { return []string{c.certFile, c.keyFile} }

// reload reads the files again. If they cannot be used the old certificate stays.
func (c *certificate) reload() error {
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("the certificate of --tls-cert and --tls-key cannot be used: %w", err)
	}
	c.current.Store(&pair)
	return nil
}

// config is for the HTTP server, which speaks HTTP/2 and 1.1.
func (c *certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current.Load(), nil },
	}
}
