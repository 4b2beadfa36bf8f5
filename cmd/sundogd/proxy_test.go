package main

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestOnlyProxiesTellWhereARequestComesFrom(t *testing.T) {
	trusted := proxies{netip.MustParsePrefix("10.0.0.0/8")}
	for name, tt := range map[string]struct {
		from    string
		headers []string
		want    string
	}{
		"a stranger":                  {"192.0.2.1:5", []string{"198.51.100.1"}, "192.0.2.1:5"},
		"a proxy that says nothing":   {"10.0.0.1:5", nil, "10.0.0.1:5"},
		"a proxy":                     {"10.0.0.1:5", []string{"198.51.100.1"}, "198.51.100.1:0"},
		"loopback":                    {"127.0.0.1:5", []string{"2001:db8::1"}, "[2001:db8::1]:0"},
		"mapped loopback":             {"[::ffff:127.0.0.1]:5", []string{"2001:db8::1"}, "[2001:db8::1]:0"},
		"an invention before":         {"10.0.0.1:5", []string{"203.0.113.9, 198.51.100.1"}, "198.51.100.1:0"},
		"two proxies":                 {"10.0.0.1:5", []string{"203.0.113.9, 198.51.100.1, 10.0.0.2"}, "198.51.100.1:0"},
		"two header lines":            {"10.0.0.1:5", []string{"203.0.113.9", "198.51.100.1"}, "198.51.100.1:0"},
		"with a port":                 {"10.0.0.1:5", []string{"198.51.100.1:77"}, "198.51.100.1:0"},
		"only proxies":                {"10.0.0.1:5", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3:0"},
		"nonsense behind a proxy":     {"10.0.0.1:5", []string{"unknown, 10.0.0.2"}, "10.0.0.2:0"},
		"nonsense":                    {"10.0.0.1:5", []string{"<script>"}, "10.0.0.1:5"},
		"a mapped address of the far": {"10.0.0.1:5", []string{"::ffff:198.51.100.1"}, "198.51.100.1:0"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = tt.from
		for _, h := range tt.headers {
			r.Header.Add("X-Forwarded-For", h)
		}
		var got string
		trusted.handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr })).
			ServeHTTP(httptest.NewRecorder(), r)
		if got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

func FuzzForwardedFor(f *testing.F) {
	for _, seed := range []string{"", "192.0.2.1", "[2001:db8::1]:80, 10.0.0.1", ",,,", "fe80::1%eth0", "unknown"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		r := &http.Request{RemoteAddr: "127.0.0.1:1", Header: http.Header{"X-Forwarded-For": {header}}}
		if client, ok := proxies(nil).client(r); ok != client.IsValid() {
			t.Errorf("%v, %v", client, ok)
		}
	})
}
