package rtmfp

import (
	"net/netip"
	"time"
)

// EventKind is what happened.
type EventKind string

// Event is one line of the event log (Config.Events), a JSON object, from which one can tell afterwards how a session
// came about, how it fared and why it ended. It never holds a key, a cookie or a byte of anybody's messages; but it does
// tell who was in touch with whom, from where and when.
//
// Every event has time and event, the kind. An opening is known by the first bytes of its tag, which both ends and an
// introducer between them see, so the logs of several endpoints can be put together by it; a session by its near
// session ID.
//
//	event                 further members
//	endpoint_started      addr (our own), peer (our own fingerprint)
//	endpoint_closed       reason
//	opening_started       opening, epd
//	ihello_sent           opening, addr, attempt
//	redirect_received     opening, addr (of the redirector), addrs
//	rhello_received       opening, addr, peer
//	rhello_refused        opening, addr, reason
//	iikeying_sent         opening, addr, session, attempt
//	cookie_changed        opening, addr, session
//	rikeying_refused      opening, addr, session, reason
//	opening_ended         opening, session (if one came of it) or reason
//	rhello_sent           opening, addr
//	ihello_refused        opening, addr, reason
//	redirect_sent         opening, addr, addrs
//	fihello_sent          opening, addr (of the initiator), session (of the target)
//	fihello_received      opening, addr (of the initiator), session (of the introducer), reason (if not answered)
//	cookie_change_sent    addr
//	iikeying_refused      addr, reason
//	rikeying_sent         addr, session, peer
//	session_up            session, addr, peer, initiator, protection
//	session_replaced      session, other (the one that stays), reason
//	address_asked         session, addr
//	address_changed       session, addr (the new one), from
//	congestion            session, reason (loss, timeout …), count (of such since the last), path
//	rate                  session, path; when the rate has doubled or halved since the last such line, at most one a second
//	path_mtu              session, path; when longer or shorter packets are sent than before
//	ecn                   session, reason (confirmed, or why it is off)
//	flow_opened           session, flow, direction, metadata (bytes), return_of
//	flow_rejected         session, flow, direction (of the flow), code, reason
//	flow_ended            session, flow, direction, reason
//	limit                 limit (its name in params.go), addr, session or opening, count (since the last such line)
//	session_closed        session, reason, age_ms, path
//	summary               session, path; every 10 s in which something was sent or received
//	dropped               count: of events that were left out here, since they came faster than they could be written
//	                      or strangers caused too many
type Event struct {
	Time time.Time `json:"time"`
	Kind EventKind `json:"event"`

	Opening string `json:"opening,omitempty"` // 16 hex digits
	Session uint32 `json:"session,omitempty"`
	Other   uint32 `json:"other,omitempty"`
	// Peer is a fingerprint, 64 hex digits.
	Peer string `json:"peer,omitempty"`
	// EPD is what was dialled: a fingerprint, a URI, or the discriminator in hex.
	EPD   string           `json:"epd,omitempty"`
	Addr  netip.AddrPort   `json:"addr,omitzero"`
	From  netip.AddrPort   `json:"from,omitzero"`
	Addrs []netip.AddrPort `json:"addrs,omitempty"`

	Attempt   int    `json:"attempt,omitempty"` // from 1
	Initiator bool   `json:"initiator,omitempty"`
	Reason    string `json:"reason,omitempty"`
	Limit     string `json:"limit,omitempty"`
	Count     uint64 `json:"count,omitempty"`
	AgeMS     int64  `json:"age_ms,omitempty"` // milliseconds since the session began

	Flow      uint64    `json:"flow,omitempty"`
	Direction Direction `json:"direction,omitempty"`
	Metadata  int       `json:"metadata,omitempty"`
	ReturnOf  uint64    `json:"return_of,omitempty"`
	Code      uint64    `json:"code,omitempty"`

	Protection *Protection `json:"protection,omitempty"`
	Path       *PathEvent  `json:"path,omitempty"`
}

// Protection is what two ends have agreed on for the packets of their session (RFC 7425 §4.6), if the
// CryptoProfile tells.
type Protection struct {
	Group        int  `json:"group"`         // of the key agreement
	HMACSent     int  `json:"hmac_sent"`     // bytes; 0: a checksum instead
	HMACReceived int  `json:"hmac_received"` // bytes
	SSEQSent     bool `json:"sseq_sent"`     // session sequence numbers
	SSEQReceived bool `json:"sseq_received"`
}

// Direction is that of a flow, as the near end sees it.
type Direction string

// The directions of a flow.
const (
	DirectionOut Direction = "out"
	DirectionIn  Direction = "in"
)

// PathEvent is a session's path at the time of an event, and what was counted on it since the session began.
type PathEvent struct {
	RTT           float64 `json:"rtt_ms"` // smoothed; 0 while unknown
	Window        int     `json:"window"` // congestion window, bytes
	Outstanding   int     `json:"outstanding"`
	BytesSent     uint64  `json:"bytes_sent"` // UDP payload
	BytesReceived uint64  `json:"bytes_received"`
	PacketsSent   uint64  `json:"packets_sent"` // with user data
	PacketsLost   uint64  `json:"packets_lost"` // of those
	Rate          int64   `json:"rate"`         // what may be sent, bit/s of UDP payload
	QueueDelay    float64 `json:"queue_ms"`     // how much longer than at best packets take; 0 without feedback
	Feedback      bool    `json:"feedback"`     // the far end reports when packets arrive
	MTU           int     `json:"mtu"`          // the longest UDP payload that is sent
	Losses        uint64  `json:"losses"`       // times that the window was cut for loss
	Timeouts      uint64  `json:"timeouts"`
}

// The kinds of event.
const (
	EventEndpointStarted  EventKind = "endpoint_started"
	EventEndpointClosed   EventKind = "endpoint_closed"
	EventOpeningStarted   EventKind = "opening_started"
	EventIHelloSent       EventKind = "ihello_sent"
	EventRedirectReceived EventKind = "redirect_received"
	EventRHelloReceived   EventKind = "rhello_received"
	EventRHelloRefused    EventKind = "rhello_refused"
	EventIIKeyingSent     EventKind = "iikeying_sent"
	EventCookieChanged    EventKind = "cookie_changed"
	EventRIKeyingRefused  EventKind = "rikeying_refused"
	EventOpeningEnded     EventKind = "opening_ended"
	EventRHelloSent       EventKind = "rhello_sent"
	EventIHelloRefused    EventKind = "ihello_refused"
	EventRedirectSent     EventKind = "redirect_sent"
	EventFIHelloSent      EventKind = "fihello_sent"
	EventFIHelloReceived  EventKind = "fihello_received"
	EventCookieChangeSent EventKind = "cookie_change_sent"
	EventIIKeyingRefused  EventKind = "iikeying_refused"
	EventRIKeyingSent     EventKind = "rikeying_sent"
	EventSessionUp        EventKind = "session_up"
	EventSessionReplaced  EventKind = "session_replaced"
	EventAddressAsked     EventKind = "address_asked"
	EventAddressChanged   EventKind = "address_changed"
	EventCongestion       EventKind = "congestion"
	EventRate             EventKind = "rate"
	EventPathMTU          EventKind = "path_mtu"
	EventECN              EventKind = "ecn"
	EventFlowOpened       EventKind = "flow_opened"
	EventFlowRejected     EventKind = "flow_rejected"
	EventFlowEnded        EventKind = "flow_ended"
	EventLimit            EventKind = "limit"
	EventSessionClosed    EventKind = "session_closed"
	EventSummary          EventKind = "summary"
	EventDropped          EventKind = "dropped"
)
