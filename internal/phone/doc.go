// Package phone wires the rooms into one phone: the profile, a service with its
// directory, calls (mesh) and sound and picture (media). The desktop app and
// sundog-headless are two faces of it. Nothing else may import it.
//
//	p, err := phone.New(cfg)
//	defer p.Close()
//	call, err := p.Call("Bob")
//	for {
//		ev, err := call.Next(ctx) // states, chat, …, io.EOF after the end
//	}
package phone
