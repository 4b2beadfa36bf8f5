package main

import "time"

// event is a line that sundog-headless printed. Fields which an event lacks are zero.
type event struct {
	Event    string    `json:"event"`
	Time     time.Time `json:"time"`
	Peer     string    `json:"peer"`
	PeerID   string    `json:"peer_id"`
	Proved   bool      `json:"proved"`
	State    string    `json:"state"`
	Reason   string    `json:"reason"`
	Why      string    `json:"why"`
	Sentence string    `json:"sentence"`
	Text     string    `json:"text"`
	SAS      string    `json:"sas"`
	Identity string    `json:"identity"`
	Standing string    `json:"standing"`
	Contact  string    `json:"contact"`
	Link     string    `json:"link"`

	SendKbps     float64 `json:"send_kbps"`
	RecvKbps     float64 `json:"recv_kbps"`
	AudioLatency float64 `json:"audio_latency_ms"`
	VideoLatency float64 `json:"video_latency_ms"`
	FPS          float64 `json:"fps"`
	RTT          float64 `json:"rtt_ms"`
	Loss         float64 `json:"loss"`
	Concealed    float64 `json:"concealed"`
	Width        int     `json:"width"`
	Height       int     `json:"height"`

	Links []linkLine `json:"links"` // who hears whom in a conference
	Mode  string     `json:"mode"`  // of the uplink
	Line  string     `json:"line"`
	Sent  float64    `json:"sent_kbps"`

	ID        string `json:"id"` // of a file
	Name      string `json:"name"`
	Direction string `json:"direction"`
	Size      int64  `json:"size"`
	Done      int64  `json:"done"`
}

// linkLine is what one member of a conference says of his connection to another, both by identity.
type linkLine struct {
	By      string `json:"by"`
	With    string `json:"with"`
	State   string `json:"state"`
	Carrier string `json:"carrier"`
}

func named(name string) func(event) bool { return func(e event) bool { return e.Event == name } }

func inState(state string) func(event) bool {
	return func(e event) bool { return e.Event == "state" && e.State == state }
}

// hearsSince reports whether sound has come in since then, by the program's stats.
func (p *program) hearsSince(t time.Time) bool {
	return len(p.all(func(e event) bool { return e.Event == "stats" && e.Time.After(t) && e.RecvKbps > 0 })) > 0
}
