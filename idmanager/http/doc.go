// Package http finds people through a directory that speaks HTTP: a client, which implements idmanager.IdManager. It
// knows two dialects, and finds out which one a directory has.
//
// The one of our own is the JSON API of package v1: names belong to identity keys, records are signed, and presence comes by a
// stream of events, which also keeps our registration alive. When the stream breaks, or the instance that it came from dies, the
// client goes on with another instance, and registers again where need be.
//
// The other is reg.cgi, the directory of the old
// Video Phone sample; the replies of old scripts and their clones are read tolerantly. It is one GET with a query, answered by a small XML document:
//
//	?username=NAME&identity=PEER-ID            register; again within the hour to stay
//	?username=NAME&identity=0                  unregister
//	?friends=NAME[&friends=NAME…]              look up
//
// It knows no owner of a name: whoever writes last is believed. Callers prove
// who they are inside the peer session, not here. It cannot carry a rendezvous
// address either, so Record.Rendezvous stays empty.
//
//	dir, err := http.New("https://example.org", http.Options{Signer: key}) // or the full URL of an old reg.cgi
//	…
//	defer dir.Close()
//	err = dir.Register(ctx, idmanager.Record{Name: "Ann", PeerID: id})
//	friend, err := dir.LookUp(ctx, "Bob")
//
// The server is in package directory. This package has the name of its folder; import it under another where
// net/http is used too.
package http
