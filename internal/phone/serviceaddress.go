package phone

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

const (
	// directoryPort is the port of a service's directory where no address of one is given.
	directoryPort = "8035"
	// rtmfpPort is the port of a service where none is given (RFC 7425 §5.3.1 leaves it to the URI; it is Flash's).
	rtmfpPort = "1935"
)

// CheckService says what is wrong with the address of a service or with those of directories (see parseDirectories), and
// returns the service's host. An empty server means none.
func CheckService(server, directories string) (where string, err error) {
	if server != "" {
		if where, err = checkServer(server); err != nil {
			return "", err
		}
	}
	_, err = parseDirectories(directories, server)
	return where, err
}

// checkServer says what is wrong with a service's address, and returns its host.
func checkServer(server string) (where string, err error) {
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "rtmfp" || u.Hostname() == "" || !isPort(u.Port()) {
		return "", fmt.Errorf("%q is not a service's address; it looks like rtmfp://example.org", server)
	}
	return u.Hostname(), nil
}

// ownDirectory is the URL of the directory that a service has on its host.
func ownDirectory(server string) string {
	u, err := url.Parse(server)
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: "http", Host: net.JoinHostPort(u.Hostname(), directoryPort)}).String()
}

// published is a service's address as others need it: without the developer key in its path, which is ours.
func published(server string) string {
	u, err := url.Parse(server)
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
}

// withPathOf gives an instance's address the path, and so the key, of the service's.
func withPathOf(instance, server string) string {
	i, err := url.Parse(instance)
	s, serr := url.Parse(server)
	if err != nil || serr != nil {
		return instance
	}
	i.Path, i.RawPath = s.Path, s.RawPath
	return i.String()
}

// sameService reports whether two addresses name the same host and port.
func sameService(a, b string) bool {
	place := func(server string) string {
		u, err := url.Parse(server)
		if err != nil || u.Scheme != "rtmfp" {
			return ""
		}
		port := u.Port()
		if port == "" {
			port = rtmfpPort
		}
		return strings.ToLower(net.JoinHostPort(u.Hostname(), port))
	}
	return place(a) != "" && place(a) == place(b)
}

// isPort reports whether a URL's port is one that can be sent to, or none.
func isPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0
}
