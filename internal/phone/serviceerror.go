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

func directoryError(kind DirectoryKind, where string, err error) error {
	var text string
	switch {
	case errors.Is(err, idmanager.ErrNameTaken):
		text = fmt.Sprintf("At %s your name belongs to somebody else. Choose another name.", where)
	case errors.Is(err, idmanager.ErrRefused):
		text = fmt.Sprintf("The directory at %s did not take your name.", where)
	case errors.Is(err, idmanager.ErrLogin):
		text = fmt.Sprintf("%s does not know that user and password. Check both.", where)
	case errors.Is(err, idmanager.ErrUntrusted):
		text = fmt.Sprintf("%s shows a certificate that is not to be trusted, so nothing was sent to it. Ask whoever runs it.", where)
	case kind == DirectoryXMPP:
		text = fmt.Sprintf("Signing in at %s did not succeed, so your contacts there cannot find you.", where)
	case kind == DirectoryLAN:
		text = "The people on this network cannot be seen, nor see you: " + err.Error() + "."
	default:
		text = fmt.Sprintf("The service answers, but its directory at %s does not, so others cannot find you.", where)
	}
	return &sentence{text, err}
}
