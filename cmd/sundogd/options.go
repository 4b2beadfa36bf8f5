package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
)

// options are the flags.
type options struct {
	rtmfp, http string
	data        string
	advertise   netip.Addr
	showVersion bool
}

// environment describes the environment variables, which are for experts.
const environment = `environment:
  SUNDOG_RTMFP_EVENTS=FILE
    	append to FILE what happens to every RTMFP session, one JSON object a line
  SUNDOG_RTMFP_CHECK=ADDR,ADDR,ADDR
    	let phones check their connectivity at rtmfp://…/conncheck, from three more UDP addresses:
    	that of --rtmfp with another port, another IP address, and a third one
  SUNDOG_RTMFP_OLD_CLIENTS=on
    	admit programs of the Flash age; their sessions with the service are badly protected
`

// parseFlags reads the flags. An error is a sentence without a full stop; flag.ErrHelp after the usage has been printed.
func parseFlags(args []string, usage io.Writer) (options, error) {
	var opt options
	var advertise, turn, nats string
	flags := flag.NewFlagSet("sundogd", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	flags.StringVar(&opt.rtmfp, "rtmfp", ":1935", "UDP `ADDR`ess of the introduction service")
	flags.StringVar(&opt.http, "http", ":8035", "TCP `ADDR`ess of the directory: /reg.cgi, /healthz, /metrics")
	flags.StringVar(&opt.data, "data", "", "`DIR`ectory to keep names in; none: they are forgotten at the end")
	flags.StringVar(&advertise, "advertise", "", "public IP `ADDR`ess of this host, for phones that run on it")
	flags.StringVar(&turn, "turn", "", "`ADDR`ess of the relay (not in this version)")
	flags.StringVar(&nats, "nats", "", "`URL` of a NATS cluster (not in this version)")
	flags.BoolVar(&opt.showVersion, "version", false, "print the version and stop")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			flags.SetOutput(usage)
			_, _ = fmt.Fprintln(usage, "usage: sundogd [flags]")
			flags.PrintDefaults()
			_, _ = fmt.Fprint(usage, environment)
		}
		return options{}, err
	}
	if flags.NArg() > 0 {
		return options{}, fmt.Errorf("%q is no flag, and there are no other arguments", flags.Arg(0))
	}
	var later error
	flags.Visit(func(f *flag.Flag) {
		if f.Name == "turn" || f.Name == "nats" {
			later = fmt.Errorf("--%s is not in this version", f.Name)
		}
	})
	if later != nil {
		return options{}, later
	}
	if err := checkAddress("rtmfp", opt.rtmfp); err != nil {
		return options{}, err
	}
	if err := checkAddress("http", opt.http); err != nil {
		return options{}, err
	}
	if advertise != "" {
		addr, err := parseAdvertised(advertise)
		if err != nil {
			return options{}, err
		}
		opt.advertise = addr
	}
	return opt, nil
}

// checkAddress accepts [host]:port with a numeric port.
func checkAddress(name, addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("--%s %q is not of the form [host]:port", name, addr)
	}
	return nil
}

// parseAdvertised accepts an IP address, with or without a port.
func parseAdvertised(s string) (netip.Addr, error) {
	addr, err := netip.ParseAddr(s)
	if err != nil {
		var ap netip.AddrPort
		ap, err = netip.ParseAddrPort(s)
		addr = ap.Addr()
	}
	if err != nil || addr.IsUnspecified() {
		return netip.Addr{}, fmt.Errorf("--advertise %q is no IP address", s)
	}
	return addr.Unmap(), nil
}
