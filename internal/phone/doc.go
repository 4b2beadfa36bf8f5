// Package phone wires the rooms into one phone: the profile, a service, directories, calls (mesh) and sound and picture
// (media). The desktop app and sundog-headless are two faces of it. Nothing else may import it.
//
//	p, err := phone.New(cfg)
//	defer p.Close()
//	call, err := p.Call("Bob") // or a sundog: link
//	for {
//		ev, err := call.Next(ctx) // states, chat, …, io.EOF after the end
//	}
//
// Calls come and go over lines: each service has one, and the local network has one, with a socket and a peer ID of its own. A
// listing keeps our name in one directory, with the peer ID of the line by which we are reached; Ways tells how each is. Who
// is where is asked of all directories at once (idmanager.Directories), and people are told apart by identity. Somebody at a
// service that is not ours is called over a line to that one, which is opened for the call (guests).
package phone
