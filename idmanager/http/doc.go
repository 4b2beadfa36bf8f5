// Package http finds people through reg.cgi, the HTTP directory of the old
// Video Phone sample: its client, which implements idmanager.IdManager and
// reads the replies of old scripts and their clones, and its server.
//
// The protocol is one GET with a query, answered by a small XML document:
//
//	?username=NAME&identity=PEER-ID            register; again within the hour to stay
//	?username=NAME&identity=0                  unregister
//	?friends=NAME[&friends=NAME…]              look up
//
// It knows no owner of a name: whoever writes last is believed. Callers prove
// who they are inside the peer session, not here. It cannot carry a rendezvous
// address either, so Record.Rendezvous stays empty.
//
//	dir, err := http.New("https://example.org", nil) // or the full URL of an old reg.cgi
//	…
//	err = dir.Register(ctx, idmanager.Record{Name: "Ann", PeerID: id})
//	friend, err := dir.LookUp(ctx, "Bob")
//
// The package has the name of its folder; import it under another where
// net/http is used too.
package http
