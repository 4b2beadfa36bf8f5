package uplink

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
