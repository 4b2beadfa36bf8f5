package main

import (
	"fmt"
	"net"
	"os"
	"strings"

	"sundog.dev/sundog/rtmfp/rendezvous"
)

// checkVariable is the environment variable with the three further UDP addresses from which phones' connectivity is
// checked: one with the IP address of --rtmfp and another port, one of another IP address, and one of a third.
const checkVariable = "SUNDOG_RTMFP_CHECK"

// openCheck opens the packet conns for connectivity checks; nil without the variable.
func openCheck() (*rendezvous.Check, error) {
	value := os.Getenv(checkVariable)
	if value == "" {
		return nil, nil
	}
	addresses := strings.Split(value, ",")
	if len(addresses) != 3 {
		return nil, fmt.Errorf("%s has %d addresses, not three with commas between them", checkVariable, len(addresses))
	}
	var conns [3]*net.UDPConn
	for i, address := range addresses {
		conn, err := listenUDP(strings.TrimSpace(address))
		if err != nil {
			for _, c := range conns[:i] {
				_ = c.Close()
			}
			return nil, err
		}
		conns[i] = conn
	}
	return &rendezvous.Check{OtherPort: conns[0], OtherAddress: conns[1], Introduction: conns[2]}, nil
}

// closeCheck closes what openCheck has opened and no service has taken over.
func closeCheck(c *rendezvous.Check) {
	if c == nil {
		return
	}
	_, _, _ = c.OtherPort.Close(), c.OtherAddress.Close(), c.Introduction.Close()
}
