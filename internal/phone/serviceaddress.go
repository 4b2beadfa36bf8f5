package phone

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
)

// directoryPort is the port of a service's directory where no address of one is given.
const directoryPort = "8035"

// CheckService says what is wrong with a service's addresses, and returns the
// host and the directory's URL.
func CheckService(server, directory string) (where, directoryURL string, err error) {
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "rtmfp" || u.Hostname() == "" || !isPort(u.Port()) {
		return "", "", fmt.Errorf("%q is not a service's address; it looks like rtmfp://example.org", server)
	}
	if directory == "" {
		return u.Hostname(), (&url.URL{Scheme: "http", Host: net.JoinHostPort(u.Hostname(), directoryPort)}).String(), nil
	}
	d, err := url.Parse(directory)
	if err != nil || (d.Scheme != "http" && d.Scheme != "https") || d.Hostname() == "" || !isPort(d.Port()) {
		return "", "", fmt.Errorf("%q is not a directory's address; it looks like http://example.org:8035", directory)
	}
	return u.Hostname(), directory, nil
}

// isPort reports whether a URL's port is one that can be sent to, or none.
func isPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0
}
