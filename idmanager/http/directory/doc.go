// Package directory is the server of names: the JSON API of package v1, and reg.cgi for the programs of the Flash age. It
// keeps its state in the buckets of a cluster, so that any number of instances are one directory.
//
//	d, err := directory.NewServer(ctx, directory.Config{Cluster: c, Name: "example.org", Log: log})
//	…
//	defer d.Close()
//	server := http.Server{Handler: d}
//	…
//	d.Drain()           // ends streams, so that Shutdown need not wait for them
//	server.Shutdown(ctx)
//
// # Who owns a name
//
// The first identity key that registers a name owns it from then on; nobody else can register it, neither by /v1 nor by
// reg.cgi. Registrations are signed, and the directory passes the signed whole on to whoever looks the name up. A
// registration counts if it is newer, by the time that its owner signed, than the name's last one, and at most clockTolerance
// away from the directory's clock. So a repeated one is refused: the last one's time is kept for longer than
// it could be repeated, also after it was withdrawn; and what was signed before the presence bucket was made is refused.
//
// One name has one presence. Who registers last under the owner's key, on another device, takes the other's place; the other
// is told (EventOwn, OwnReplaced).
//
// Names that come by reg.cgi are nobody's: whoever writes last is believed, for an hour. A key may take such a name over.
//
// # What is kept
//
//	bucket     key                 value                              lasts              kept
//	names      folded name         owner key, spelling                for good           on disk
//	owners     identity key        names it owns (they are bounded)   for good           on disk
//	presence   folded name         signed registration, token's hash  expiry             in memory
//	peers      peer ID             its names (for PeerGone)           an hour            in memory
//	old        name as SQLite's    peer ID as reg.cgi got it          an hour            on disk
//	           NOCASE folds it
//
// Presence is lost with the last server of the cluster, and with a single instance that is killed: its clients' streams
// break, and they register again within seconds.
//
// # What it costs
//
// A client that has its stream open makes one write in refreshInterval, by its instance. At a million clients these
// are 1,000,000 / 120 s = 8,300 writes/s for the cluster, each of which every instance reads in its watch of the presence bucket
// (700 bytes: 6 MB/s). Were the interval 30 minutes, as in reg.cgi, the writes would be 560/s; but a client that is lost together with its
// instance would seem to be there for more than an hour. In all other cases a lost client is noticed by its stream or its RTMFP
// session, so that nobody waits for the expiry.
//
// # What a directory learns
//
// Who has which name and key, when they are there, from which address, and whom they look up and watch.
// It cannot pretend to be somebody: that needs the key. It can leave people out, and tell what was true before.
package directory
