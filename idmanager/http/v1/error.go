package v1

import "time"

// Codes of errors, with their HTTP status.
const (
	CodeBadRequest       = "bad_request"        // 400: the query or a field cannot be what it should be
	CodeBadJSON          = "bad_json"           // 400: the body is not one JSON object of the right shape
	CodeBadName          = "bad_name"           // 400: see Normalise
	CodeForged           = "forged"             // 403: the signature is not that of the identity
	CodeWrongTime        = "wrong_time"         // 403: signed too long ago, or in the future; Time is the directory's
	CodeUnknownToken     = "unknown_token"      // 403: the registration has ended: register again
	CodeReplaced         = "replaced"           // 403: a later registration, of another device, has taken its place: leave it there
	CodeTooManyNames     = "too_many_names"     // 403: the key owns as many names as it may
	CodeNotFound         = "not_found"          // 404: there is nothing at that path
	CodeNoRelay          = "no_relay"           // 404: this service has no relay
	CodeMethodNotAllowed = "method_not_allowed" // 405
	CodeNameTaken        = "name_taken"         // 409: the name belongs to another key
	CodeReplayed         = "replayed"           // 409: not newer than the name's last registration; After is that one's time
	CodeTooLarge         = "too_large"          // 413: the body is too long
	CodeURITooLong       = "uri_too_long"       // 414: the query is too long
	CodeMediaType        = "media_type"         // 415: the body is not application/json
	CodeTooManyRequests  = "too_many_requests"  // 429: see RetryAfterSeconds
	CodeDraining         = "draining"           // 503: this instance is about to stop
	CodeUnavailable      = "unavailable"        // 503: the directory cannot reach its store
	CodeFull             = "full"               // 503: no more streams, or no room for more names
)

// Error answers whatever is refused.
type Error struct {
	// Code is one of the Code constants; clients act on it. Those that they do not know they judge by the HTTP status.
	Code string `json:"error"`
	// Message is a sentence for people.
	Message string `json:"message"`
	// Time by the directory's clock, ms since 1970.
	Time int64 `json:"time"`
	// RetryAfterSeconds is when to try again, with CodeTooManyRequests and CodeDraining; the header Retry-After says the
	// same.
	RetryAfterSeconds int `json:"retry_after_seconds,omitempty"`
	// After, with CodeReplayed: a registration must be signed later than this, ms since 1970.
	After int64 `json:"after,omitempty"`
}

// Error implements error by the sentence.
func (e *Error) Error() string { return e.Message }

// RetryAfter is when to try again; 0: at once.
func (e *Error) RetryAfter() time.Duration {
	return time.Duration(min(max(e.RetryAfterSeconds, 0), 3600)) * time.Second
}
