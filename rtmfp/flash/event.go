package flash

import "sundog.dev/sundog/rtmfp/amf"

// Event is an Invocation or a Status.
type Event interface{ event() }

// Invocation is a command that the service invoked on us (in Flash a method of NetConnection.client).
type Invocation struct {
	Command string
	Args    []amf.Value // after the command object
	// Transaction, unless 0, says that the service waits for NetConnection.Respond or RespondError.
	Transaction float64
}

// Status is the info of a NetStatusEvent (code, level and description as in Flash).
type Status struct {
	Code, Level, Description string
	// Details are further members of the info object, in their order; nil: none.
	Details amf.Object
}

// Codes of Status: those of the connection to a service.
const (
	CodeConnectSuccess      = "NetConnection.Connect.Success"
	CodeConnectClosed       = "NetConnection.Connect.Closed"
	CodeConnectFailed       = "NetConnection.Connect.Failed"
	CodeConnectRejected     = "NetConnection.Connect.Rejected"
	CodeConnectInvalidApp   = "NetConnection.Connect.InvalidApp"
	CodeConnectAppShutdown  = "NetConnection.Connect.AppShutdown"
	CodeAddressChangeNotify = "NetConnection.AddressChange.Notify" // the service sees us at another address
	CodeCallFailed          = "NetConnection.Call.Failed"          // a command that the far end could not carry out
)

// Codes of Status: those of streams. A Status of level error says that what was asked for will not happen.
const (
	CodePlayReset         = "NetStream.Play.Reset"
	CodePlayStart         = "NetStream.Play.Start"
	CodePlayStop          = "NetStream.Play.Stop"
	CodePlayFailed        = "NetStream.Play.Failed"
	CodePlayNotFound      = "NetStream.Play.StreamNotFound"
	CodePlayInsufficient  = "NetStream.Play.InsufficientBW" // we do not keep up with the stream
	CodePublishNotify     = "NetStream.Play.PublishNotify"
	CodeUnpublishNotify   = "NetStream.Play.UnpublishNotify"
	CodePublishStart      = "NetStream.Publish.Start"
	CodePublishBadName    = "NetStream.Publish.BadName" // somebody publishes that name, or nobody may
	CodePublishDenied     = "NetStream.Publish.Denied"
	CodePublishIdle       = "NetStream.Publish.Idle" // nothing has come from the publisher for a while
	CodeUnpublishSuccess  = "NetStream.Unpublish.Success"
	CodeRecordNoAccess    = "NetStream.Record.NoAccess"
	CodeSeekFailed        = "NetStream.Seek.Failed"
	CodeSeekNotify        = "NetStream.Seek.Notify"
	CodePauseNotify       = "NetStream.Pause.Notify"
	CodeUnpauseNotify     = "NetStream.Unpause.Notify"
	CodeStreamFailed      = "NetStream.Failed"
	CodeStreamBufferEmpty = "NetStream.Buffer.Empty"
	CodeStreamBufferFull  = "NetStream.Buffer.Full"
)

func (Invocation) event() {}
func (Status) event()     {}
