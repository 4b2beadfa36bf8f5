package flash

import "sundog.dev/sundog/rtmfp/amf"

// Event is an Invocation or a Status.
type Event interface{ event() }

// Invocation is a command that the service invoked on us.
type Invocation struct {
	Command string
	Args    []amf.Value // after the command object
}

// Status is a NetStatusEvent (code and level as in Flash).
type Status struct {
	Code, Level, Description string
	// Details is an amf.Object of further members of the info object, in their order, or nil.
	Details amf.Value
}

func (Invocation) event() {}
func (Status) event()     {}

// Codes of Status.
const (
	CodeConnectSuccess  = "NetConnection.Connect.Success"
	CodeConnectClosed   = "NetConnection.Connect.Closed"
	CodeConnectFailed   = "NetConnection.Connect.Failed"
	CodeConnectRejected = "NetConnection.Connect.Rejected"
	CodePlayReset       = "NetStream.Play.Reset"
	CodePlayStart       = "NetStream.Play.Start"
	CodeUnpublishNotify = "NetStream.Play.UnpublishNotify"
)
