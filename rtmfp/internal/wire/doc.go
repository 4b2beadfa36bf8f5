// Package wire encodes and decodes the elementary constructs of RFC 7016 §2.1:
// variable length unsigned integers, options and socket addresses. It is shared
// by rtmfp, flashcrypto and flash, and knows nothing of any of them.
package wire
