package middle

import (
	"encoding/hex"

	"sundog.dev/sundog/rtmfp/amf"
)

// controlMetadata marks the flows of signals in the phones' sessions.
const controlMetadata = "sundog-call\x01"

// Signals that he looks into: AMF0 values, the first the kind, the second the call.
const (
	kindHello   = "hello"
	kindInvite  = "invite"
	kindProof   = "proof"   // "", the proof in hex
	kindCompare = "compare" // call, a commitment or a reveal in hex
	kindBye     = "bye"
)

// Signal is one message of a flow of signals, as it came.
type Signal struct {
	Kind, Call string
	Data       []byte // of a proof and of a message of the comparison
	raw        []byte
}

// parseSignal reads as much of a message as he cares for; the rest is passed on unread.
func parseSignal(raw []byte) Signal {
	s := Signal{raw: raw}
	values, err := amf.DecodeAMF0(raw)
	if err != nil {
		return s
	}
	text := func(i int) string {
		if i >= len(values) {
			return ""
		}
		t, _ := values[i].(string)
		return t
	}
	s.Kind, s.Call = text(0), text(1)
	if s.Kind == kindProof || s.Kind == kindCompare {
		s.Data, _ = hex.DecodeString(text(2))
	}
	return s
}

// newSignal makes a proof or a message of the comparison.
func newSignal(kind, call string, data []byte) Signal {
	s := Signal{Kind: kind, Call: call, Data: data}
	s.raw, _ = amf.AppendAMF0(nil, kind, call, hex.EncodeToString(data)) // texts always can be encoded
	return s
}

// kindOf names a signal; of the comparison's it tells commitments and reveals apart.
func (s Signal) kindOf() string {
	if s.Kind == kindCompare && len(s.Data) > 0 {
		switch s.Data[0] {
		case typeCommitment:
			return "commitment"
		case typeReveal:
			return "reveal"
		}
	}
	return s.Kind
}
