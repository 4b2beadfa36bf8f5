package directory

import (
	nethttp "net/http"
	"testing"
)

func described(*testing.T, *nethttp.Request, []byte, int, nethttp.Header, []byte) {}
