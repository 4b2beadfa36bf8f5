package turn

import (
	"errors"
	"fmt"
	"time"

	"github.com/pion/stun/v3"
)

// upkeep renews the allocation, and the permissions and channels that are in use, until the Conn ends.
func (c *Conn) upkeep() {
	tick := time.NewTicker(upkeepInterval)
	defer tick.Stop()
	for {
		select {
		case <-c.ctx.Done():
			return
		case <-tick.C:
		}
		now := time.Now()
		if err := c.renew(now); err != nil {
			// end waits for nobody; Close does.
			c.end(err)
			return
		}
		c.mu.Lock()
		c.renewPeers(now)
		c.mu.Unlock()
	}
}

// renew renews the allocation when it is time. It is lost when the relay says so, or has not answered until it expired.
func (c *Conn) renew(now time.Time) error {
	c.mu.Lock()
	due := !now.Before(c.renewAt) && !c.closing
	c.mu.Unlock()
	if !due {
		return nil
	}
	m, err := c.request(c.ctx, stun.MethodRefresh, lifetime(allocationLifetime))
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		c.renewed(lifetimeOf(m), now)
		return nil
	}
	if errors.Is(err, ErrNoAnswer) && time.Now().Before(c.expires) || c.closing {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrLost, err)
}

// renewPeers renews what is in use and forgets what is not. The caller holds c.mu.
func (c *Conn) renewPeers(now time.Time) {
	for _, p := range c.peers {
		idle := now.Sub(p.used) > idlePeer
		switch {
		case p.channel != 0 && now.After(p.expires.Add(channelPause)), p.channel == 0 && idle && !p.permission.granted(now):
			c.forget(p)
		case p.bound(now) && !idle && p.expires.Sub(now) <= 2*margin:
			c.bind(p)
		}
	}
	for _, p := range c.permissions {
		if p.granted(now) && now.Sub(p.used) <= idlePeer && p.expires.Sub(now) <= margin {
			c.permit(p)
		}
	}
}
