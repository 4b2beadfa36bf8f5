package rendezvous

import "sundog.dev/sundog/rtmfp/flash"

// followMoves tells the client each time that the service sees it at another address, so that it sends setPeerInfo again:
// what moved it may have changed its own addresses, too.
func (c *client) followMoves() {
	for {
		select {
		case <-c.session.Moved():
			c.moved()
		case <-c.ended.Done():
			return
		}
	}
}

func (c *client) moved() {
	if !c.connected() || c.isCheck() {
		return
	}
	observed := unmap(c.session.FarAddr())
	c.service.mu.Lock()
	reported, introducible := c.reported, c.introducible
	c.service.mu.Unlock()
	if introducible {
		c.service.locate(c, observed, reported)
	}
	_ = c.send(flash.StatusCommand(flash.Status{
		Code: flash.CodeAddressChangeNotify, Level: flash.LevelStatus, Description: "your address is now " + observed.String(),
	}))
}
