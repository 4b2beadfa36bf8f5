package phone

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/rtmfp/flash"
)

// sentence is an error that is told to the user as it is.
type sentence struct {
	text  string
	cause error
}

func (e *sentence) Error() string { return e.text }
func (e *sentence) Unwrap() error { return e.cause }

func connectError(where string, err error) error {
	var refused *flash.StatusError
	var dns *net.DNSError
	switch {
	case errors.As(err, &refused):
		text := strings.TrimSuffix(refused.Status.Description, ".")
		return &sentence{fmt.Sprintf("The service at %s refused the connection: %s.", where, text), err}
	case errors.As(err, &dns):
		return &sentence{fmt.Sprintf("There is no host by the name %s. Check the address and your network.", where), err}
	}
	return &sentence{fmt.Sprintf("No service answers at %s. Check the address and your network.", where), err}
}

func directoryError(where string, err error) error {
	if errors.Is(err, idmanager.ErrRefused) {
		return &sentence{fmt.Sprintf("The directory at %s did not take your name.", where), err}
	}
	return &sentence{fmt.Sprintf("The service answers, but its directory at %s does not, so others cannot find you.", where), err}
}
