// Package vnet is a packet network in memory, for tests: hosts with UDP-like
// packet conns, links with latency, jitter, loss, reordering, rate, queue and a longest
// packet, bottlenecks that links share and that can be watched, ECN, and NATs of the
// kinds that RFC 4787 tells apart.
//
// All waiting is on channels and package time, so a network that is made inside
// a testing/synctest bubble runs on the bubble's clock. What is random comes
// from a seed.
//
//	n := vnet.New(1)
//	defer n.Close()
//	n.SetDefaultLink(vnet.Link{Latency: 20 * time.Millisecond, Loss: 0.02})
//	a, err := n.Listen(netip.MustParseAddrPort("192.0.2.1:1000"))
//	b, err := n.Listen(netip.MustParseAddrPort("192.0.2.2:1000"))
package vnet
