package xmpp

import (
	"fmt"
	"strconv"
	"sync"
)

// resumption is what XEP-0198 needs to go on with a stream on another connection: how many stanzas we have handled, and
// those of ours that the server has not acknowledged. It outlives the session.
type resumption struct {
	mu      sync.Mutex
	on      bool   // stanzas are counted and acknowledged
	id      string // empty: the server does not resume
	handled uint32 // of the server's stanzas; counts modulo 2^32
	acked   uint32 // of ours
	unacked [][]byte
}

// maxSkipped bounds what may stand between a request for stream management and its answer.
const maxSkipped = 16

// enable asks for stream management. A server that refuses is used without.
func (r *resumption) enable(s *stream) error {
	answer, err := askNonza(s, el(nsResume, "enable", "resume", "true"), "enabled")
	if err != nil {
		return err
	}
	if r.on = answer.name == "enabled"; r.on {
		if resume := answer.attr("resume"); resume == "true" || resume == "1" {
			r.id = shortenedID(answer.attr("id"))
		}
	}
	return nil
}

// maxStreamID bounds the server's name for a stream; XEP-0198 allows 4,000 bytes.
const maxStreamID = 4000

func shortenedID(id string) string {
	if len(id) > maxStreamID {
		return ""
	}
	return id
}

// again resumes the stream; false: the server has forgotten it.
func (r *resumption) again(s *stream) (bool, error) {
	r.mu.Lock()
	handled := r.handled
	r.mu.Unlock()
	answer, err := askNonza(s, el(nsResume, "resume", "previd", r.id, "h", strconv.FormatUint(uint64(handled), 10)), "resumed")
	if err != nil {
		return false, err
	}
	if answer.name != "resumed" {
		return false, nil
	}
	if answer.attr("previd") != r.id {
		return false, fmt.Errorf("%w: it resumes another stream", errProtocol)
	}
	return true, r.acknowledged(answer)
}

// askNonza sends an element of stream management and reads to its answer: want or failed. Stanzas before it are not
// counted, and nothing that we would need.
func askNonza(s *stream, e *element, want string) (*element, error) {
	if err := s.write(e); err != nil {
		return nil, err
	}
	for range maxSkipped {
		answer, err := s.read()
		if err != nil {
			return nil, err
		}
		if answer.is(nsResume, want) || answer.is(nsResume, "failed") {
			return answer, nil
		}
	}
	return nil, fmt.Errorf("%w: %s is not answered", errProtocol, e.name)
}

// acknowledged takes the count of an <a/> or <resumed/>.
func (r *resumption) acknowledged(e *element) error {
	h, err := strconv.ParseUint(e.attr("h"), 10, 32)
	if err != nil {
		return fmt.Errorf("%w: it counts %q stanzas", errProtocol, shortened(e.attr("h")))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	n := uint32(h) - r.acked
	if uint64(n) > uint64(len(r.unacked)) {
		return fmt.Errorf("%w: it has counted more stanzas than we have sent", errProtocol)
	}
	r.acked = uint32(h)
	r.unacked = r.unacked[n:]
	return nil
}

// sending keeps a stanza until it is acknowledged; false: too many are not.
func (r *resumption) sending(b []byte) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.on {
		return true
	}
	if len(r.unacked) >= maxUnacked {
		return false
	}
	r.unacked = append(r.unacked, b)
	return true
}

// waiting is how many stanzas of ours are not acknowledged.
func (r *resumption) waiting() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.unacked)
}

// handling counts a stanza of the server's.
func (r *resumption) handling() {
	r.mu.Lock()
	r.handled++
	r.mu.Unlock()
}

// answer is the <a/> that says how many we have handled.
func (r *resumption) answer() *element {
	r.mu.Lock()
	defer r.mu.Unlock()
	return el(nsResume, "a", "h", strconv.FormatUint(uint64(r.handled), 10))
}
