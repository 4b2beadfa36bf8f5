package rtmfp

// Priority orders flows and messages of a session. Time-critical ones come
// before and make other sessions yield (RFC 7016 §3.5.2.1).
type Priority uint8

// Priorities, low to high. PriorityVideo and above are time critical.
const (
	PriorityBackground Priority = iota
	PriorityBulk
	PriorityRoutine
	PriorityData
	PriorityVideo
	PriorityAudio
	PriorityControl
)

func (p Priority) timeCritical() bool { return p >= PriorityVideo }
