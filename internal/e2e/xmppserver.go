package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	// xmppDomain is what the servers serve; nothing but the clients' settings leads to it.
	xmppDomain = "chat.example"
	// xmppPassword is that of all accounts.
	xmppPassword = "correct horse"
	// nobody is who the servers run as, when we are root.
	nobody = 65534
)

// xmppUsers are the accounts.
var xmppUsers = []string{"ann", "bob", "carol", "dave"}

// xmppServer is an XMPP server from Debian's packages with a configuration of its own, on loopback.
type xmppServer struct {
	*program        // from its first start on
	name     string // prosody or ejabberd
	dir      string
	startTLS string // host:port
	direct   string // host:port, TLS from the first byte
	control  string // host:port of ejabberd's HTTP interface
	certs    certificates
}

// newXMPPServer makes the server's folder, certificates and configuration. The folder is one that nobody else than the server need
// pass to come to it; its name begins with the run's.
func newXMPPServer(run, name string, certs certificates) (*xmppServer, error) {
	dir, err := os.MkdirTemp("", run+"."+name+"-")
	if err != nil {
		return nil, err
	}
	s := &xmppServer{name: name, dir: dir, certs: certs}
	for _, address := range []*string{&s.startTLS, &s.direct, &s.control} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		*address = l.Addr().String()
		defer func() { _ = l.Close() }()
	}
	files := map[string]string{}
	switch name {
	case "prosody":
		files["prosody.cfg.lua"] = s.prosodyConfig()
		for _, user := range xmppUsers {
			files["data/"+strings.ReplaceAll(xmppDomain, ".", "%2e")+"/accounts/"+user+".dat"] = fmt.Sprintf("return { [\"password\"] = %q; };\n", xmppPassword)
		}
	case "ejabberd":
		files["ejabberd.yml"] = s.ejabberdConfig()
		files["spool/.keep"] = ""
	}
	for path, content := range files {
		path = filepath.Join(dir, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644)); err != nil {
			return nil, err
		}
	}
	return s, s.show(certs.good)
}

// show makes the server show a certificate from its next start on.
func (s *xmppServer) show(c certificate) error {
	err := errors.Join(
		os.WriteFile(filepath.Join(s.dir, "cert.pem"), c.certificate, 0o644),
		os.WriteFile(filepath.Join(s.dir, "key.pem"), c.key, 0o600),
		os.WriteFile(filepath.Join(s.dir, "both.pem"), append(bytes.Clone(c.key), c.certificate...), 0o600))
	if err != nil || os.Getuid() != 0 {
		return err
	}
	return filepath.Walk(s.dir, func(path string, _ os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, nobody, nobody)
	})
}

