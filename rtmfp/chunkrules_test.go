package rtmfp

import (
	"testing"
	"time"
)

// Packets of a wrong mode, chunks of unknown types and such that are malformed, or in the wrong place, change nothing, and
// what stands behind them is handled (RFC 7016 §2.2.4, §2.3).
func TestWhatIsIgnored(t *testing.T) {
	ping := []byte{chunkPing, 0, 1, 'x'}
	for _, c := range []struct {
		name    string
		plain   []byte
		answers bool
	}{
		{"a Ping", append([]byte{modeResponder}, ping...), true},
		{"with both timestamps", append([]byte{modeResponder | flagTimestamp | flagTimestampEcho, 0, 1, 0, 2}, ping...), true},
		{"reserved flags set", append([]byte{modeResponder | 0x30}, ping...), true},
		{"of our own mode", append([]byte{modeInitiator}, ping...), false},
		{"of startup mode", append([]byte{modeStartup}, ping...), false},
		{"of no mode", append([]byte{0}, ping...), false},
		{"nothing at all", nil, false},
		{"a header that is cut off", []byte{modeResponder | flagTimestamp, 0}, false},
		{"behind an unknown chunk", append([]byte{modeResponder, 0x99, 0, 2, 1, 2}, ping...), true},
		{"behind padding chunks", append([]byte{modeResponder, 0x00, 0, 3, 9, 9, 9, chunkPadding, 0, 0}, ping...), true},
		{"behind a malformed chunk", append([]byte{modeResponder, chunkUserData, 0, 1, 0x80}, ping...), true},
		{"behind a startup chunk", append([]byte{modeResponder, chunkIHello, 0, 2, 1, 'A'}, ping...), true},
		{"behind Next User Data without User Data", append([]byte{modeResponder, chunkNextUserData, 0, 1, 0}, ping...), true},
		{"behind an empty fragment", append([]byte{modeResponder, chunkFragment, 0, 3, 0, 1, 0}, ping...), true},
		{"in a fragment", append([]byte{modeResponder, chunkFragment, 0, 8, 0, 1, 0, modeResponder}, ping...), true},
		{"in a fragment of another mode", append([]byte{modeResponder, chunkFragment, 0, 8, 0, 1, 0, modeInitiator}, ping...), false},
		{"in a fragment in a fragment", append([]byte{
			modeResponder, chunkFragment, 0, 15, 0, 1, 0,
			modeResponder, chunkFragment, 0, 8, 0, 2, 0, modeResponder,
		}, ping...), false},
		{"behind a chunk that is too long", append([]byte{modeResponder, chunkPing, 0xff, 0xff}, ping...), false},
		{"behind trailing padding", append([]byte{modeResponder, 0xff, 0xff, 0xff}, ping...), false},
	} {
		s, end := loneSession(t)
		s.e.mu.Lock()
		s.receive(sealDatagram(nil, s.nearID, nullCipher{}, c.plain), addrB, time.Now())
		if len(s.out.pingReplies) > 0 != c.answers || len(s.recvFlows) > 0 || s.state != stateOpen {
			t.Errorf("%s: %d replies, %d flows", c.name, len(s.out.pingReplies), len(s.recvFlows))
		}
		s.e.mu.Unlock()
		end()
	}
}

// When acknowledgements are sent at once (RFC 7016 §3.6.3.4.1).
func TestTimingOfAcknowledgements(t *testing.T) {
	type chunk = userData
	first := chunk{flow: 1, seq: 1, data: []byte("x"), options: dataOptionList{hasMetadata: true}}
	for _, c := range []struct {
		name   string
		before []chunk // acknowledged
		then   chunk
		now    bool
	}{
		{"a new flow", nil, first, true},
		{"the next in order", []chunk{first}, chunk{flow: 1, seq: 2}, false},
		{"a gap appears", []chunk{first}, chunk{flow: 1, seq: 3}, true},
		{"a gap is filled", []chunk{first, {flow: 1, seq: 3}}, chunk{flow: 1, seq: 2}, true},
		{"a duplicate", []chunk{first}, first, true},
		{"abandoned", []chunk{first}, chunk{flow: 1, seq: 2, abandon: true}, true},
		{"the end", []chunk{first}, chunk{flow: 1, seq: 2, final: true}, true},
		{"after the end", []chunk{first, {flow: 1, seq: 2, final: true}}, chunk{flow: 1, seq: 2, final: true}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, end := loneSession(t)
			defer end()
			s.e.mu.Lock()
			defer s.e.mu.Unlock()
			now := time.Now()
			for i := range c.before {
				s.receiveData(&c.before[i], now)
			}
			s.appendAcks(nil, true, time.Now())
			if s.acks.now {
				t.Fatal("not acknowledged")
			}
			s.receiveData(&c.then, now)
			s.acks.received(s)
			if s.acks.now != c.now || s.acks.delay.isSet() == c.now {
				t.Errorf("at once: %v, later: %v", s.acks.now, s.acks.delay.isSet())
			}
			s.acks.received(s)
			if !s.acks.now {
				t.Error("not for the second packet")
			}
		})
	}
	// A window of less than two blocks.
	s, end := loneSession(t)
	defer end()
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	for seq := uint64(1); s.recvFlows[1] == nil || s.recvFlows[1].windowBlocks() >= 2; seq++ {
		s.appendAcks(nil, true, time.Now())
		c := userData{flow: 1, seq: seq, data: make([]byte, 1000), options: dataOptionList{hasMetadata: true}}
		s.receiveData(&c, time.Now())
	}
	if !s.acks.now {
		t.Error("not when the window closes")
	}
}
