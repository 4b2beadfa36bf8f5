package cluster

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// errAddress does not repeat what it is about, since a password may be in it.
var errAddress = errors.New("it is not of the form nats://host:port; a special character in a user name or password is written as % and two hexadecimal digits")

// checkAddresses finds addresses that nats.go could not read: it would repeat them in its error, with their passwords.
func checkAddresses(list string) error {
	if list == "" {
		return nil
	}
	for i, address := range strings.Split(list, ",") {
		if _, err := parseAddress(address); err != nil {
			return fmt.Errorf("cluster: NATS address %d cannot be read: %w", i+1, err)
		}
	}
	return nil
}

// parseAddress reads one address. Without a scheme nats.go takes it for a host.
func parseAddress(address string) (*url.URL, error) {
	address = strings.TrimSpace(address)
	if !strings.Contains(address, "://") {
		address = "nats://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return nil, errAddress
	}
	return u, nil
}

// withoutSecrets is a list of addresses without users, passwords and tokens.
func withoutSecrets(list string) string {
	parts := strings.Split(list, ",")
	for i, p := range parts {
		u, err := parseAddress(p)
		if err != nil {
			parts[i] = "(unreadable address)"
			continue
		}
		parts[i] = u.Scheme + "://" + u.Host
	}
	return strings.Join(parts, ",")
}
