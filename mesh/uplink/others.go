package uplink

import "time"

// watchOthers finds out whether the queue is somebody else's, and has the sessions' congestion controls decide if it is: that is so when
// it has not become shorter for othersAfter though we send far less than before. What is planned says little: sound cannot give way at
// once, nor beyond its least.
func (e *Estimator) watchOthers(now time.Duration, excess, used float64, flows []*flow) bool {
	switch {
	case excess <= calmQueue.Seconds():
		if e.others {
			e.enter(holding, now)
		}
		e.stays, e.others = 0, false
	case e.others:
	case e.phase == draining && e.stays == 0:
		e.stays, e.stayed, e.stood = now, e.proven, excess
	case e.stays > 0:
		if sends := max(e.rate, used); sends >= e.stayed*othersGiven && sends > minRate || excess < e.stood*othersLess {
			e.stays, e.stood = now, excess
		}
		e.others = now-e.stays > othersAfter && excess > fallQueue.Seconds() // a shorter one becomes the usual one
	}
	if e.others {
		_, granted := grants(flows)
		e.rate = max(granted, minRate)
	}
	return e.others
}
