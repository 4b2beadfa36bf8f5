package room

type roomError string

func (e roomError) Error() string { return string(e) }

// Refusals of documents and messages.
const (
	ErrMessage   = roomError("room: malformed message")
	ErrDocument  = roomError("room: malformed document")
	ErrVersion   = roomError("room: a version that we do not speak")
	ErrSignature = roomError("room: a document that its author has not signed")
	ErrOther     = roomError("room: of another room")
	ErrStranger  = roomError("room: from somebody who is no member")
	ErrNotYou    = roomError("room: a join for another identity or peer ID than the session has proved")
	ErrJoin      = roomError("room: the join was refused")
	ErrUnknown   = roomError("room: an unknown type of message")
)

// Refusals of what the user wants.
const (
	ErrCapacity   = roomError("room: a room has at least two members, and no more than can compare one short string")
	ErrDetails    = roomError("room: a name, address or rendezvous that cannot be written down")
	ErrNotIn      = roomError("room: we are not in the room")
	ErrNotAllowed = roomError("room: only the opener and whoever invited a member may remove him, or invite him again")
	ErrNobody     = roomError("room: nobody of that identity is in the room")
	ErrLife       = roomError("room: an invitation lasts from a second to a week, for 1 to 64 people")
	ErrChain      = roomError("room: the invitation's signatures do not lead back to the room's opener")
	ErrText       = roomError("room: the text is no invitation")
)
