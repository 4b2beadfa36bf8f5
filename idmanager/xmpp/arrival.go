package xmpp

import "time"

// came notes that a client of a contact's has come, whose record is about to be pushed, or else to be asked for. c.mu is held.
func (c *Client) came(p *contact) {
	p.came = time.Now()
	select {
	case c.arrivals <- struct{}{}:
	default:
	}
}

// confirm asks for the records of contacts who have come and whose records have not been pushed.
func (s *session) confirm() {
	for {
		select {
		case <-s.c.arrivals:
		case <-s.ended:
			return
		}
		select {
		case <-time.After(confirmTime):
		case <-s.ended:
			return
		}
		for _, jid := range s.c.unconfirmed() {
			r, err := s.c.fetch(s.ctx, jid, func(to string, payload *element) (*element, error) { return s.c.askOn(s.ctx, s, to, "get", payload) })
			if s.ctx.Err() != nil {
				return
			}
			s.c.mu.Lock()
			if p := s.c.people.get(jid); p != nil && err == nil && r != nil && p.accept(*r) {
				s.c.people.tell(p)
			}
			s.c.mu.Unlock()
		}
	}
}

// unconfirmed takes those who came confirmTime ago. Who came since is for another time.
func (c *Client) unconfirmed() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var due []string
	for jid, p := range c.people.contacts {
		switch {
		case p.came.IsZero():
		case time.Since(p.came) < confirmTime:
			select {
			case c.arrivals <- struct{}{}:
			default:
			}
		default:
			p.came = time.Time{}
			due = append(due, jid)
		}
	}
	return due
}

// settle forgets, a while after a fresh sign-in, who was there before it and has not shown up since.
func (s *session) settle() {
	timer := time.NewTimer(settleTime)
	defer timer.Stop()
	select {
	case <-timer.C:
		s.c.mu.Lock()
		s.c.people.settled()
		s.c.mu.Unlock()
	case <-s.ended:
	}
}