// start starts the server and waits until it answers.
func (s *xmppServer) start(ctx context.Context) error {
	switch s.name {
	case "prosody":
		s.program = prepare(s.name, nil, "prosody", "-F", "--config", filepath.Join(s.dir, "prosody.cfg.lua"))
	case "ejabberd":
		// As ejabberdctl does it, but without a node name: no distribution, no epmd, no cookie.
		s.program = prepare(s.name, []string{
			"ERL_LIBS=" + erlangLibraries(), "EJABBERD_CONFIG_PATH=" + filepath.Join(s.dir, "ejabberd.yml"),
			"EJABBERD_LOG_PATH=" + filepath.Join(s.dir, "ejabberd.log"), "HOME=" + s.dir, "ERL_CRASH_DUMP_SECONDS=0",
		}, "erl", "-noinput", "-mnesia", "dir", `"`+filepath.Join(s.dir, "spool")+`"`, "-s", "ejabberd")
	}
	s.cmd.Dir = s.dir
	if os.Getuid() == 0 {
		s.cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	if err := s.run(); err != nil {
		return err
	}
	const patience = 40 * time.Second
	return s.serves(ctx, patience, func() error { return errors.Join(answers(s.startTLS), answers(s.direct)) })
}

// register makes the accounts in ejabberd; Prosody finds them in its files.
func (s *xmppServer) register() error {
	if s.name != "ejabberd" {
		return nil
	}
	for _, user := range xmppUsers {
		body, _ := json.Marshal(map[string]string{"user": user, "host": xmppDomain, "password": xmppPassword}) // cannot fail
		response, err := http.Post("http://"+s.control+"/api/register", "application/json", bytes.NewReader(body))
		if err != nil {
			return err
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("ejabberd does not register %s: %s", user, response.Status)
		}
	}
	return nil
}

// remove removes its folder.
func (s *xmppServer) remove() { _ = os.RemoveAll(s.dir) }

// tail is the end of its log.
func (s *xmppServer) tail() string {
	text, err := os.ReadFile(filepath.Join(s.dir, "ejabberd.log"))
	if err != nil {
		return s.program.tail() // Prosody says all on standard output
	}
	return strings.ReplaceAll(string(text[max(0, len(text)-2000):]), "\n", " | ")
}

// erlangLibraries is where Debian keeps ejabberd.
func erlangLibraries() string {
	found, _ := filepath.Glob("/usr/lib/*/ejabberd-*") // the pattern is right
	if len(found) == 0 {
		return "/usr/lib"
	}
	return filepath.Dir(found[0])
}

// prosodyConfig is Debian's, less what needs other servers, files outside the folder, or administrators.
func (s *xmppServer) prosodyConfig() string {
	_, startTLS, _ := net.SplitHostPort(s.startTLS)
	_, direct, _ := net.SplitHostPort(s.direct)
	return fmt.Sprintf(`
daemonize = false
data_path = %[1]q
log = { info = "*console" }
modules_enabled = {
	"disco", "roster", "saslauth", "tls", "blocklist", "bookmarks", "carbons", "limits", "pep", "private", "smacks",
	"vcard4", "vcard_legacy", "csi_simple", "ping", "time", "uptime", "version",
}
modules_disabled = { "s2s" }
limits = { c2s = { rate = "10kb/s" } }
authentication = "internal_hashed"
interfaces = { "127.0.0.1" }
c2s_ports = { %[2]s }
c2s_direct_tls_ports = { %[3]s }
ssl = { certificate = %[4]q, key = %[5]q }
VirtualHost %[6]q
`, filepath.Join(s.dir, "data"), startTLS, direct, filepath.Join(s.dir, "cert.pem"), filepath.Join(s.dir, "key.pem"), xmppDomain)
}

// ejabberdConfig is Debian's, less what needs other servers or administrators, and without mod_pres_counter, which lets
// nobody make more than one or two contacts a minute.
func (s *xmppServer) ejabberdConfig() string {
	_, startTLS, _ := net.SplitHostPort(s.startTLS)
	_, direct, _ := net.SplitHostPort(s.direct)
	_, control, _ := net.SplitHostPort(s.control)
	return fmt.Sprintf(`
loglevel: info
log_rotate_count: 0
hosts: [%[1]q]
certfiles: [%[2]q]
auth_password_format: scram
disable_sasl_mechanisms: ["digest-md5", "X-OAUTH2"]
c2s_protocol_options: [no_sslv3, no_tlsv1, no_tlsv1_1, cipher_server_preference, no_compression]
listen:
  - {port: %[3]s, ip: "127.0.0.1", module: ejabberd_c2s, max_stanza_size: 262144, shaper: c2s_shaper, access: c2s, starttls_required: true}
  - {port: %[4]s, ip: "127.0.0.1", module: ejabberd_c2s, max_stanza_size: 262144, shaper: c2s_shaper, access: c2s, tls: true}
  - {port: %[5]s, ip: "127.0.0.1", module: ejabberd_http, request_handlers: {/api: mod_http_api}}
acl:
  local: {user_regexp: ""}
  loopback: {ip: [127.0.0.0/8]}
access_rules:
  c2s: {allow: all}
  local: {allow: local}
  pubsub_createnode: {allow: local}
api_permissions:
  accounts: {who: {access: {allow: {acl: loopback}}}, what: [register]}
shaper:
  normal: {rate: 3000, burst_size: 20000}
shaper_rules:
  max_user_sessions: 10
  c2s_shaper: normal
modules:
  mod_adhoc: {}
  mod_admin_extra: {}
  mod_blocking: {}
  mod_caps: {}
  mod_carboncopy: {}
  mod_client_state: {}
  mod_disco: {}
  mod_fail2ban: {}
  mod_http_api: {}
  mod_last: {}
  mod_offline: {}
  mod_ping: {}
  mod_privacy: {}
  mod_private: {}
  mod_pubsub: {access_createnode: pubsub_createnode, plugins: [flat, pep]}
  mod_roster: {versioning: true}
  mod_stream_mgmt: {resend_on_timeout: if_offline}
  mod_vcard: {search: false}
  mod_version: {}
`, xmppDomain, filepath.Join(s.dir, "both.pem"), startTLS, direct, control)
}
