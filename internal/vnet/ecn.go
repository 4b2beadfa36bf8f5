package vnet

// ECN is the Explicit Congestion Notification field of a packet's IP header (RFC 3168 §5).
type ECN uint8

// The values of the field. A sender says by ECT0 or ECT1 that its transport understands marks; a queue that
// is getting long then says CE instead of dropping.
const (
	NotECT ECN = iota
	ECT1
	ECT0
	CE
)

func (e ECN) capable() bool { return e == ECT0 || e == ECT1 }
