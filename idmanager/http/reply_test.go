package http

import (
	"reflect"
	"testing"
)

func TestRepliesOfTheOldServerAndItsClones(t *testing.T) {
	ann := friend{user: "Ann", identity: idAnn, known: true}
	for name, tt := range map[string]struct {
		body string
		want reply
	}{
		"the old server": {
			"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<result>\n\t<update>true</update>\n\t<friend>\n\t\t<user>Ann</user>\n\t\t<identity>" + idAnn + "</identity>\n\t</friend>\n</result>",
			reply{hasUpdate: true, updated: true, friends: []friend{ann}},
		},
		"another spelling": {
			"<result><friend><user>ann</user><identity>" + idAnn + "</identity><registered>Ann</registered></friend></result>",
			reply{friends: []friend{{user: "ann", identity: idAnn, registered: "Ann", known: true}}},
		},
		"several friends, one unknown": {
			"<result><friend><user>Bob</user></friend><friend><user>Ann</user><identity>" + idAnn + "</identity></friend></result>",
			reply{friends: []friend{{user: "Bob"}, ann}},
		},
		"an identity that is NULL":             {"<result><friend><user>Bob</user><identity/></friend></result>", reply{friends: []friend{{user: "Bob", known: true}}}},
		"a header printed into the body":       {"Content-type: text/plain\n\n<?xml version=\"1.0\"?><result><update>true</update></result>", reply{hasUpdate: true, updated: true}},
		"a byte order mark":                    {"\xef\xbb\xbf<result><update>false</update></result>", reply{hasUpdate: true}},
		"elements of its own":                  {"<result><id>3</id><friend><appid>x</appid><user>Ann</user><identity> " + idAnn + " </identity></friend></result>", reply{friends: []friend{ann}}},
		"letters of Latin-1":                   {"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><result><friend><user>Ren\xe9</user></friend></result>", reply{friends: []friend{{user: "René"}}}},
		"escaped letters":                      {"<result><friend><user>A &amp; &lt;B&gt;</user></friend></result>", reply{friends: []friend{{user: "A & <B>"}}}},
		"an empty result":                      {"<result></result>", reply{}},
		"JSON: a registration":                 {`{"update":true}`, reply{hasUpdate: true, updated: true}},
		"JSON: a registration as text":         {`{"update":"true"}`, reply{hasUpdate: true, updated: true}},
		"JSON: a friend":                       {`{"friend":{"user":"Ann","identity":"` + idAnn + `"}}`, reply{friends: []friend{ann}}},
		"JSON: several friends":                {`{"friend":[{"user":"Bob"},{"user":"Ann","identity":"` + idAnn + `"}]}`, reply{friends: []friend{{user: "Bob"}, ann}}},
		"JSON: withdrawn, as a number":         {`{"friend":{"user":"Ann","identity":0}}`, reply{friends: []friend{{user: "Ann", identity: "0", known: true}}}},
		"JSON: NULL":                           {`{"friend":{"user":"Ann","identity":null}}`, reply{friends: []friend{{user: "Ann", identity: "", known: true}}}},
		"JSON: a header printed into the body": {"Content-type: text/plain\n\n{\"update\":true}", reply{hasUpdate: true, updated: true}},
	} {
		if got, err := parseReply([]byte(tt.body)); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, tt.want)
		}
	}
	for name, body := range map[string]string{
		"nothing": "", "text": "hello", "a page": "<html></html>", "another element": "<results/>",
		"a result without an end": "<result><update>true", "half of JSON": `{"update":`, "a list": `{"friend":7}`,
	} {
		if got, err := parseReply([]byte(body)); err == nil {
			t.Errorf("%s was read as %+v", name, got)
		}
	}
}

func FuzzParseReply(f *testing.F) {
	f.Add([]byte("Content-type: text/plain\n\n<?xml version=\"1.0\"?><result><update>true</update><friend><user>Ann</user><identity>" + idAnn + "</identity></friend></result>"))
	f.Add([]byte(`{"friend":[{"user":"Bob"},{"user":"Ann","identity":"0"}]}`))
	f.Add([]byte("<result><friend><user>Ren\xe9</user></friend></result>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := parseReply(body)
		if err != nil {
			return
		}
		for _, fr := range r.friends {
			if record, err := fr.record("x"); err == nil && !isPeerID(record.PeerID) {
				t.Fatalf("%+v became %+v", fr, record)
			}
		}
	})
}
