package rtmfp

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"net/netip"
	"time"
)

// cookieSize is 64 bytes: some running peers accept no other.
const cookieSize = 64

const (
	cookieStamp = 8  // nanoseconds on the jar's clock
	cookieOurs  = 24 // proves that we made it, whatever the address
	cookieBound = 32 // binds it to the address
)

// cookieJar makes and checks the cookies of RHellos (RFC 7016 §3.5.1.1.2) without keeping any:
//
//	stamp | HMAC(secret, "ours" stamp) | HMAC(secret, "bound" stamp address)
//
// Two hashes, so that a cookie that another address of the same initiator got is known for ours and
// changed (§3.5.1.2) instead of being ignored. The secret lives as long as the endpoint; a cookie
// ends by its stamp.
type cookieJar struct {
	secret [32]byte
	epoch  time.Time
}

func newCookieJar(now time.Time) *cookieJar {
	j := &cookieJar{epoch: now}
	rand.Read(j.secret[:])
	return j
}

// bake appends a cookie for the address.
func (j *cookieJar) bake(b []byte, addr netip.AddrPort, now time.Time) []byte {
	start := len(b)
	b = binary.BigEndian.AppendUint64(b, uint64(now.Sub(j.epoch)))
	stamp := b[start:]
	ours, bound := j.ours(stamp), j.bound(stamp, addr)
	b = append(b, ours[:cookieOurs]...)
	return append(b, bound[:cookieBound]...)
}

// check reports whether the cookie is ours and not expired, and whether it was made for the address.
func (j *cookieJar) check(cookie []byte, addr netip.AddrPort, now time.Time) (ours, bound bool) {
	if len(cookie) != cookieSize {
		return false, false
	}
	stamp := cookie[:cookieStamp]
	want := j.ours(stamp)
	if !hmac.Equal(want[:cookieOurs], cookie[cookieStamp:cookieStamp+cookieOurs]) {
		return false, false
	}
	age := now.Sub(j.epoch) - time.Duration(binary.BigEndian.Uint64(stamp))
	if age < 0 || age > cookieLifetime {
		return false, false
	}
	want = j.bound(stamp, addr)
	return true, hmac.Equal(want[:cookieBound], cookie[cookieStamp+cookieOurs:])
}

func (j *cookieJar) ours(stamp []byte) []byte {
	h := hmac.New(sha256.New, j.secret[:])
	h.Write([]byte("ours"))
	h.Write(stamp)
	return h.Sum(nil)
}

func (j *cookieJar) bound(stamp []byte, addr netip.AddrPort) []byte {
	h := hmac.New(sha256.New, j.secret[:])
	h.Write([]byte("bound"))
	h.Write(stamp)
	ip := addr.Addr().As16()
	h.Write(ip[:])
	h.Write(binary.BigEndian.AppendUint16(nil, addr.Port()))
	return h.Sum(nil)
}
