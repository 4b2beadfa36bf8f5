package main

import (
	"fmt"
)

// carryOut does what a command says. Its errors are sentences.
func (f *followed) carryOut(c command, end func()) error {
	var to []string
	if c.peer != "" {
		id, err := f.find(c.peer)
		if err != nil {
			return err
		}
		to = []string{id}
	}
	switch c.verb {
	case "add":
		return f.call.Add(c.text)
	case "remove":
		return f.call.Remove(to[0])
	case "block":
		err := f.call.Block(to[0])
		f.blocks = f.blocks || err == nil
		return err
	case "chat":
		return f.call.SendChat(c.text, to...)
	case "file":
		f.files.send(c.text, to)
	case "react":
		return f.call.React(c.text)
	case "hand":
		f.call.RaiseHand(c.on)
	case "mute":
		f.call.SetMuted(c.on)
	case "camera":
		f.call.SetCamera(c.on)
	case "screen":
		f.call.ShareScreen(c.on)
	case "cap":
		f.runner.phone.SetUplinkCap(1000*c.kbps, false)
	case "view":
		f.runner.view = c.text
		f.show()
	case "quit":
		select {
		case <-f.runner.quit:
		default:
			close(f.runner.quit)
		}
		end()
	}
	return nil
}

// find finds somebody in the call by peer ID or name.
func (f *followed) find(peer string) (id string, err error) {
	for _, p := range f.call.People() {
		switch {
		case p.ID == peer:
			return p.ID, nil
		case p.Name == peer && id != "":
			return "", fmt.Errorf("several people in the call are called %q; say the peer ID", peer)
		case p.Name == peer:
			id = p.ID
		}
	}
	if id == "" {
		return "", fmt.Errorf("nobody in the call is %.80q", peer)
	}
	return id, nil
}
