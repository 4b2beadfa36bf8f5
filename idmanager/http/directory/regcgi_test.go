package directory

import (
	"encoding/xml"
	"fmt"
	nethttp "net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sundog.dev/sundog/idmanager/http/v1"
)

const xmlHead = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"

func TestRepliesAreThoseOfTheOldServer(t *testing.T) {
	w := newWorld(t)
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
		{"an identity that is none", "username=x&identity=hello&friends=x", "<result>\n\t<update>true</update>\n\t<friend>\n\t\t<user>x</user>\n\t\t<identity>hello</identity>\n\t</friend>\n</result>\n"},
		{"escaped letters", "friends=%3CA%26B%3E", "<result>\n\t<friend>\n\t\t<user>&lt;A&amp;B&gt;</user>\n\t</friend>\n</result>\n"},
		{"bad escapes are left out", "friends=%zz&friends=Bob", "<result>\n\t<friend>\n\t\t<user>Bob</user>\n\t</friend>\n</result>\n"},
		{"a name that /v1 would not take", "username=A%09%09b&identity=1&friends=a%09%09B", "<result>\n\t<update>true</update>\n\t<friend>\n\t\t<user>a&#x9;&#x9;B</user>\n\t\t<identity>1</identity>\n\t\t<registered>A&#x9;&#x9;b</registered>\n\t</friend>\n</result>\n"},
		{"too long a name", "username=" + strings.Repeat("x", maxOldName+1) + "&identity=1", "<result>\n\t<update>false</update>\n</result>\n"},
		{"too long an identity", "username=x&identity=" + strings.Repeat("x", maxOldIdentity+1), "<result>\n\t<update>false</update>\n</result>\n"},
	} {
		answer := w.get("/reg.cgi?" + step.query)
		if body := answer.Body.String(); answer.Code != nethttp.StatusOK || answer.Header().Get("Content-Type") != "text/plain" || body != xmlHead+step.want {
			t.Errorf("%s: %d %s\n%s\nwant\n%s", step.name, answer.Code, answer.Header().Get("Content-Type"), body, step.want)
		}
	}
}

func TestOnlyASCIILettersAreFolded(t *testing.T) {
	w := newWorld(t)
	w.old("username=" + url.QueryEscape("Élise") + "&identity=" + idAnn)
	if body := w.old("friends=" + url.QueryEscape("ÉLISE")); !strings.Contains(body, idAnn) {
		t.Errorf("ASCII letters are told apart: %s", body)
	}
	if body := w.old("friends=" + url.QueryEscape("élise")); strings.Contains(body, idAnn) {
		t.Errorf("É and é are the same: %s", body)
	}
}

func TestOldRegistrationsExpireAfterAnHour(t *testing.T) {
	w := newWorld(t)
	w.old("username=Ann&identity=" + idAnn)
	w.pass(time.Hour - 10*time.Second)
	if body := w.old("friends=Ann"); !strings.Contains(body, idAnn) {
		t.Errorf("gone too early: %s", body)
	}
	w.pass(10 * time.Second)
	if body := w.old("friends=Ann"); strings.Contains(body, "identity") {
		t.Errorf("there after an hour: %s", body)
	}
	if got := w.name("Ann"); got.State != v1.Unknown {
		t.Errorf("there after an hour: %+v", got)
	}
}

func TestOldClientsCannotTouchNamesThatAKeyOwns(t *testing.T) {
	w := newWorld(t)
	ann := newPerson(t, "Ann Zoë")
	w.old("username=ann+" + url.QueryEscape("Zoë") + "&identity=" + idBob)
	if got := w.name("Ann Zoë"); got.PeerID != idBob {
		t.Errorf("an old client's registration: %+v", got)
	}
	w.register(ann, idAnn) // what old clients register is nobody's
	for _, spelling := range []string{"Ann Zoë", "ANN ZOË", " ann  zoe\u0308"} {
		for _, identity := range []string{idBob, "0"} {
			if body := w.old("username=" + url.QueryEscape(spelling) + "&identity=" + identity); body != xmlHead+"<result>\n\t<update>false</update>\n</result>\n" {
				t.Errorf("%q by an old client: %s", spelling, body)
			}
		}
	}
	w.here(ann, idAnn)
	friend := func(rest string) string {
		return xmlHead + "<result>\n\t<friend>\n\t\t<user>ann Zoë</user>\n" + rest + "\t\t<registered>Ann Zoë</registered>\n\t</friend>\n</result>\n"
	}
	asked := "friends=" + url.QueryEscape("ann Zoë")
	if body := w.old(asked); body != friend("\t\t<identity>"+idAnn+"</identity>\n") {
		t.Errorf("an old client looks the owner up: %s", body)
	}
	w.pass(w.expiry)
	if body := w.old(asked); body != friend("\t\t<identity>0</identity>\n") {
		t.Errorf("the owner is away: %s", body)
	}
}

func TestFlashMayComeFromAnyHost(t *testing.T) {
	answer := newWorld(t).get("/crossdomain.xml")
	body := answer.Body.String()
	if answer.Code != nethttp.StatusOK || !strings.Contains(body, `<allow-access-from domain="*"`) {
		t.Errorf("%d %s", answer.Code, body)
	}
	if err := xml.Unmarshal([]byte(body), new(struct{})); err != nil {
		t.Errorf("not XML: %v", err)
	}
}

func TestOtherOldRequestsAreRefused(t *testing.T) {
	w := newWorld(t)
	if answer := w.get("/other"); answer.Code != nethttp.StatusNotFound {
		t.Errorf("another path: %d", answer.Code)
	}
	if answer := w.get("/reg.cgi?friends=" + strings.Repeat("x", v1.MaxQuery)); answer.Code != nethttp.StatusRequestURITooLong {
		t.Errorf("a long query: %d", answer.Code)
	}
	if answer := w.do(nethttp.MethodPost, "/reg.cgi", "", ""); answer.Code != nethttp.StatusMethodNotAllowed {
		t.Errorf("POST: %d", answer.Code)
	}
	if n := strings.Count(w.old(strings.Repeat("friends=x&", v1.MaxNames+10)), "<friend>"); n != v1.MaxNames {
		t.Errorf("%d friends", n)
	}
}

func TestOneSourceIsSlowedDownAndOthersAreNot(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Limits = Limits{SourceRate: 1, SourceBurst: 60} })
	ask := func(from string) int { w.from = from; return w.get("/reg.cgi?friends=x").Code }
	for i := range 60 {
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
	w.pass(time.Second)
	if code := ask("[2001:db8::1]:1"); code != nethttp.StatusOK {
		t.Errorf("after a while: %d", code)
	}
}
