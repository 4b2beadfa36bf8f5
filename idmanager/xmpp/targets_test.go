package xmpp

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
)

// records is a DNS: SRV records by service.
type records map[string][]*net.SRV

func (r records) LookupSRV(ctx context.Context, service, proto, name string) (string, []*net.SRV, error) {
	if ctx.Err() != nil {
		return "", nil, ctx.Err()
	}
	if found := r["_"+service+"._"+proto+"."+name]; found != nil {
		return "", found, nil
	}
	return "", nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func TestServersAreFoundBySRVRecords(t *testing.T) {
	const plain, direct = "_xmpp-client._tcp.example.org", "_xmpps-client._tcp.example.org"
	for name, c := range map[string]struct {
		dns  records
		want string // direct ones with a !
	}{
		"no records":              {records{}, "example.org:5222"},
		"one":                     {records{plain: {{Target: "Im.Example.org.", Port: 15222}}}, "im.example.org:15222"},
		"by priority":             {records{plain: {{Target: "b.", Port: 1, Priority: 9}, {Target: "a.", Port: 2, Priority: 5}}}, "a:2 b:1"},
		"both kinds together":     {records{plain: {{Target: "a.", Port: 1, Priority: 5}}, direct: {{Target: "b.", Port: 2, Priority: 4}, {Target: "c.", Port: 3, Priority: 6}}}, "!b:2 a:1 !c:3"},
		"direct first when equal": {records{plain: {{Target: "a.", Port: 1}}, direct: {{Target: "a.", Port: 2}}}, "!a:2 a:1"},
		"no XMPP at all":          {records{plain: {{Target: "."}}, direct: {{Target: "."}}}, ""},
		"only with STARTTLS":      {records{plain: {{Target: "a.", Port: 1}}, direct: {{Target: "."}}}, "a:1"},
		"what is no host":         {records{plain: {{Target: "a b.", Port: 1}, {Target: "a.", Port: 0}, {Target: "c.", Port: 7}}}, "c:7"},
		"too many":                {records{plain: many(100)}, strings.TrimSpace(strings.Repeat("a:1 ", maxTargets))},
	} {
		targets, err := findTargets(t.Context(), c.dns, "example.org")
		var got []string
		for _, target := range targets {
			s := target.address()
			if target.direct {
				s = "!" + s
			}
			got = append(got, s)
		}
		if strings.Join(got, " ") != c.want || (c.want == "") != errors.Is(err, errNoService) {
			t.Errorf("%s: %v, %v; want %s", name, got, err, c.want)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := findTargets(ended, records{}, "example.org"); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
	if targets, err := findTargets(t.Context(), records{}, "2001:db8::1"); err != nil || targets[0].address() != "[2001:db8::1]:5222" {
		t.Errorf("an address: %v, %v", targets, err)
	}
}

func many(n int) []*net.SRV {
	var all []*net.SRV
	for range n {
		all = append(all, &net.SRV{Target: "a.", Port: 1})
	}
	return all
}

func TestTheUserMaySayWhereTheServerIs(t *testing.T) {
	for in, want := range map[string]target{
		"im.example.org":          {"im.example.org", 5222, false},
		"im.example.org:15222":    {"im.example.org", 15222, false},
		"xmpp://im.example.org":   {"im.example.org", 5222, false},
		"xmpps://im.example.org":  {"im.example.org", 5223, true},
		"xmpps://192.0.2.1:443":   {"192.0.2.1", 443, true},
		"[2001:db8::1]":           {"2001:db8::1", 5222, false},
		"xmpps://[2001:db8::1]:9": {"2001:db8::1", 9, true},
		"bücher.example":          {"xn--bcher-kva.example", 5222, false},
	} {
		if got, err := parseHost(in); err != nil || got != want {
			t.Errorf("%s is %+v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", ":5222", "a b", "im.example.org:0", "im.example.org:x", "im.example.org:70000", "http://im.example.org", "a/b"} {
		if got, err := parseHost(in); err == nil {
			t.Errorf("%q passes as %+v", in, got)
		}
	}
}

func TestAddresses(t *testing.T) {
	for in, want := range map[string]Options{
		"xmpp:ann@example.org":                                  {JID: "ann@example.org"},
		"xmpp:Ann@Example.org/desk":                             {JID: "ann@example.org", Resource: "desk"},
		"xmpp:zo%C3%AB@example.org":                             {JID: "zoë@example.org"},
		"xmpp:ann@example.org?host=127.0.0.1:15222":             {JID: "ann@example.org", Host: "127.0.0.1:15222"},
		"xmpp:ann@example.org?host=xmpps://127.0.0.1&plain=yes": {JID: "ann@example.org", Host: "xmpps://127.0.0.1", AllowPlain: true},
	} {
		got, err := ParseAddress(in)
		if err != nil || got.JID != want.JID || got.Resource != want.Resource || got.Host != want.Host || got.AllowPlain != want.AllowPlain {
			t.Errorf("%s is %+v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "ann@example.org", "xmpp:", "xmpp:example.org", "xmpp:ann@example.org?x=y", "xmpp:ann@example.org?host=", "xmpp:ann@example.org?host=a&host=b", "xmpp:ann@example.org?plain=maybe", "xmpp:ann@example.org?%zz"} {
		if got, err := ParseAddress(in); err == nil {
			t.Errorf("%q passes as %+v", in, got)
		}
	}
}

// FuzzTargets feeds SRV records of any kind: what comes out is an address that can be dialled, and at most maxTargets of them.
func FuzzTargets(f *testing.F) {
	f.Add("example.org", "im.example.org.", uint16(5222), uint16(1), ".", uint16(0), uint16(9))
	f.Add("x", "xn--a.", uint16(1), uint16(0), "[::1]", uint16(2), uint16(0))
	f.Fuzz(func(t *testing.T, domain, host1 string, port1, priority1 uint16, host2 string, port2, priority2 uint16) {
		j, err := ParseJID("a@" + domain)
		if err != nil || strings.HasPrefix(j.Domain, "[") {
			return
		}
		domain = j.ascii()
		dns := records{
			"_xmpp-client._tcp." + domain:  {{Target: host1, Port: port1, Priority: priority1}},
			"_xmpps-client._tcp." + domain: {{Target: host2, Port: port2, Priority: priority2}},
		}
		targets, err := findTargets(t.Context(), dns, domain)
		if err != nil && !errors.Is(err, errNoService) {
			t.Fatal(err)
		}
		for i, got := range targets {
			host, _, err := net.SplitHostPort(got.address())
			if err != nil || host != got.host || got.port == 0 || i >= maxTargets || got.host != domain && strings.ContainsAny(host, " /@\x00") {
				t.Fatalf("%+v of %v: %v", got, dns, err)
			}
		}
		_, _ = parseHost(host1)
		_, _ = ParseAddress("xmpp:" + host1)
	})
}
