package rtmfp

import "time"

// ackAllowance bounds what acknowledgements may cost by what is received, in bytes on the link: a token bucket. RFC 7016 §3.6.3.4.1
// wants one as soon as is practical for each fragment that is out of order, abandoned or a duplicate, for each of a rejected flow and for
// each Buffer Probe, of every flow that a packet names: tiny packets like that, which cost their sender little, would have us fill our
// uplink. Acknowledgements that it does not allow wait until it does, and name what has come meanwhile, too; who sends as senders do
// never has to wait. It starts full.
type ackAllowance struct {
	spent float64
	at    time.Time
}

// received notes a datagram with user data, of size bytes of UDP payload.
func (a *ackAllowance) received(size int) {
	a.spent = max(a.spent-float64(size+linkHeaders)/ackShare, 0)
}

// sent notes acknowledgements of so many bytes, and whether the datagram goes for their sake alone.
func (a *ackAllowance) sent(size int, alone bool) {
	a.spent += float64(size)
	if alone {
		a.spent += ackDatagram
	}
}

// room is how many bytes of acknowledgements may be sent now; 0: none for as long as wait.
func (a *ackAllowance) room(now time.Time) (room int, wait time.Duration) {
	if past := now.Sub(a.at).Seconds(); past > 0 {
		a.spent, a.at = max(a.spent-past*ackRate, 0), now
	}
	if over := a.spent - ackBurst; over > 0 {
		return 0, max(time.Duration(over/ackRate*float64(time.Second)), minPacing)
	}
	return max(int(ackBurst-a.spent), leastAck), 0
}
