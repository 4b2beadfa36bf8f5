package rtmfp

import (
	"testing"
	"time"
)

func TestCookies(t *testing.T) {
	now := time.Now()
	jar := newCookieJar(now)
	cookie := jar.bake(nil, addrA, now)
	if len(cookie) != cookieSize {
		t.Fatalf("a cookie of %d bytes", len(cookie))
	}
	damaged := append([]byte(nil), cookie...)
	damaged[9] ^= 1
	foreign := newCookieJar(now).bake(nil, addrA, now)
	for _, c := range []struct {
		name        string
		cookie      []byte
		after       time.Duration
		other       bool
		ours, bound bool
	}{
		{"fresh", cookie, 0, false, true, true},
		{"after 94 s", cookie, 94 * time.Second, false, true, true},
		{"after 96 s", cookie, 96 * time.Second, false, false, false},
		{"from the future", cookie, -time.Second, false, false, false},
		{"from another address", cookie, 0, true, true, false},
		{"damaged", damaged, 0, false, false, false},
		{"of another endpoint", foreign, 0, false, false, false},
		{"cut off", cookie[:63], 0, false, false, false},
		{"empty", nil, 0, false, false, false},
	} {
		addr := addrA
		if c.other {
			addr = addrB
		}
		if ours, bound := jar.check(c.cookie, addr, now.Add(c.after)); ours != c.ours || ours && bound != c.bound {
			t.Errorf("%s: ours %v, bound %v", c.name, ours, bound)
		}
	}
}
