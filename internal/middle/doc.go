// Package middle is a man in the middle, for the tests: he has the whole of directory, rendezvous service and network, sits
// between two phones, and ends the sessions of both with certificates and keys of his own. Relayed signals, the signals of
// calls, sound, picture and text he passes on in both directions, as his Strategy says.
//
//	m, err := middle.New(middle.Config{Listen: listen, Strategy: strategy})
//	defer m.Close()
//	http.ListenAndServe(addr, m) // his directory
//	… phones register there, and at m.Server(), and call each other …
//	call, err := m.Next(ctx)     // what he has seen of it: call.Seen()
//
// To each phone he is somebody else: a face, with a peer ID of its own, for each name that is looked up. He knows the program
// and what docs/trust.md describes, but signs and hashes by himself where a phone that keeps to the rules would not.
package middle
