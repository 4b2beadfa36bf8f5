package turn

import (
	"net"
	"net/netip"
	"time"

	pionturn "github.com/pion/turn/v4"

	"sundog.dev/sundog/internal/source"
)

// clientKey tells clients apart: by their transport and address.
type clientKey struct {
	network string
	addr    netip.AddrPort
}

func clientKeyOf(a net.Addr) clientKey { return clientKey{a.Network(), addrPortOf(a)} }

// allocation is what one client has. Guarded by Server.mu.
type allocation struct {
	user, identity string
	made           time.Time
	permissions    map[netip.Addr]struct{}
	channels       int
}

func (s *Server) has(key clientKey) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.allocations[key] != nil
}

// authenticate is asked for the key of a user, at every request. Credentials that have run out meanwhile are good for keeping up what was
// allocated with them, so that a long call goes on.
func (s *Server) authenticate(user, realm string, from net.Addr) (key []byte, ok bool) {
	_, expires, ok := parseUser(user)
	now := time.Now()
	if !ok || realm != s.cfg.Realm || expires.Sub(now) > MaxCredentials {
		s.counters.unauthorized.Add(1)
		return nil, false
	}
	if now.After(expires) {
		s.mu.Lock()
		a := s.allocations[clientKeyOf(from)]
		kept := a != nil && a.user == user && now.Sub(a.made) < maxLongevity
		s.mu.Unlock()
		if !kept {
			s.counters.unauthorized.Add(1)
			return nil, false
		}
	}
	return pionturn.GenerateAuthKey(user, realm, passwordOf(s.cfg.Secret, user)), true
}

// admit decides about an allocation of somebody who has shown good credentials.
func (s *Server) admit(user, _ string, from net.Addr) bool {
	identity, _, _ := parseUser(user)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.allocations) >= maxAllocations || s.identities[identity] >= maxIdentityAllocations ||
		s.sources[source.Of(addrPortOf(from).Addr())] >= maxSourceAllocations {
		s.counters.refused.Add(1)
		return false
	}
	return true
}

// permit decides about the packets of a client to an IP address. It is asked for permissions and channels, new and old.
func (s *Server) permit(client net.Addr, peer net.IP) bool {
	addr, ok := netip.AddrFromSlice(peer)
	if !ok || !s.policy.allows(addr, time.Now()) {
		s.counters.forbidden.Add(1)
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.allocations[clientKeyOf(client)]
	if a == nil {
		return false
	}
	_, known := a.permissions[addr.Unmap()]
	if !known && len(a.permissions) >= maxPermissions || a.channels > maxChannels {
		s.counters.forbidden.Add(1)
		return false
	}
	return true
}

// events keeps count of what there is.
func (s *Server) events() pionturn.EventHandler {
	with := func(client net.Addr, f func(*allocation)) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if a := s.allocations[clientKeyOf(client)]; a != nil {
			f(a)
		}
	}
	return pionturn.EventHandler{
		OnAllocationCreated: func(client, _ net.Addr, _, user, _ string, _ net.Addr, _ int) { s.allocated(client, user) },
		OnAllocationDeleted: func(client, _ net.Addr, _, _, _ string) { s.deallocated(client) },
		OnPermissionCreated: func(client, _ net.Addr, _, _, _ string, _ net.Addr, peer net.IP) {
			addr, _ := netip.AddrFromSlice(peer)
			with(client, func(a *allocation) { a.permissions[addr.Unmap()] = struct{}{} })
		},
		OnPermissionDeleted: func(client, _ net.Addr, _, _, _ string, _ net.Addr, peer net.IP) {
			addr, _ := netip.AddrFromSlice(peer)
			with(client, func(a *allocation) { delete(a.permissions, addr.Unmap()) })
		},
		OnChannelCreated: func(client, _ net.Addr, _, _, _ string, _, _ net.Addr, _ uint16) {
			with(client, func(a *allocation) { a.channels++ })
		},
		OnChannelDeleted: func(client, _ net.Addr, _, _, _ string, _, _ net.Addr, _ uint16) {
			with(client, func(a *allocation) { a.channels-- })
		},
	}
}

func (s *Server) allocated(client net.Addr, user string) {
	identity, _, _ := parseUser(user)
	s.counters.allocated.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.allocations[clientKeyOf(client)] = &allocation{user: user, identity: identity, made: time.Now(), permissions: make(map[netip.Addr]struct{})}
	s.identities[identity]++
	s.sources[source.Of(addrPortOf(client).Addr())]++
}

func (s *Server) deallocated(client net.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := clientKeyOf(client)
	a := s.allocations[key]
	if a == nil {
		return
	}
	delete(s.allocations, key)
	if s.identities[a.identity]--; s.identities[a.identity] == 0 {
		delete(s.identities, a.identity)
	}
	from := source.Of(key.addr.Addr())
	if s.sources[from]--; s.sources[from] == 0 {
		delete(s.sources, from)
	}
}
