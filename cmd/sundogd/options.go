package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// options are the flags, which a configuration file may hold too.
type options struct {
	rtmfp, http, turn string
	data              string
	nats              string
	advertise         netip.AddrPort // its port is 0 where none was given
	advertiseURL      string
	keys              string
	tlsCert, tlsKey   string
	proxies           []netip.Prefix
	turnPeers         []netip.Prefix
	level             slog.Level
	showVersion       bool
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
signals:
  TERM, INT	drain and stop; a second one stops at once
  HUP		read the files of keys and certificates again
`

// raw holds the flags whose values are taken apart after all have been read.
type raw struct{ advertise, proxies, turnPeers, level, config string }

// parseFlags reads the flags, and the configuration file if they name one. An error is a sentence without a full stop;
// flag.ErrHelp after the usage has been printed.
func parseFlags(args []string, usage io.Writer) (options, error) {
	var opt options
	var r raw
	flags := flag.NewFlagSet("sundogd", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	flags.StringVar(&opt.rtmfp, "rtmfp", ":1935", "UDP `ADDR`ess of the introduction service")
	flags.StringVar(&opt.http, "http", ":8035", "TCP `ADDR`ess of the directory: /reg.cgi, /v1, /healthz, /metrics")
	flags.StringVar(&opt.turn, "turn", "", "UDP and TCP `ADDR`ess of the relay, for example :3478; none: no relay")
	flags.StringVar(&opt.data, "data", "", "`DIR`ectory to keep names in (default $STATE_DIRECTORY, or what fits the user);\n\"none\": they are forgotten at the end")
	flags.StringVar(&opt.nats, "nats", "", "`URL`s of a NATS cluster with JetStream, with commas between them, which keeps names\ninstead of --data and joins instances")
	flags.StringVar(&r.advertise, "advertise", "", "public IP `ADDR`ess of this host, with the public UDP port where it is another than that of --rtmfp")
	flags.StringVar(&opt.advertiseURL, "advertise-url", "", "public `URL` of the directory (default: made of --advertise and --http)")
	flags.StringVar(&opt.keys, "keys", "none", "developer keys that phones have to show: none, `KEY,KEY` or file:PATH")
	flags.StringVar(&opt.tlsCert, "tls-cert", "", "serve the directory by HTTPS with the certificates in this PEM `FILE`")
	flags.StringVar(&opt.tlsKey, "tls-key", "", "PEM `FILE` with the certificate's key")
	flags.StringVar(&r.proxies, "proxies", "", "`NETWORKS` whose X-Forwarded-For is believed, with commas between them, besides loopback")
	flags.StringVar(&r.turnPeers, "turn-peers", "", "private `NETWORKS` that the relay may reach, with commas between them (default: none)")
	flags.StringVar(&r.level, "log-level", "info", "least `LEVEL` of what is logged: debug, info, warn or error")
	flags.StringVar(&r.config, "config", "", "`FILE` with flags, one a line: name = value; the command line comes before it")
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
	if r.config != "" {
		if err := readConfig(flags, r.config); err != nil {
			return options{}, err
		}
	}
	if err := opt.complete(r); err != nil {
		return options{}, err
	}
	return opt, nil
}

// readConfig sets the flags of a configuration file that the command line has not set.
func readConfig(flags *flag.FlagSet, name string) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("the configuration file cannot be read: %w", err)
	}
	settings, err := parseConfig(string(b))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	given := make(map[string]bool)
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for _, s := range settings {
		if s.name == "config" || s.name == "version" || flags.Lookup(s.name) == nil {
			return fmt.Errorf("%s: line %d: there is no setting %q", name, s.line, s.name)
		}
		if given[s.name] {
			continue
		}
		if err := flags.Set(s.name, s.value); err != nil {
			return fmt.Errorf("%s: line %d: %w", name, s.line, err)
		}
	}
	return nil
}

// complete checks the flags and takes apart what has a form.
func (opt *options) complete(r raw) (err error) {
	for _, a := range []struct{ flag, address string }{{"rtmfp", opt.rtmfp}, {"http", opt.http}, {"turn", opt.turn}} {
		if a.flag == "turn" && a.address == "" {
			continue
		}
		if err := checkAddress(a.flag, a.address); err != nil {
			return err
		}
	}
	if r.advertise != "" {
		if opt.advertise, err = parseAdvertised(r.advertise); err != nil {
			return err
		}
	}
	if opt.advertiseURL != "" {
		u, err := url.Parse(opt.advertiseURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("--advertise-url %q is no http or https URL", opt.advertiseURL)
		}
	}
	if (opt.tlsCert == "") != (opt.tlsKey == "") {
		return errors.New("--tls-cert and --tls-key are given together or not at all")
	}
	if opt.proxies, err = parseNetworks("proxies", r.proxies); err != nil {
		return err
	}
	if opt.turnPeers, err = parseNetworks("turn-peers", r.turnPeers); err != nil {
		return err
	}
	if err := opt.level.UnmarshalText([]byte(r.level)); err != nil {
		return fmt.Errorf("--log-level %q is not debug, info, warn or error", r.level)
	}
	return nil
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
func parseAdvertised(s string) (netip.AddrPort, error) {
	ap, err := netip.ParseAddrPort(s)
	if err != nil {
		var addr netip.Addr
		addr, err = netip.ParseAddr(s)
		ap = netip.AddrPortFrom(addr, 0)
	}
	if err != nil || ap.Addr().IsUnspecified() {
		return netip.AddrPort{}, fmt.Errorf("--advertise %q is no IP address", s)
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()), nil
}

// parseNetworks accepts networks and single addresses with commas between them.
func parseNetworks(name, s string) (networks []netip.Prefix, err error) {
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		p, err := netip.ParsePrefix(part)
		if err != nil {
			var a netip.Addr
			if a, err = netip.ParseAddr(part); err == nil {
				p = netip.PrefixFrom(a, a.BitLen())
			}
		}
		if err != nil {
			return nil, fmt.Errorf("--%s: %q is no network like 192.0.2.0/24", name, part)
		}
		networks = append(networks, p.Masked())
	}
	return networks, nil
}
