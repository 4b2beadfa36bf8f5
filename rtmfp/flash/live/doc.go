// Package live passes live streams on: what one client of a service publishes under a name goes to all who play it. It is
// what a service does with streams if it does anything with them (flash.Broker); nothing is kept.
//
//	relay := live.New(live.Config{})
//	streams := flash.NewServerStreams(flash.ServerStreamsConfig{…, Broker: relay})
//
// Who comes later gets the data that the publisher has set (onMetaData), the sequence headers, and the pictures since the last
// key frame. Who cannot keep up misses pictures up to a key frame that it has room for; nobody waits for it.
//
// A query behind a name is no part of it. Streams may be played before they are published.
package live
