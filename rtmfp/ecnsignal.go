package rtmfp

// ecnSender decides whether packets with data are marked as ECN capable (RFC 3168), and checks that marks arrive: a path
// that drops marked packets, or takes the marks off, gets none.
//
// Far ends that give feedback report the ECN field of each packet; rtmfp-cpp and those like it count CE in an ECN Report.
type ecnSender struct {
	off       bool // found useless or harmful
	reports   bool // the far end reports
	sent      int  // marked packets
	arrived   int  // of those, reported with a mark
	bleached  int  // reported without one
	ceCount   byte // the far end's, modulo 256
	congested bool // a report in this packet told of more CE
}

// mark is the ECN field of a packet with data.
func (e *ecnSender) mark() byte {
	if e.off {
		return ecnNotCapable
	}
	e.sent++
	return ecnCapable0
}

// acknowledged: data was acknowledged, so a far end that reports would have done so.
func (e *ecnSender) acknowledged(feedback bool) {
	if !feedback && !e.reports && e.sent > 0 {
		e.off = true
	}
}

// timedOut: nothing comes back. Should no marked packet ever have arrived, the marks may be why.
func (e *ecnSender) timedOut() {
	if e.sent > 0 && e.arrived == 0 {
		e.off = true
	}
}

// fed takes in a feedback chunk's counts of packets that arrived.
func (e *ecnSender) fed(capable, congested, none int) {
	e.reports = true
	e.arrived += capable + congested
	e.bleached += none
	if e.bleached >= ecnProbe && e.arrived == 0 {
		e.off = true
	}
}

// report takes in an ECN Report: the low 8 bits of the count of CE marks.
func (e *ecnSender) report(count byte) {
	e.reports = true
	e.arrived++
	if more := count - e.ceCount; more > 0 && more < ecnReordered {
		e.ceCount = count
		e.congested = true
	}
}

// ecnReceiver counts CE for ECN Reports.
type ecnReceiver struct {
	ceCount byte
	fresh   bool // a marked packet has come since the last report
}

func (e *ecnReceiver) received(field byte) {
	if field == ecnNotCapable {
		return
	}
	e.fresh = true
	if field == ecnCongested {
		e.ceCount++
	}
}

// appendECNReport appends an ECN Report if one is due; it goes before acknowledgements. Only what does not get feedback
// gets it.
func (s *Session) appendECNReport(b []byte) []byte {
	e := &s.ecnIn
	if !e.fresh || s.keys.Feedback || len(b)+chunkHeaderSize+1 > s.path.limit {
		return b
	}
	e.fresh = false
	return appendChunk(b, chunkECNReport, []byte{e.ceCount})
}

// receiveECNReport handles a far end's ECN Report.
func (s *Session) receiveECNReport(b []byte) {
	if len(b) > 0 && !s.keys.Feedback {
		s.ecnOut.report(b[0])
	}
}
