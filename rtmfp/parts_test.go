package rtmfp

import (
	"testing"
	"time"
)

// Tiny fragments behind a gap are bounded in number, not only in bytes, and what fills the gap is still taken.
func TestPartsBehindAGap(t *testing.T) {
	s, end := loneSession(t)
	defer end()
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	c := userData{flow: 1, control: fragmentWhole, data: []byte{1}, options: dataOptionList{hasMetadata: true}}
	for c.seq = maxParts + 100; c.seq > 0; c.seq-- {
		s.receiveData(&c, time.Now())
		if n := s.recvFlows[1].parts.count(); n > maxParts {
			t.Fatalf("%d parts wait", n)
		}
	}
	c.seq = 1
	for range maxParts + 100 { // those that were dropped come again
		s.receiveData(&c, time.Now())
		c.seq++
	}
	if f := s.recvFlows[1]; len(f.ready) != maxParts+100 || f.state != recvOpen {
		t.Errorf("%d messages are ready in state %v", len(f.ready), f.state)
	}
}

// A flow whose message comes in crumbs is refused.
func TestMessageInCrumbs(t *testing.T) {
	s, end := loneSession(t)
	defer end()
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	c := userData{flow: 1, seq: 1, control: fragmentBegin, data: []byte{1}, options: dataOptionList{hasMetadata: true}}
	for ; c.seq <= 2*maxParts; c.seq++ {
		s.receiveData(&c, time.Now())
		c.control = fragmentMiddle
	}
	if s.recvFlows[1].state != recvOpen {
		t.Error("refused too early")
	}
	s.receiveData(&c, time.Now())
	if s.recvFlows[1].state != recvRejected || s.recvBytes != 0 {
		t.Errorf("state %v, %d bytes held", s.recvFlows[1].state, s.recvBytes)
	}
}
