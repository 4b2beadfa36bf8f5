package turn

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// Issue makes credentials for an identity (any text) that a Server with the same secret accepts until they expire. They
// have the form that is known as the TURN REST API: the user name is the time and the identity, and the password
// is HMAC-SHA-1 of that, so that nobody needs to store them.
func Issue(secret []byte, identity string, expires time.Time) (user, password string) {
	user = strconv.FormatInt(expires.Unix(), 10) + ":" + identity
	return user, passwordOf(secret, user)
}

func passwordOf(secret []byte, user string) string {
	mac := hmac.New(sha1.New, secret)
	mac.Write([]byte(user))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// parseUser takes a user name of Issue apart.
func parseUser(user string) (identity string, expires time.Time, ok bool) {
	seconds, identity, found := strings.Cut(user, ":")
	n, err := strconv.ParseInt(seconds, 10, 64)
	if !found || err != nil || n < 0 || n > 1<<40 {
		return "", time.Time{}, false
	}
	return identity, time.Unix(n, 0), true
}
