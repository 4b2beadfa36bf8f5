package turn

import "testing"

func TestAddressesOfRelays(t *testing.T) {
	for s, want := range map[string]URL{
		"turn:relay.example.org":                          {Host: "relay.example.org:3478"},
		"turn:192.0.2.1:5000":                             {Host: "192.0.2.1:5000"},
		"turn:[2001:db8::1]":                              {Host: "[2001:db8::1]:3478"},
		"turn:[2001:db8::1]:5000?transport=udp":           {Host: "[2001:db8::1]:5000"},
		"turn:ann:pass@relay?transport=tcp":               {Host: "relay:3478", User: "ann", Password: "pass", TCP: true},
		"turn:1700000000:ann:Zm9v+/8=@relay":              {Host: "relay:3478", User: "1700000000:ann", Password: "Zm9v+/8="},
		"turn:a%3Ab:c%3Ad%40@relay":                       {Host: "relay:3478", User: "a:b", Password: "c:d@"},
		"turn:ann@example.org:secret@relay.example.org:1": {Host: "relay.example.org:1", User: "ann@example.org", Password: "secret"},
	} {
		got, err := ParseURL(s)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", s, got, err)
			continue
		}
		if again, err := ParseURL(got.String()); err != nil || again != want {
			t.Errorf("%s: %s is read as %+v, %v", s, got, again, err)
		}
	}
	for _, s := range []string{
		"", "relay", "turns:relay", "turn:", "turn:relay:0", "turn:relay:70000", "turn:relay:http", "turn:ann@relay",
		"turn::x@relay", "turn:ann:%zz@relay", "turn:relay?transport=sctp", "turn:relay/path", "turn:[::1", "turn:a:b@",
	} {
		if got, err := ParseURL(s); err == nil {
			t.Errorf("%s: %+v", s, got)
		}
	}
}

func FuzzURL(f *testing.F) {
	for _, seed := range []string{"turn:a:b@c:1?transport=tcp", "turn:[::1]", "turn:1:a:b@c", "turn:%41:%42@c", "turn:@:1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := ParseURL(s)
		if err != nil {
			return
		}
		if again, err := ParseURL(u.String()); err != nil || again != u {
			t.Errorf("%q: %+v is written as %q and read as %+v, %v", s, u, u.String(), again, err)
		}
	})
}
