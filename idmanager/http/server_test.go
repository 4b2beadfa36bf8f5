package http

import (
	"encoding/xml"
	"errors"
	"fmt"
	nethttp "net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const xmlHead = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"

func TestRepliesAreThoseOfTheOldServer(t *testing.T) {
	h := NewServer(NewMemoryStore())
	for _, step := range []struct{ name, query, want string }{
		{"no parameter", "", "<result>\n</result>\n"},
		{"register", "username=Ann&identity=" + idAnn, "<result>\n\t<update>true</update>\n</result>\n"},
		{"look up", "friends=Ann&time=123", "<result>\n\t<friend>\n\t\t<user>Ann</user>\n\t\t<identity>" + idAnn + "</identity>\n\t</friend>\n</result>\n"},
		{"look up in another case", "friends=aNN", "<result>\n\t<friend>\n\t\t<user>aNN</user>\n\t\t<identity>" + idAnn + "</identity>\n\t\t<registered>Ann</registered>\n\t</friend>\n</result>\n"},
		{"look up nobody", "friends=Bob", "<result>\n\t<friend>\n\t\t<user>Bob</user>\n\t</friend>\n</result>\n"},
		{"the last writer wins", "username=ANN&identity=" + idBob + "&friends=ANN", "<result>\n\t<update>true</update>\n\t<friend>\n\t\t<user>ANN</user>\n\t\t<identity>" + idBob + "</identity>\n\t</friend>\n</result>\n"},
		{"several friends", "friends=Bob&friends=ANN", "<result>\n\t<friend>\n\t\t<user>Bob</user>\n\t</friend>\n\t<friend>\n\t\t<user>ANN</user>\n\t\t<identity>" + idBob + "</identity>\n\t</friend>\n</result>\n"},
		{"unregister", "username=ann&identity=0", "<result>\n\t<update>true</update>\n</result>\n"},
		{"look up after that", "friends=ann", "<result>\n\t<friend>\n\t\t<user>ann</user>\n\t\t<identity>0</identity>\n\t</friend>\n</result>\n"},
		{"blank parameters", "username=&identity=1&friends=", "<result>\n</result>\n"},
		{"no identity", "username=Ann", "<result>\n</result>\n"},
		{"escaped letters", "friends=%3CA%26B%3E", "<result>\n\t<friend>\n\t\t<user>&lt;A&amp;B&gt;</user>\n\t</friend>\n</result>\n"},
		{"too long a name", "username=" + strings.Repeat("x", maxName+1) + "&identity=1", "<result>\n\t<update>false</update>\n</result>\n"},
		{"too long an identity", "username=x&identity=" + strings.Repeat("x", maxIdentity+1), "<result>\n\t<update>false</update>\n</result>\n"},
	} {
		resp, body := get(h, "/reg.cgi?"+step.query)
		if resp.Code != nethttp.StatusOK || resp.Header().Get("Content-Type") != "text/plain" || body != xmlHead+step.want {
			t.Errorf("%s: %d %s\n%s\nwant\n%s", step.name, resp.Code, resp.Header().Get("Content-Type"), body, step.want)
		}
	}
}

func TestOnlyASCIILettersAreFolded(t *testing.T) {
	h := NewServer(NewMemoryStore())
	get(h, "/reg.cgi?username="+url.QueryEscape("Élise")+"&identity="+idAnn)
	if _, body := get(h, "/reg.cgi?friends="+url.QueryEscape("ÉLISE")); !strings.Contains(body, idAnn) {
		t.Errorf("ASCII letters are told apart: %s", body)
	}
	if _, body := get(h, "/reg.cgi?friends="+url.QueryEscape("élise")); strings.Contains(body, idAnn) {
		t.Errorf("É and é are the same: %s", body)
	}
}

func TestRegistrationsExpireAfterAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewServer(NewMemoryStore())
		get(h, "/reg.cgi?username=Ann&identity="+idAnn)
		time.Sleep(time.Hour - time.Second)
		if _, body := get(h, "/reg.cgi?friends=Ann"); !strings.Contains(body, idAnn) {
			t.Errorf("gone too early: %s", body)
		}
		time.Sleep(time.Second)
		if _, body := get(h, "/reg.cgi?friends=Ann"); strings.Contains(body, "identity") {
			t.Errorf("there after an hour: %s", body)
		}
	})
}

