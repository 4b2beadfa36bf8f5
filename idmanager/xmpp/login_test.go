package xmpp

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"sundog.dev/sundog/idmanager"
)

// signInTo tells how signing in to a changed server ends, and by what mechanism.
func signInTo(t *testing.T, o Options, change func(*memoryServer)) (by string, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryServer(t)
		m.befriend("ann")
		change(m)
		c := m.client(t, "ann", o)
		err = c.Register(patience(t), recordOf(c, idA))
		_ = c.Close()
		by = mechanisms[c.login.strongest].name
	})
	return by, err
}

func TestTheStrongestMechanismIsUsed(t *testing.T) {
	for name, c := range map[string]struct {
		offer    []string
		bindings []string
		want     string
	}{
		"all there is":                    {[]string{"PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS"}, []string{"tls-unique", "tls-exporter"}, "SCRAM-SHA-256-PLUS"},
		"bound SHA-1 rather than SHA-256": {[]string{"SCRAM-SHA-256", "SCRAM-SHA-1-PLUS"}, []string{"tls-exporter"}, "SCRAM-SHA-1-PLUS"},
		"no binding":                      {[]string{"PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"}, nil, "SCRAM-SHA-256"},
		"no SHA-256":                      {[]string{"PLAIN", "SCRAM-SHA-1"}, nil, "SCRAM-SHA-1"},
		"a binding that we cannot make":   {[]string{"SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"}, []string{"tls-unique"}, "SCRAM-SHA-1"},
	} {
		by, err := signInTo(t, Options{}, func(m *memoryServer) { m.offer, m.bindings = c.offer, c.bindings })
		if err != nil || by != c.want {
			t.Errorf("%s: %v by %s, want %s", name, err, by, c.want)
		}
	}
}

func TestServersThatCannotBeTrustedGetNoPassword(t *testing.T) {
	last := func(features *element) *element { return features.children[0] }
	for name, c := range map[string]struct {
		change func(*memoryServer)
		want   error
		says   string
	}{
		"no encryption":        {func(m *memoryServer) { m.noTLS = true }, idmanager.ErrUntrusted, "no encryption"},
		"nothing but PLAIN":    {func(m *memoryServer) { m.offer = []string{"PLAIN"} }, idmanager.ErrUntrusted, "not allowed"},
		"nothing that we know": {func(m *memoryServer) { m.offer = []string{"DIGEST-MD5"} }, errProtocol, "no way of signing in"},
		"a server that does not know the password": {func(m *memoryServer) {
			m.proof = func(string) string { return "v=" + encode(strings.Repeat("x", 32)) }
		}, idmanager.ErrUntrusted, "validation"},
		"a server that proves nothing": {func(m *memoryServer) { m.proof = func(string) string { return "" } }, idmanager.ErrUntrusted, "has not proved"},
		"a million rounds and one":     {func(m *memoryServer) { m.iterations = maxIterations + 1 }, errProtocol, "rounds"},
		"hardly any rounds":            {func(m *memoryServer) { m.iterations = 1 }, idmanager.ErrUntrusted, "iterations"},
		"binding struck off the list": {func(m *memoryServer) {
			m.offer = []string{"SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"}
			m.onFeatures = func(f *element) { last(f).children = last(f).children[:1] } // a proxy does that
		}, idmanager.ErrLogin, ""},
		"something before TLS": {func(m *memoryServer) {
			m.greet = func(w io.Writer) bool {
				_, err := io.WriteString(w, testHeader+"<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>"+
					"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><stream:features/>")
				return err == nil
			}
		}, idmanager.ErrUntrusted, "unencrypted"},
	} {
		_, err := signInTo(t, Options{}, c.change)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %v with %q", name, err, c.want, c.says)
		}
	}
}

func TestPlainIsUsedWhenAllowedAndNothingElseIsThere(t *testing.T) {
	by, err := signInTo(t, Options{AllowPlain: true}, func(m *memoryServer) { m.offer = []string{"PLAIN"} })
	if err != nil || by != "PLAIN" {
		t.Errorf("%v, by %s", err, by)
	}
	by, err = signInTo(t, Options{AllowPlain: true}, func(m *memoryServer) { m.offer = []string{"PLAIN", "SCRAM-SHA-1"} })
	if err != nil || by != "SCRAM-SHA-1" {
		t.Errorf("beside SCRAM: %v, by %s", err, by)
	}
	if _, err := signInTo(t, Options{AllowPlain: true, Password: "wrong"}, func(m *memoryServer) { m.offer = []string{"PLAIN"} }); !errors.Is(err, idmanager.ErrLogin) {
		t.Errorf("a wrong password: %v", err)
	}
}

func TestAWeakerMechanismThanBeforeIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryServer(t)
		m.befriend("ann")
		m.offer, m.bindings = []string{"SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"}, []string{"tls-exporter"}
		c := m.client(t, "ann", Options{AllowPlain: true})
		if err := c.Register(patience(t), recordOf(c, idA)); err != nil {
			t.Fatal(err)
		}
		for _, offer := range [][]string{{"SCRAM-SHA-256"}, {"PLAIN"}} {
			m.stop()
			synctest.Wait()
			m.offer = offer
			m.start()
			if _, err := c.LookUp(patience(t), "bob"); !errors.Is(err, idmanager.ErrUntrusted) || !strings.Contains(err.Error(), "before") {
				t.Errorf("with %v: %v", offer, err)
			}
		}
		m.stop()
		synctest.Wait()
		m.offer = []string{"SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"}
		m.start()
		if err := c.Refresh(patience(t)); err != nil {
			t.Errorf("as strong again: %v", err)
		}
	})
}

func TestAServerThatCannotCheckPasswordsIsTriedAgain(t *testing.T) {
	failure := el(nsSASL, "failure").add(el(nsSASL, "temporary-auth-failure"), el(nsSASL, "text").say("the database is away"))
	if err := saslFailure(failure); errors.Is(err, idmanager.ErrLogin) || !errors.Is(err, errTryLater) || !strings.Contains(err.Error(), "database") {
		t.Errorf("%v", err)
	}
	for _, condition := range []string{"not-authorized", "account-disabled", "credentials-expired"} {
		if err := saslFailure(el(nsSASL, "failure").add(el(nsSASL, condition))); !errors.Is(err, idmanager.ErrLogin) {
			t.Errorf("%s: %v", condition, err)
		}
	}
}
