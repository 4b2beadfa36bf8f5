package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash/live"
	"sundog.dev/sundog/rtmfp/rendezvous"
)

// runService is a rendezvous service.
func runService(ctx context.Context, f *flag.FlagSet, args []string, out *reporter) error {
	var id identity
	f.StringVar(&id.listen, "listen", "127.0.0.1:1935", "the UDP `address` of the service")
	f.BoolVar(&id.oldClients, "old-clients", false, "serve programs of the Flash age, too")
	f.BoolVar(&id.verbose, "v", false, "log to the standard error")
	check := f.String("check", "", "check connectivity from these `addresses`: same host and another port, another host, a third host")
	streams := f.Bool("streams", false, "pass live streams on")
	onward := f.String("redirect", "", "send everybody on to these `addresses`")
	events := f.Bool("events", false, "write the event log to the standard error")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	cfg := rendezvous.Config{Log: id.log(), OldClients: id.oldClients}
	if *events {
		cfg.Events = os.Stderr
	}
	if *streams {
		cfg.Streams = live.New(live.Config{})
	}
	if *check != "" {
		var err error
		if cfg.Check, err = checkFrom(*check); err != nil {
			return err
		}
	}
	conn, err := id.socket()
	if err != nil {
		return err
	}
	service, err := rendezvous.New(conn, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = service.Close() }()
	if *onward != "" {
		addresses, err := addressList(*onward)
		if err != nil {
			return err
		}
		service.Drain(addresses...)
	}
	out.tell("serving", figures{"address": service.LocalAddr()})
	<-ctx.Done()
	out.tell("served", figures{"stats": service.Stats()})
	return nil
}

// checkFrom opens the three packet conns of a connectivity check.
func checkFrom(text string) (*rendezvous.Check, error) {
	addresses, err := addressList(text)
	if err != nil {
		return nil, err
	}
	if len(addresses) != 3 {
		return nil, fmt.Errorf("check: %d addresses, not three", len(addresses))
	}
	var conns [3]rtmfp.PacketConn
	for i, a := range addresses {
		if conns[i], err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(a)); err != nil {
			return nil, err
		}
	}
	return &rendezvous.Check{OtherPort: conns[0], OtherAddress: conns[1], Introduction: conns[2]}, nil
}

func addressList(text string) (list []netip.AddrPort, err error) {
	for part := range strings.SplitSeq(text, ",") {
		a, err := netip.ParseAddrPort(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

// runCheck asks a service for its connectivity check.
func runCheck(ctx context.Context, f *flag.FlagSet, args []string, out *reporter) error {
	var id identity
	id.flags(f, "127.0.0.1:0")
	if err := parse(f, args, 1); err != nil {
		return err
	}
	nc, err := id.netConnection()
	if err != nil {
		return err
	}
	defer func() { _ = nc.Close() }()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	c, err := rendezvous.CheckConnectivity(ctx, nc, f.Arg(0))
	if err != nil {
		return err
	}
	out.tell("connectivity", figures{
		"publicAddress":                               c.PublicAddress,
		"publicAddressIsLocal":                        c.PublicAddressIsLocal.String(),
		"publicPortMatchesLocalPort":                  c.PublicPortMatchesLocalPort.String(),
		"receiveSameAddressDifferentPortAllowed":      c.ReceiveSameAddressDifferentPortAllowed.String(),
		"receiveDifferentAddressDifferentPortAllowed": c.ReceiveDifferentAddressDifferentPortAllowed.String(),
		"sendAfterIntroductionAllowed":                c.SendAfterIntroductionAllowed.String(),
		"sendAfterIntroductionPreservesSourceAddress": c.SendAfterIntroductionPreservesSourceAddress.String(),
		"sendAfterIntroductionPreservesSourcePort":    c.SendAfterIntroductionPreservesSourcePort.String(),
	})
	return nil
}
