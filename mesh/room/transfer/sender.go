package transfer

import "sundog.dev/sundog/mesh/room/incall"

// Sender is the sending end, for one member.
type Sender struct {
	offer    incall.Offer
	accepted bool
	wanted   []incall.Range
	have     uint64
	over     bool
	right    bool
	reason   incall.FileReason
}

// NewSender begins with an offer that is to be sent.
func NewSender(offer incall.Offer) *Sender { return &Sender{offer: offer} }

// Offer is what to send at first, and again on a new link as long as it has neither been accepted nor rejected.
func (s *Sender) Offer() incall.Offer { return s.offer }

// Accepted reports whether the receiver wants the file.
func (s *Sender) Accepted() bool { return s.accepted }

// Received is how many bytes the receiver says it has without a hole.
func (s *Sender) Received() uint64 { return s.have }

// Over reports whether the transfer has ended, and whether the receiver has the file whole and right; otherwise why not.
func (s *Sender) Over() (over, right bool, why incall.FileReason) { return s.over, s.right, s.reason }

// Unlinked forgets what was asked for on the old link: the receiver asks anew.
func (s *Sender) Unlinked() { s.wanted = nil }

// Handle takes a message of the receiver: Accept, Reject, Cancel, Request or Done.
func (s *Sender) Handle(m incall.Message) error {
	if s.over {
		return ErrOver
	}
	switch m := m.(type) {
	case incall.Accept:
		if m.ID != s.offer.ID {
			return ErrNotOurs
		}
		s.accepted = true
	case incall.Reject:
		return s.end(m.ID, false, m.Reason)
	case incall.Cancel:
		return s.end(m.ID, false, m.Reason)
	case incall.Done:
		if m.OK {
			s.have = s.offer.Size
			return s.end(m.ID, true, 0)
		}
		return s.end(m.ID, false, incall.FileBroken)
	case incall.Request:
		return s.request(m)
	default:
		return ErrNotOurs
	}
	return nil
}

func (s *Sender) request(m incall.Request) error {
	if m.ID != s.offer.ID {
		return ErrNotOurs
	}
	var wanted []incall.Range
	if !m.Anew {
		wanted = s.wanted
	}
	for _, r := range m.Ranges {
		wanted = append(without(wanted, r), r)
	}
	if m.Have > s.offer.Size || length(wanted) > Window || len(wanted) > maxAsked || len(m.Ranges) > 0 && m.Ranges[len(m.Ranges)-1].To > s.offer.Size {
		return ErrRequest
	}
	s.accepted, s.have, s.wanted = true, m.Have, wanted
	return nil
}

func (s *Sender) end(id incall.FileID, right bool, why incall.FileReason) error {
	if id != s.offer.ID {
		return ErrNotOurs
	}
	s.over, s.right, s.reason, s.wanted = true, right, why, nil
	return nil
}

// Wanted reports whether Next has something to send.
func (s *Sender) Wanted() bool { return !s.over && len(s.wanted) > 0 }

// Next is the part to send next, at most so many bytes, and a chunk at most; false: nothing is wanted now. Call it when the link has
// nothing better to do, and send what it says.
func (s *Sender) Next(most int) (incall.Range, bool) {
	if !s.Wanted() {
		return incall.Range{}, false
	}
	part := s.wanted[0]
	part.To = min(part.To, part.From+uint64(max(1, min(most, incall.MaxChunk))))
	s.wanted = without(s.wanted, part)
	return part, true
}

// Chunk is the message for a part, with the bytes that were read.
func (s *Sender) Chunk(part incall.Range, data []byte) incall.Chunk {
	return incall.Chunk{ID: s.offer.ID, From: part.From, Data: data}
}

// Cancel ends the transfer by our wish, or because the file cannot be read.
func (s *Sender) Cancel(why incall.FileReason) []incall.Message {
	if s.over {
		return nil
	}
	s.over, s.reason, s.wanted = true, why, nil
	return []incall.Message{incall.Cancel{ID: s.offer.ID, Reason: why}}
}
