package directory

import (
	"crypto/ed25519"
	nethttp "net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"sundog.dev/sundog/idmanager/http/v1"
)

func TestBadInputIsRefusedAndNothingIsLost(t *testing.T) {
	w := newWorld(t)
	w.cfg.Relay = relayOf(new(ed25519.PublicKey))
	ann := newPerson(t, "Ann")
	w.register(ann, idAnn)

	const json = "application/json"
	posts := []string{"/v1/register", "/v1/refresh", "/v1/unregister", "/v1/watch", "/v1/relay"}
	long := strings.Repeat("x", v1.MaxWatchBody)
	for what, tt := range map[string]struct {
		contentType, body string
		status            int
		code              string
	}{
		"nothing":               {json, "", 400, v1.CodeBadJSON},
		"no JSON":               {json, "hello", 400, v1.CodeBadJSON},
		"half of it":            {json, `{"name":"An`, 400, v1.CodeBadJSON},
		"a list":                {json, `[]`, 400, v1.CodeBadJSON},
		"null":                  {json, `null`, 400, v1.CodeBadJSON},
		"a string":              {json, `"name"`, 400, v1.CodeBadJSON},
		"two objects":           {json, `{}{}`, 400, v1.CodeBadJSON},
		"more after the object": {json, `{} x`, 400, v1.CodeBadJSON},
		"bad UTF-8":             {json, "{\"name\":\"\xff\"}", 400, v1.CodeBadJSON},
		"deep nesting":          {json, `{"x":` + strings.Repeat("[", 12000), 400, v1.CodeBadJSON},
		"deep and closed":       {json, `{"x":` + strings.Repeat("[", 8000) + strings.Repeat("]", 8000) + `,"name":7,"names":7,"nonce":7}`, 400, v1.CodeBadJSON},
		"wrong types":           {json, `{"name":7,"names":"x","own":1,"nonce":[],"time":"now"}`, 400, v1.CodeBadJSON},
		"a number too large":    {json, `{"time":1e99,"names":1e99,"name":1e99}`, 400, v1.CodeBadJSON},
		"bad base64":            {json, `{"identity":"a+b/","nonce":"====","names":{},"name":0}`, 400, v1.CodeBadJSON},
		"oversized":             {json, `{"x":"` + long + `"}`, 413, v1.CodeTooLarge},
		"another type":          {"text/plain", `{}`, 415, v1.CodeMediaType},
		"a form":                {"application/x-www-form-urlencoded", `name=Ann`, 415, v1.CodeMediaType},
		"no type":               {"", `{}`, 415, v1.CodeMediaType},
		"a broken type":         {"application/", `{}`, 415, v1.CodeMediaType},
	} {
		for _, path := range posts {
			w.refused(path+" with "+what, w.do(nethttp.MethodPost, path, tt.contentType, tt.body), tt.status, tt.code)
		}
	}
	for what, body := range map[string]string{
		"a time before all others": `{"name":"Ann","peer_id":"` + idAnn + `","time":-9223372036854775808}`,
		"a time after all others":  `{"name":"Ann","peer_id":"` + idAnn + `","time":9223372036854775807}`,
	} {
		w.refused(what, w.do(nethttp.MethodPost, "/v1/register", json, body), 403, v1.CodeWrongTime)
		w.refused(what, w.do(nethttp.MethodPost, "/v1/relay", json, body), 403, v1.CodeWrongTime)
	}
	for what, name := range map[string]string{
		"a line break": "An\nn", "a control character": "An\x01n", "right to left": "Ann\u202e", "an invisible letter": "An\u200bn",
		"space around": " Ann", "two spaces": "A  nn", "decomposed": "Zoe\u0308", "a filler": "A\u3164nn",
	} {
		w.refused(what, w.post("/v1/register", signedName(t, ann, name, w.now())), 400, v1.CodeBadName)
	}
	w.refused("no peer ID", w.post("/v1/register", ann.sign(t, "", w.now())), 400, v1.CodeBadRequest)
	w.refused("a peer ID to withdraw", w.post("/v1/unregister", ann.sign(t, idAnn, w.now())), 400, v1.CodeBadRequest)
	w.refused("no name to refresh", w.post("/v1/refresh", v1.Refresh{Token: "x"}), 400, v1.CodeBadName)
	w.refused("no names", w.post("/v1/watch", v1.Watch{}), 400, v1.CodeBadRequest)
	w.refused("too many names", w.post("/v1/watch", v1.Watch{Names: make([]string, v1.MaxWatched+1)}), 400, v1.CodeBadRequest)
	w.refused("a bad name", w.post("/v1/watch", v1.Watch{Names: []string{"Ann", "\x00"}}), 400, v1.CodeBadName)
	w.refused("a strange token", w.post("/v1/watch", v1.Watch{Own: &v1.Refresh{Name: "Ann", Token: "x"}}), 403, v1.CodeReplaced)

	for _, path := range []string{"/v1/names", "/v1/watch"} {
		for what, tt := range map[string]struct {
			query  string
			status int
			code   string
		}{
			"no query":         {"", 400, v1.CodeBadRequest},
			"no name":          {"nam=Ann", 400, v1.CodeBadRequest},
			"a blank name":     {"name=", 400, v1.CodeBadName},
			"bad escapes":      {"name=%zz", 400, v1.CodeBadRequest},
			"semicolons":       {"name=Ann;name=Bob", 400, v1.CodeBadRequest},
			"bad UTF-8":        {"name=%ff%fe", 400, v1.CodeBadName},
			"a zero byte":      {"name=%00", 400, v1.CodeBadName},
			"a long name":      {"name=" + strings.Repeat("x", 256), 400, v1.CodeBadName},
			"too many names":   {strings.Repeat("name=x&", v1.MaxWatched+1), 400, v1.CodeBadRequest},
			"a bad one of two": {"name=Ann&name=%07", 400, v1.CodeBadName},
			"oversized":        {"name=" + strings.Repeat("x", v1.MaxQuery), 414, v1.CodeURITooLong},
		} {
			w.refused(path+" with "+what, w.get(path+"?"+tt.query), tt.status, tt.code)
		}
	}
	for path, methods := range map[string][]string{
		"/v1": {"POST", "PUT", "DELETE"}, "/v1/names": {"POST", "PUT", "DELETE"}, "/v1/watch": {"PUT", "DELETE"},
		"/v1/register": {"GET", "PUT", "DELETE"}, "/v1/openapi.json": {"POST"},
	} {
		for _, method := range methods {
			answer := w.do(method, path, json, "{}")
			w.refused(method+" "+path, answer, 405, v1.CodeMethodNotAllowed)
			if answer.Header().Get("Allow") == "" {
				t.Errorf("%s %s: no Allow", method, path)
			}
		}
	}
	for _, path := range []string{"/v1/", "/v1/nothing", "/v1/names/Ann", "/v1/register/"} {
		w.refused(path, w.get(path), 404, v1.CodeNotFound)
	}
	if answer := w.do(nethttp.MethodPost, "/v1/register", json+"; charset=utf-8", `{"future":{"x":[1]},"name":"Ann"}`); answer.Code != 400 || !strings.Contains(answer.Body.String(), "peer ID") {
		t.Errorf("unknown fields: %d %s", answer.Code, answer.Body)
	}
	w.here(ann, idAnn)
}

