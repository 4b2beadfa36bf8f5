package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// replaceFile changes a file at once: nobody sees it empty.
func replaceFile(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name+".new", []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
}

// counting is a reloadable that tells how often it was read.
type counting struct {
	path string
	read chan struct{}
	err  error
}

func (c *counting) files() []string { return []string{c.path} }
func (c *counting) reload() error   { c.read <- struct{}{}; return c.err }

func TestFilesAreReadAgainWhenTheyChangeOrSomebodyAsks(t *testing.T) {
	changing := &counting{filepath.Join(t.TempDir(), "a"), make(chan struct{}), errors.New("broken")}
	steady := &counting{filepath.Join(t.TempDir(), "b"), make(chan struct{}), nil}
	ctx, cancel := context.WithCancel(context.Background())
	hup := make(chan os.Signal)
	var following sync.WaitGroup
	following.Go(func() {
		followFiles(ctx, hup, time.Millisecond, slog.New(slog.DiscardHandler), changing, new(keyring), steady)
	})
	ask := func() {
		hup <- os.Interrupt
		<-changing.read
		<-steady.read
	}
	ask() // from now on changes are seen
	for _, content := range []string{"x", "longer"} {
		replaceFile(t, changing.path, content)
		select {
		case <-changing.read:
		case <-steady.read:
			t.Error("what has not changed was read")
		}
	}
	ask()
	cancel()
	following.Wait()
}

func TestKeysThatCannotBeReadAgainStay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(path, []byte("one\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	k, err := openKeys("file:" + path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := k.reload(); err == nil || k.admit("one") != nil || k.admit("two") == nil {
		t.Errorf("%v; one: %v, two: %v", err, k.admit("one"), k.admit("two"))
	}
	if err := os.WriteFile(path, []byte("two\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := k.reload(); err != nil || k.admit("one") == nil || k.admit("two") != nil {
		t.Errorf("%v; one: %v, two: %v", err, k.admit("one"), k.admit("two"))
	}
}

// writeCertificate makes a certificate of that serial number for 127.0.0.1.
func writeCertificate(t *testing.T, certFile, keyFile string, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestHTTPSWithACertificateThatIsRenewed(t *testing.T) {
	cert, key := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	writeCertificate(t, cert, key, 1)
	i := start(t, "--tls-cert", cert, "--tls-key", key)
	serial := func() int64 {
		t.Helper()
		client := http.Client{Transport: &http.Transport{
			DisableKeepAlives: true,
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
		}}
		resp, err := client.Get("https://" + i.http + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.TLS.PeerCertificates[0].SerialNumber.Int64()
	}
	if got := serial(); got != 1 {
		t.Errorf("certificate %d", got)
	}
	writeCertificate(t, cert, key, 2)
	i.hup <- os.Interrupt
	i.hup <- os.Interrupt // is received when the first one has been dealt with
	if got := serial(); got != 2 {
		t.Errorf("certificate %d after renewal", got)
	}
}
