package rendezvous

// Cluster carries messages between the instances of a service. Messages may be lost, and come late; they come in the
// order in which one instance sent them to one other. Whoever can send there is one of the service: messages are
// parsed strictly and what they can cost is bounded, but an instance can say that a client has come to it.
//
// # Who is where
//
// No instance keeps a list of the others' clients, nor does anybody else. An instance that is asked for a peer that it does not have asks
// all others at once, in some 100 bytes, and whoever has the peer answers. Alternatives that were weighed, at a million
// clients on 50 instances:
//
//   - A subject for each client, to which its instance subscribes: a subscription takes 1.2 KB in the instance and its NATS server
//     together (measured), and every other server keeps part of that again. A million are more than a gigabyte, told to all servers with
//     each client that comes or goes; after the loss of one instance 20,000 are made anew within seconds.
//   - A subject for each instance and a bucket that says which client is where: 0.75 to 1 KB for each client in each of three servers
//     (measured), a replicated write with each client that comes, and more to renew what expires (a million each quarter of an hour are
//     1,100 per second), a read before each introduction, and answers that are wrong after an instance's loss, until its
//     entries have expired.
//   - Asking all: nothing to keep, and nothing to be wrong. If each client asks for somebody once in ten minutes, and five times until it has its
//     session, these are 8,300 questions per second, which every instance reads: 0.5 µs for the parse and the look into the map
//     (BenchmarkQuestionForNobody) and about 5 µs for NATS' delivery (BenchmarkQuestionThroughNATS of internal/cluster), 5 % of a
//     core and 0.8 MB/s. A client that comes costs one more (0.2 µs). Each of three NATS servers delivers 140,000 per second; one process
//     with a server and both ends in it does 160,000 here, on two cores.
//
// So the cost of asking grows with the clients times the instances; at ten million clients on 500 instances it is a hundred times
// this, and a bucket would be the better choice. In an instance a client takes nothing but its entry in a map; NATS keeps two
// subscriptions for each instance.
type Cluster interface {
	// Join makes an instance known by a name of hexadecimal digits. From then on deliver is called with each message to it and to
	// all, possibly at the same time from several goroutines, and possibly with what this instance itself has sent to all. The
	// message is deliver's to keep. leave ends that; a call that is under way may go on.
	Join(instance string, deliver func(message []byte)) (leave func(), err error)
	// Send sends a message to an instance, or to all for the empty name. It is called by one goroutine. An error says that the message is lost.
	Send(instance string, message []byte) error
}