func FuzzQuery(f *testing.F) {
	for _, q := range []string{"name=Ann", "name=a&name=%ff%00", "name=%zz", "a;b", "username=Ann&identity=" + idAnn, "friends=a&friends=%ff%00", "username=%3C&identity=0&friends=%3C"} {
		f.Add(q)
	}
	w := fuzzWorld(f)
	f.Fuzz(func(t *testing.T, query string) {
		for _, path := range []string{"/v1/names", "/reg.cgi"} {
			r := &nethttp.Request{Method: nethttp.MethodGet, URL: &url.URL{Path: path, RawQuery: query}, RemoteAddr: "127.0.0.1:1"}
			answer := httptest.NewRecorder()
			w.ServeHTTP(answer, r)
			if answer.Code >= 500 {
				t.Fatalf("%d %s", answer.Code, answer.Body)
			}
			if path == "/v1/names" {
				described(t, r, nil, answer.Code, answer.Header(), answer.Body.Bytes())
			}
		}
	})
}

func FuzzBody(f *testing.F) {
	ann := newPerson(f, "Ann")
	w := fuzzWorld(f)
	f.Add(string(encode(ann.sign(f, idAnn, w.cfg.Now()))))
	f.Add(string(encode(ann.sign(f, "", w.cfg.Now()))))
	f.Add(`{"name":"Ann","token":"x"}`)
	f.Add(`{"names":["Ann"],"own":{"name":"Ann","token":"x"}}`)
	f.Add(`{"identity":"` + strings.Repeat("A", 43) + `","time":1,"nonce":"","signature":""}`)
	f.Fuzz(func(t *testing.T, body string) {
		for _, path := range []string{"/v1/register", "/v1/refresh", "/v1/unregister", "/v1/relay"} {
			r := httptest.NewRequest(nethttp.MethodPost, path, strings.NewReader(body))
			r.RemoteAddr = "127.0.0.1:1"
			r.Header.Set("Content-Type", "application/json")
			answer := httptest.NewRecorder()
			w.ServeHTTP(answer, r)
			if answer.Code >= 500 || answer.Code < 300 && path == "/v1/refresh" {
				t.Fatalf("%s: %d %s", path, answer.Code, answer.Body)
			}
			if answer.Code >= 300 {
				described(t, r, []byte(body), answer.Code, answer.Header(), answer.Body.Bytes())
			}
		}
	})
}
