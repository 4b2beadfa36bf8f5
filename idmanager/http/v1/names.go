package v1

// States of a name.
const (
	Here    = "here"    // somebody is registered under it now
	Away    = "away"    // it belongs to somebody, or did within the hour, who is not registered now
	Unknown = "unknown" // the directory has no such name
)

// Names answers a look-up: one Name for each that was asked for, in that order.
type Names struct {
	Names []Name `json:"names"`
	Time  int64  `json:"time"` // by the directory's clock, ms since 1970
}

// Name is what the directory knows of a name.
type Name struct {
	// Name as its owner spells it; as it was asked for when that is not known.
	Name string `json:"name"`
	// State is Here, Away or Unknown.
	State string `json:"state"`
	// Identity is the key that owns the name; left out: none does.
	Identity Bytes `json:"identity,omitempty"`
	// Registration of who is here, for the asker to verify. Left out for old clients.
	Registration *Registration `json:"registration,omitempty"`
	// PeerID of who is here through reg.cgi, 64 hex digits, which nobody has signed. Left out when there is a
	// Registration.
	PeerID string `json:"peer_id,omitempty"`
}
