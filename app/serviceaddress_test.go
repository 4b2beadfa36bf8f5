package app

import (
	"strings"
	"testing"
)

func TestAServiceMayBeTypedInManyWays(t *testing.T) {
	for _, c := range []struct{ server, directory, wantServer, wantDirectory string }{
		{"", "", "", ""},
		{"example.org", "", "rtmfp://example.org:1935", ""},
		{" Example.ORG ", "", "rtmfp://example.org:1935", ""},
		{"example.org:1936", "", "rtmfp://example.org:1936", ""},
		{"rtmfp://example.org", "", "rtmfp://example.org:1935", ""},
		{"RTMFP://example.org/", "", "rtmfp://example.org:1935", ""},
		{"rtmfp://example.org:19350/key-1", "", "rtmfp://example.org:19350/key-1", ""},
		{"192.0.2.7", "", "rtmfp://192.0.2.7:1935", ""},
		{"127.0.0.1:1940", "", "rtmfp://127.0.0.1:1940", ""},
		{"2001:db8::7", "", "rtmfp://[2001:db8::7]:1935", ""},
		{"[2001:db8::7]", "", "rtmfp://[2001:db8::7]:1935", ""},
		{"rtmfp://[2001:db8::7]:99/k", "", "rtmfp://[2001:db8::7]:99/k", ""},
		{"localhost", "https://dir.example.org/reg.cgi", "rtmfp://localhost:1935", "https://dir.example.org/reg.cgi"},
		{"localhost", "dir.example.org:8035", "rtmfp://localhost:1935", "http://dir.example.org:8035"},
		{"xn--zrich-kva.example", "", "rtmfp://xn--zrich-kva.example:1935", ""},
	} {
		server, directory, err := parseService(c.server, c.directory)
		if err != nil || server != c.wantServer || directory != c.wantDirectory {
			t.Errorf("%q, %q: %q, %q, %v; want %q, %q", c.server, c.directory, server, directory, err, c.wantServer, c.wantDirectory)
		}
	}
}

func TestAWrongServiceIsToldInASentence(t *testing.T) {
	for _, c := range []struct{ server, directory, says string }{
		{"http://example.org", "", "web address"},
		{"ftp://example.org", "", "ftp://"},
		{"example.org:0", "", "port"},
		{"example.org:70000", "", "port"},
		{"example.org:http", "", "port"},
		{"exa mple.org", "", "not a host"},
		{"rtmfp://", "", "not a host"},
		{"rtmfp:///key", "", "not a host"},
		{"-example.org", "", "not a host"},
		{"user@example.org", "", "not a host"},
		{"example..org", "", "not a host"},
		{"zürich.example", "", "not a host"},
		{"fe80::1%eth0", "", "not a"},
		{strings.Repeat("a", 64) + ".org", "", "not a host"},
		{"example.org/a key", "", "key"},
		{"example.org/k?x=1", "", "key"},
		{"example.org", "ftp://example.org", "web address"},
		{"example.org", "http://", "web address"},
		{"example.org", "http://me:secret@example.org", "web address"},
		{"", "http://example.org", "Enter the service"},
	} {
		_, _, err := parseService(c.server, c.directory)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q, %q: %v, want a sentence with %q", c.server, c.directory, err, c.says)
		}
	}
}

func TestAServicesOwnDirectoryIsOnItsHost(t *testing.T) {
	for server, want := range map[string]string{
		"rtmfp://example.org:1940/k":   "http://example.org:8035",
		"rtmfp://[2001:db8::7]:99/k":   "http://[2001:db8::7]:8035",
		"what is no service's address": "",
	} {
		if got := ownDirectory(server); got != want {
			t.Errorf("%s: %q, want %q", server, got, want)
		}
	}
}

// FuzzParseService: whatever is taken is in full, and taken again as the same.
func FuzzParseService(f *testing.F) {
	for _, seed := range []string{"example.org", "rtmfp://h:1/k", "[::1]:5", "::1", "a:b:c", "rtmfp://[::ffff:1.2.3.4%x]/", "//", "h/%zz"} {
		f.Add(seed, "")
		f.Add(seed, "http://d:8035")
	}
	f.Fuzz(func(t *testing.T, server, directory string) {
		s, d, err := parseService(server, directory)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without a sentence")
			}
			return
		}
		if s == "" {
			return
		}
		if !strings.HasPrefix(s, "rtmfp://") {
			t.Fatalf("%q became %q", server, s)
		}
		again, dAgain, err := parseService(s, d)
		if err != nil || again != s || dAgain != d {
			t.Fatalf("%q, %q became %q, %q; that became %q, %q, %v", server, directory, s, d, again, dAgain, err)
		}
	})
}
