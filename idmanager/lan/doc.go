// Package lan finds the people on this network, without any server: multicast DNS (RFC 6762) and DNS-based service discovery
// (RFC 6763). Everybody who is registered answers for an instance of _sundog._udp.local: a TXT record with the signed
// registration, an SRV record with the port of the phone's UDP socket, and the addresses of the interface that it is told on.
//
//	d, err := lan.New(lan.Config{Key: identityKey})
//	defer d.Close()
//	err = d.Register(ctx, idmanager.Record{Name: "Ann", PeerID: id, Addresses: []netip.AddrPort{netip.MustParseAddrPort("[::]:40000")}})
//	people, err := d.Find(ctx, "Bob") // each has Addresses: call them there
//
// # What the network learns
//
// Whoever is registered shows name, peer ID and identity key to everybody on the same network, who can thereby recognise the same
// identity elsewhere. Nothing else is told: the host name is random and new with each start. Whoever is not registered looks
// around without being seen: the questions asked say that somebody looks for Sundog phones, not who.
//
// # What is believed
//
// Anybody on the network can say anything. A registration counts only if the identity key that it names has signed it; two people who
// use one name are both listed, by identity. Of two registrations of one identity the later counts, so old ones cannot be played
// back while the owner is there. Their age is not judged, since clocks on networks without internet are often wrong. Addresses and ports are
// not signed: a wrong one leads to no call, never to a wrong person, since a call proves the peer ID. Only addresses on a subnet
// of our own, and link-local ones, are believed.
//
// What is kept and done for others is bounded (params.go): instances in all and per source, packets per second in all and
// per source, signatures checked per second, one answer per second and interface. People whom somebody watches or looks up find a place even
// when strangers have filled the others.
//
// # Departures from RFC 6762
//
// All that is sent is multicast, and only what was sent to the group is read: queries that want a unicast answer (§5.4) get a
// multicast one, as that section permits, and one-shot queries from other ports (§6.7) get none. So many phones on one machine share the
// port without getting each other's packets. PTR and TXT records live 2 minutes rather than 75 (§10), since they tell presence. Dots in
// a name are left out of the instance's (the TXT record has the whole name).
//
// The responder is our own, on golang.org/x/net. Of the libraries, hashicorp/mdns does not keep asking, sends no goodbye and ends a
// query at a fixed time; grandcat/zeroconf and its successor libp2p/zeroconf neither probe for names nor bound what others make them
// keep; pion/mdns resolves host names only. None notices a new Wi-Fi, and none can be run on a network in memory.
package lan
