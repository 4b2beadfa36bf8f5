package flash

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// serviceURI is a parsed address of a service (RFC 7425 §6.1).
type serviceURI struct {
	host   string
	port   uint16
	app    string // the path without its leading slash, and the query
	public string // without user information and fragment: what the service may see
}

// parseURI reads rtmfp://host[:port][/app…]. Anything else is ErrURI.
func parseURI(s string) (serviceURI, error) {
	u, err := url.Parse(s)
	if err != nil {
		return serviceURI{}, fmt.Errorf("%w: %w", ErrURI, err)
	}
	if !strings.EqualFold(u.Scheme, "rtmfp") || u.Hostname() == "" || u.Opaque != "" {
		return serviceURI{}, fmt.Errorf("%w: %q", ErrURI, s)
	}
	out := serviceURI{host: u.Hostname(), port: DefaultPort, app: strings.TrimPrefix(u.Path, "/")}
	if u.RawQuery != "" {
		out.app += "?" + u.RawQuery
	}
	if p := u.Port(); p != "" {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil || n == 0 {
			return serviceURI{}, fmt.Errorf("%w: port %q", ErrURI, p)
		}
		out.port = uint16(n)
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	out.public = u.String()
	return out, nil
}
