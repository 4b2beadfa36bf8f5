// Package room is a conference without a host: who belongs to it, as a set that every member holds and that comes out the same
// at all of them, and who is connected to whom.
//
// It is protocol only: no socket, no goroutine, no clock. Messages come in as bytes and go out as bytes, the time is an argument.
// docs/rooms.md describes the documents, the rules and what each is against.
//
//	r, err := room.Open(now, room.Config{Key: identityKey, Details: details}, capacity) // opens a room
//	bundle, err := r.Invite(now, room.InviteOptions{For: bob, Life: time.Hour})         // bundle.Text() goes into a link
//
//	r, err := room.Join(now, config, bundle)             // Bob: joins when he is linked to any member
//	deliver(r.Linked(now, trust.Member{…}))              // each proved session, at both ends
//	sends, err := r.Handle(now, from, message)           // err: why it was refused, for the log
//	deliver(r.Tick(now, heard))                          // every TickEvery
//	if r.Changed() != seen { show(r.Members()) }         // and dial whom room.Dials says
//	if state, reason := r.State(); state == room.Out { end(reason) }
//
// A Roster is not safe for concurrent use.
package room
