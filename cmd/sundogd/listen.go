package main

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// udpBuffer is asked of the kernel for each direction: a burst of some
// thousand packets is not lost while the service is busy with a key agreement.
const udpBuffer = 2 << 20

func listenUDP(address string) (*net.UDPConn, error) {
	addr, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return nil, cannotListen("UDP", address, err)
	}
	conn, err := net.ListenUDP("udp", addr)
	if err != nil {
		return nil, cannotListen("UDP", address, err)
	}
	// The kernel may grant less; then bursts are lost a little earlier.
	_ = conn.SetReadBuffer(udpBuffer)
	_ = conn.SetWriteBuffer(udpBuffer)
	return conn, nil
}

func listenTCP(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, cannotListen("TCP", address, err)
	}
	return l, nil
}

// cannotListen makes a sentence of the usual failures.
func cannotListen(network, address string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("the %s address %s is in use by another program", network, address)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("the %s address %s is not allowed to this user", network, address)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("the %s address %s is none of this host", network, address)
	}
	return fmt.Errorf("the %s address %s cannot be used: %w", network, address, err)
}