func TestFlashMayComeFromAnyHost(t *testing.T) {
	resp, body := get(NewServer(NewMemoryStore()), "/crossdomain.xml")
	if resp.Code != nethttp.StatusOK || !strings.Contains(body, `<allow-access-from domain="*"`) {
		t.Errorf("%d %s", resp.Code, body)
	}
	if err := xml.Unmarshal([]byte(body), new(struct{})); err != nil {
		t.Errorf("not XML: %v", err)
	}
}

func TestOtherRequestsAreRefused(t *testing.T) {
	h := NewServer(NewMemoryStore())
	if resp, _ := get(h, "/other"); resp.Code != nethttp.StatusNotFound {
		t.Errorf("another path: %d", resp.Code)
	}
	if resp, _ := get(h, "/reg.cgi?friends="+strings.Repeat("x", maxQuery)); resp.Code != nethttp.StatusRequestURITooLong {
		t.Errorf("a long query: %d", resp.Code)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(nethttp.MethodPost, "/reg.cgi", nil))
	if w.Code != nethttp.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
}

func TestLookUpsOfOneRequestAreBounded(t *testing.T) {
	_, body := get(NewServer(NewMemoryStore()), "/reg.cgi?"+strings.Repeat("friends=x&", maxFriends+10))
	if n := strings.Count(body, "<friend>"); n != maxFriends {
		t.Errorf("%d friends", n)
	}
}

func TestOneSourceIsSlowedDownAndOthersAreNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewServer(NewMemoryStore())
		ask := func(from string) int {
			w, r := httptest.NewRecorder(), httptest.NewRequest(nethttp.MethodGet, "/reg.cgi?friends=x", nil)
			r.RemoteAddr = from
			h.ServeHTTP(w, r)
			return w.Code
		}
		for i := range sourceBurst {
			if code := ask(fmt.Sprintf("[2001:db8::%x]:1", i)); code != nethttp.StatusOK {
				t.Fatalf("request %d: %d", i, code)
			}
		}
		if code := ask("[2001:db8::ffff]:1"); code != nethttp.StatusTooManyRequests {
			t.Errorf("beyond the burst: %d", code)
		}
		refused := 0
		for i := range 100 {
			if ask(fmt.Sprintf("[2001:db8:0:%x::1]:1", i+1)) != nethttp.StatusOK {
				refused++
			}
		}
		if refused > 1 { // one may share the bucket by chance
			t.Errorf("%d of 100 neighbours are refused", refused)
		}
		time.Sleep(time.Second / sourceRate)
		if code := ask("[2001:db8::1]:1"); code != nethttp.StatusOK {
			t.Errorf("after a while: %d", code)
		}
		for range 2 * sourceBurst {
			if code := ask("127.0.0.1:1"); code != nethttp.StatusOK {
				t.Fatalf("a proxy on the same machine: %d", code)
			}
		}
	})
}

// failing is a store that does not work.
type failing struct{}

func (failing) Put(Entry) error                 { return errors.New("disk on fire") }
func (failing) Get(string) (Entry, bool, error) { return Entry{}, false, errors.New("disk on fire") }

func TestAStoreThatFailsMeansUpdateFalse(t *testing.T) {
	_, body := get(NewServer(failing{}), "/reg.cgi?username=a&identity=b&friends=a")
	if want := xmlHead + "<result>\n\t<update>false</update>\n\t<friend>\n\t\t<user>a</user>\n\t</friend>\n</result>\n"; body != want {
		t.Errorf("%s", body)
	}
}

func FuzzQuery(f *testing.F) {
	for _, q := range []string{"username=Ann&identity=" + idAnn, "friends=a&friends=%ff%00", "username=%3C&identity=0&friends=%3C", "a;b&%zz"} {
		f.Add(q)
	}
	h := NewServer(NewMemoryStore())
	f.Fuzz(func(t *testing.T, query string) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, &nethttp.Request{Method: nethttp.MethodGet, URL: &url.URL{Path: "/reg.cgi", RawQuery: query}, RemoteAddr: "127.0.0.1:1"})
		if w.Code != nethttp.StatusOK {
			if w.Code != nethttp.StatusRequestURITooLong {
				t.Fatalf("status %d", w.Code)
			}
			return
		}
		if _, err := parseReply(w.Body.Bytes()); err != nil {
			t.Fatalf("our own reply cannot be read: %q, %v", w.Body, err)
		}
	})
}
