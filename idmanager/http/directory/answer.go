package directory

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"mime"
	nethttp "net/http"
	"strconv"
	"time"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/idmanager/http/v1"
	"sundog.dev/sundog/internal/cluster"
)

// refusal is an Error with its HTTP status.
type refusal struct {
	status int
	body   v1.Error
}

// Error implements error.
func (r *refusal) Error() string { return r.body.Message }

func refuse(status int, code, message string) error {
	return &refusal{status, v1.Error{Code: code, Message: message}}
}

// api makes a handler of a function that may refuse: limits first, then the answer or the Error.
func (s *Server) api(f func(nethttp.ResponseWriter, *nethttp.Request) error) nethttp.HandlerFunc {
	return func(w nethttp.ResponseWriter, r *nethttp.Request) {
		s.counters.requests.Add(1)
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("X-Content-Type-Options", "nosniff")
		err := s.admit(r, 1)
		if err == nil {
			err = f(w, r)
		}
		if err != nil {
			s.fail(w, r, err)
		}
	}
}

// admit takes tokens of the request's source.
func (s *Server) admit(r *nethttp.Request, tokens float64) error {
	from := sourceOf(r)
	if from.IsLoopback() {
		return nil
	}
	if wait := s.sources.Take(from, tokens, s.cfg.Now()); wait > 0 {
		return tooMany(wait, "Too many requests come from your address.")
	}
	return nil
}

// tooMany is status 429 with the time to wait.
func tooMany(wait time.Duration, message string) error {
	return &refusal{nethttp.StatusTooManyRequests, v1.Error{
		Code: v1.CodeTooManyRequests, Message: message, RetryAfterSeconds: int((wait + time.Second - 1) / time.Second),
	}}
}

// fail writes an Error.
func (s *Server) fail(w nethttp.ResponseWriter, r *nethttp.Request, err error) {
	var no *refusal
	switch {
	case errors.As(err, &no):
	case r.Context().Err() != nil: // nobody reads it
		return
	case errors.Is(err, v1.ErrBadName):
		no = &refusal{nethttp.StatusBadRequest, v1.Error{Code: v1.CodeBadName, Message: sentence(v1.ErrBadName)}}
	case errors.Is(err, v1.ErrBadJSON):
		no = &refusal{nethttp.StatusBadRequest, v1.Error{Code: v1.CodeBadJSON, Message: sentence(v1.ErrBadJSON)}}
	case errors.Is(err, idmanager.ErrForged):
		no = &refusal{nethttp.StatusForbidden, v1.Error{Code: v1.CodeForged, Message: "The signature is not that of the identity key."}}
	case errors.Is(err, cluster.ErrFull):
		no = &refusal{nethttp.StatusServiceUnavailable, v1.Error{
			Code: v1.CodeFull, Message: "The directory has no room for more names. Those that are taken already are not affected.",
			RetryAfterSeconds: 60 + rand.IntN(60),
		}}
	default:
		s.counters.storeErrors.Add(1)
		s.cfg.Log.Warn("the directory's store does not answer", "path", r.URL.Path, "error", err)
		no = &refusal{nethttp.StatusServiceUnavailable, v1.Error{
			Code: v1.CodeUnavailable, Message: "The directory cannot reach its store at present.", RetryAfterSeconds: 1 + rand.IntN(3),
		}}
	}
	s.counters.refused.Add(1)
	no.body.Time = s.cfg.Now().UnixMilli()
	if no.body.RetryAfterSeconds > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(no.body.RetryAfterSeconds))
	}
	writeJSON(w, no.status, no.body)
}

// sentence begins with a capital letter and ends with a full stop.
func sentence(err error) string {
	text := []byte(err.Error())
	if 'a' <= text[0] && text[0] <= 'z' {
		text[0] -= 'a' - 'A'
	}
	return string(text) + "."
}

func writeJSON(w nethttp.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil { // none of our types fails
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)+1))
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}

// readJSON reads a request's body of at most limit bytes.
func readJSON(w nethttp.ResponseWriter, r *nethttp.Request, limit int64, into any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return refuse(nethttp.StatusUnsupportedMediaType, v1.CodeMediaType, "The body is to be application/json.")
	}
	body, err := io.ReadAll(nethttp.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		var long *nethttp.MaxBytesError
		if errors.As(err, &long) {
			return refuse(nethttp.StatusRequestEntityTooLarge, v1.CodeTooLarge, "The body is longer than "+strconv.FormatInt(limit, 10)+" bytes.")
		}
		return refuse(nethttp.StatusBadRequest, v1.CodeBadRequest, "The body could not be read to its end.")
	}
	return v1.Decode(body, into)
}

// withStore bounds how long a request waits for the buckets.
func withStore(r *nethttp.Request) (context.Context, context.CancelFunc) {
	return context.WithTimeout(r.Context(), storeTimeout)
}
