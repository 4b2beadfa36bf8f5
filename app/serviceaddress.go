package app

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// The ports of a service, where an address does not name one.
const (
	servicePort   = "1935" // RFC 7425 §5.1.1 leaves it open; Flash and sundogd use this one
	directoryPort = "8035"
)

// sentence is an error whose text is meant for the user.
type sentence string

func (s sentence) Error() string { return string(s) }

// parseService reads what was typed as a service: a host, host:port, or rtmfp://host[:port][/key]. It returns the
// addresses in full; an empty directory stays so: it is the service's own. An empty server is no service at all.
// Errors are sentences.
func parseService(server, directory string) (string, string, error) {
	server, directory = strings.TrimSpace(server), strings.TrimSpace(directory)
	if server == "" {
		if directory != "" {
			return "", "", sentence("A directory alone finds people but cannot reach them. Enter the service as well.")
		}
		return "", "", nil
	}
	_, full, err := parseServer(server)
	if err != nil {
		return "", "", err
	}
	if directory == "" {
		return full, "", nil
	}
	directory, err = parseDirectory(directory)
	return full, directory, err
}

func parseServer(typed string) (host, full string, err error) {
	rest := typed
	if scheme, after, found := strings.Cut(typed, "://"); found {
		switch strings.ToLower(scheme) {
		case "rtmfp":
			rest = after
		case "http", "https":
			return "", "", sentence("That is a web address. A service is a host, like example.org, or begins with rtmfp://.")
		default:
			return "", "", sentence(fmt.Sprintf("An address that begins with %s:// is not a service. It begins with rtmfp://, or is just a host.", scheme))
		}
	}
	authority, key, _ := strings.Cut(rest, "/")
	host, port, err := splitHost(authority)
	if err != nil {
		return "", "", err
	}
	key = strings.Trim(key, "/")
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r == '?' || r == '#' || r == 0x7F }) {
		return "", "", sentence("The key after the slash has a character that no key has. Copy it again.")
	}
	full = "rtmfp://" + net.JoinHostPort(host, port)
	if key != "" {
		full += "/" + key
	}
	return host, full, nil
}

// splitHost reads host, host:port, an IPv4 address, or an IPv6 address with or without brackets.
func splitHost(authority string) (host, port string, err error) {
	if a, err := netip.ParseAddr(strings.Trim(authority, "[]")); err == nil && a.Zone() == "" {
		return a.String(), servicePort, nil
	}
	host, port = authority, servicePort
	if h, p, found := cutLast(authority, ":"); found {
		host, port = h, p
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return "", "", sentence(fmt.Sprintf("“%s” is not a port. A port is a number from 1 to 65535, like %s.", port, servicePort))
		}
		port = strconv.FormatUint(n, 10)
	}
	if a, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil && a.Zone() == "" {
		return a.String(), port, nil
	}
	if !isHostName(host) {
		return "", "", sentence(fmt.Sprintf("“%s” is not a host. It looks like example.org or 192.0.2.7.", host))
	}
	return strings.ToLower(host), port, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// isHostName takes letters, digits, hyphens and dots, in labels of 1 to 63 bytes (RFC 1123 §2.1). Names in other
// scripts have to be typed in their xn-- form: nothing below us translates them.
func isHostName(host string) bool {
	if len(host) == 0 || len(host) > 253 {
		return false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(host, "."), ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, r := range label {
			switch {
			case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			default:
				return false
			}
		}
	}
	return true
}

func parseDirectory(typed string) (string, error) {
	if !strings.Contains(typed, "://") {
		typed = "http://" + typed
	}
	u, err := url.Parse(typed)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return "", sentence("The directory is a web address, like http://example.org:8035.")
	}
	return u.String(), nil
}

// serviceHost is the host of a service's address, for sentences.
func serviceHost(server string) string {
	host, _, err := parseServer(server)
	if err != nil {
		return server
	}
	return host
}

// ownDirectory is the directory that a service has on its host, in full.
func ownDirectory(server string) string {
	host, _, err := parseServer(server)
	if err != nil {
		return ""
	}
	return "http://" + net.JoinHostPort(host, directoryPort)
}
