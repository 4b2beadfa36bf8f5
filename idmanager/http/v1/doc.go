// Package v1 is what Sundog's directory and its clients say to each other over HTTP: JSON objects under /v1, and a stream
// of server-sent events. It holds the messages with their units and bounds, the rules for names, and the readers of what a
// stranger may send; it opens no connection and stores nothing.
//
//	GET  /v1                what this directory is                        Directory
//	GET  /v1/openapi.json   this list for machines
//	GET  /v1/names?name=…   look up, one or several                       Names
//	POST /v1/register       put a signed record under its name            Registration → Registered
//	POST /v1/refresh        keep it from expiring                         Refresh → Registered
//	POST /v1/unregister     withdraw it, signed; the name stays owned     Unregister → Registered
//	GET  /v1/watch?name=…   presence as it changes                        events: name, ready, end
//	POST /v1/watch          the same, for more names and one's own        Watch → events: and own
//	POST /v1/relay          credentials for the TURN relay, signed        RelayRequest → Relay
//
// Whatever is refused is answered by an Error. Unknown fields are ignored by both sides, so that either may grow.
// Keys, nonces and signatures are written in base64url without padding, times as milliseconds since 1970 (UTC).
package v1

// Bounds of requests, for both sides.
const (
	// MaxNames is how many names one look-up may ask for: with names of usual length the URL stays under the 2,000
	// characters that every proxy takes.
	MaxNames = 64

	// MaxWatched is how many names one stream may watch: a long list of contacts. It bounds what a stranger can make
	// the directory remember by one connection.
	MaxWatched = 512

	// MaxBody bounds a request's body, in bytes, all but Watch's: a registration has about 800.
	MaxBody = 16 << 10

	// MaxWatchBody bounds the body of a Watch: 512 names of 255 bytes take 130 KB; of usual
	// length, 20 KB.
	MaxWatchBody = 256 << 10

	// MaxQuery bounds a query, in bytes; usual servers take 8 KB.
	MaxQuery = 8 << 10
)
