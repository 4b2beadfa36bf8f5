package http

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"strings"
	"unicode/utf8"
)

// reply is what a directory said.
type reply struct {
	hasUpdate bool // the reply speaks of a registration
	updated   bool // it was accepted
	friends   []friend
}

// friend is one looked-up name. Known: there is an identity element, maybe empty.
type friend struct {
	user, identity, registered string
	known                      bool
}

// errUnreadable says that a reply is none of a directory.
var errUnreadable = errors.New("the answer is not that of a directory")

// parseReply reads a reply tolerantly. Old scripts print an HTTP header into the body, clones leave the friend
// out, add elements of their own, or speak JSON.
func parseReply(body []byte) (reply, error) {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(body) {
		body = latin1(body)
	}
	body = bytes.TrimSpace(body)
	if i := bytes.Index(body, []byte("<result")); i >= 0 {
		return parseXML(body[i:])
	}
	if i := bytes.IndexByte(body, '{'); i >= 0 {
		return parseJSON(body[i:])
	}
	return reply{}, errUnreadable
}

// latin1 is the text of an old database that was never told of UTF-8.
func latin1(b []byte) []byte {
	var out []byte
	for _, c := range b {
		out = utf8.AppendRune(out, rune(c))
	}
	return out
}

func parseXML(body []byte) (reply, error) {
	var doc struct {
		XMLName xml.Name `xml:"result"`
		Update  *string  `xml:"update"`
		Friends []struct {
			User       string  `xml:"user"`
			Identity   *string `xml:"identity"`
			Registered string  `xml:"registered"`
		} `xml:"friend"`
	}
	d := xml.NewDecoder(bytes.NewReader(body))
	d.Strict = false
	if err := d.Decode(&doc); err != nil {
		return reply{}, errUnreadable
	}
	var r reply
	if doc.Update != nil {
		r.hasUpdate, r.updated = true, isTrue(*doc.Update)
	}
	for _, f := range doc.Friends {
		next := friend{user: strings.TrimSpace(f.User), registered: strings.TrimSpace(f.Registered)}
		if f.Identity != nil {
			next.identity, next.known = strings.TrimSpace(*f.Identity), true
		}
		r.friends = append(r.friends, next)
	}
	return r, nil
}

func parseJSON(body []byte) (reply, error) {
	var doc struct {
		Update json.RawMessage `json:"update"`
		Friend json.RawMessage `json:"friend"`
	}
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&doc); err != nil {
		return reply{}, errUnreadable
	}
	var r reply
	if len(doc.Update) > 0 {
		r.hasUpdate, r.updated = true, isTrue(jsonText(doc.Update))
	}
	if len(doc.Friend) == 0 {
		return r, nil
	}
	type jsonFriend struct {
		User       json.RawMessage `json:"user"`
		Identity   json.RawMessage `json:"identity"`
		Registered json.RawMessage `json:"registered"`
	}
	var friends []jsonFriend
	if err := json.Unmarshal(doc.Friend, &friends); err != nil {
		var one jsonFriend
		if err := json.Unmarshal(doc.Friend, &one); err != nil {
			return reply{}, errUnreadable
		}
		friends = []jsonFriend{one}
	}
	for _, f := range friends {
		r.friends = append(r.friends, friend{
			user: jsonText(f.User), identity: jsonText(f.Identity), registered: jsonText(f.Registered),
			known: len(f.Identity) > 0,
		})
	}
	return r, nil
}

// jsonText is the text of a JSON string, number or boolean; "" for null.
func jsonText(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return strings.TrimSpace(s)
	}
	return string(bytes.TrimSpace(raw))
}

func isTrue(s string) bool {
	s = strings.TrimSpace(s)
	return strings.EqualFold(s, "true") || s == "1"
}
