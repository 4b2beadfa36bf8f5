package uplink

// Together is what all sessions together may send at any moment, in bit/s on the link. A picture goes to all at the same moment: so it is
// spread, and hardly stands in the uplink's queue. While a queue is to go it is less than what is planned, for pictures that wait, and just
// afterwards not much more, or those would make the next one; nor in the beginning, when each picture is new and large, than what is planned
// or arrives already.
func (e Estimate) Together() float64 {
	switch {
	case e.Draining:
		return e.Rate * capDraining
	case e.Drained:
		return e.Rate * capShare
	case e.Beginning:
		return min(max(e.Delivered*togetherShare, e.Rate*capShare), e.Rate*togetherShare)
	}
	return e.Rate * togetherShare
}

// Cap is what the session with a receiver may send at any moment, in bit/s of UDP payload: its part of the uplink, and a little
// more. Without it all sessions would send a large picture as fast as their own paths take it, and fill the uplink's queue.
func (d Division) Cap(receiver int, e Estimate) float64 {
	sum := 0.0
	for _, s := range d.Shares {
		sum += s.Cost + s.Filler + s.Files
	}
	if sum <= 0 {
		return 0
	}
	s := d.Shares[receiver]
	share := capShare
	if e.Draining {
		share = capDraining
	}
	return max(e.Rate*share*(s.Cost+s.Filler+s.Files)/sum, capLeast)
}
