package rtmfp

// The options of netinet/in.h and netinet6/in6.h.
const (
	ipDontFragment   = 28
	ipv6DontFragment = 62
)

// socketHandle is what the system calls take.
type socketHandle = int
