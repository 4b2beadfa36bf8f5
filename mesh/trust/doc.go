// Package trust is who the far end is, and that nobody sits in between: the proof of identity on a session, the short string
// that members of a call read to each other, and what becomes of a contact whose key has changed.
//
// It is protocol only: no socket, no goroutine, no clock. Messages come in as bytes and go out as bytes, the time is an
// argument. docs/trust.md describes the protocol and its threat model.
//
//	message, err := trust.Prove(session, identityKey)     // goes to the far end
//	far, err := trust.Verify(session, ourIdentity, theirs) // who the far end is, or a typed refusal
//
//	x, err := trust.NewExchange(trust.ExchangeConfig{Call: call, Key: identityKey})
//	deliver(x.SetRoster(now, members))          // begins
//	sends, err := x.Handle(now, from, message)  // err: why the message was refused, for the log
//	deliver(x.Tick(now))                        // at x.Deadline()
//	if s, ok := x.ShortString(); ok { show(s.Words(), s.Emoji()) }
package trust
