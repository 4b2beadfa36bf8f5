package main

import (
	"fmt"
	"math/rand/v2"
	"net"
)

// quietHost finds a loopback address on which the service's usual ports are free.
func quietHost() (string, error) {
	var last error
	for range 20 {
		host := fmt.Sprintf("127.77.%d.%d", 1+rand.IntN(250), 1+rand.IntN(250))
		udp, err := net.ListenPacket("udp", host+":1935")
		if err != nil {
			last = err
			continue
		}
		tcp, err := net.Listen("tcp", host+":8035")
		_ = udp.Close()
		if err != nil {
			last = err
			continue
		}
		_ = tcp.Close()
		return host, nil
	}
	return "", fmt.Errorf("no loopback address has the service's ports free: %w", last)
}

// answers reports what is wrong with connecting to an address; nil: somebody takes connections there.
func answers(address string) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	return conn.Close()
}

// freeTCP are addresses on loopback that nobody uses now.
func freeTCP(n int) (addresses []string, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer func() { _ = l.Close() }()
		addresses = append(addresses, l.Addr().String())
	}
	return addresses, nil
}

// firstBusy is the address, if somebody uses it.
func firstBusy(network, address string) string {
	var closer interface{ Close() error }
	var err error
	if network == "udp" {
		closer, err = net.ListenPacket(network, address)
	} else {
		closer, err = net.Listen(network, address)
	}
	if err != nil {
		return network + " " + address + " "
	}
	_ = closer.Close()
	return ""
}
