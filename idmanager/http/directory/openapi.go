package directory

import (
	_ "embed"
	nethttp "net/http"
)

// openAPI describes /v1 for machines. A test compares it with what the handlers do.
//
//go:embed openapi.json
var openAPI []byte

func (s *Server) serveOpenAPI(w nethttp.ResponseWriter, _ *nethttp.Request) error {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(openAPI)
	return nil
}
