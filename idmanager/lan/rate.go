package lan

import (
	"net/netip"
	"time"
)

// bucket is a token bucket.
type bucket struct {
	tokens float64
	at     time.Time
}

// take reports whether one more is allowed at rate per second with that burst.
func (b *bucket) take(now time.Time, rate, burst float64) bool {
	if b.at.IsZero() {
		b.tokens = burst
	} else {
		b.tokens = min(burst, b.tokens+rate*now.Sub(b.at).Seconds())
	}
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// sourceRate is what one source has done lately.
type sourceRate struct{ packets, verifications bucket }

// rates bound what all and what each source make us do. A source is an address: on one network a household's /64 is everybody's.
type rates struct {
	all     sourceRate
	sources map[netip.Addr]*sourceRate
}

// of is the rate of a source. When there are too many all begin anew; the bounds for all go on.
func (r *rates) of(source netip.Addr) *sourceRate {
	s := r.sources[source]
	if s == nil {
		if r.sources == nil || len(r.sources) >= maxSources {
			r.sources = make(map[netip.Addr]*sourceRate)
		}
		s = &sourceRate{}
		r.sources[source] = s
	}
	return s
}

func (r *rates) packet(now time.Time, source netip.Addr) bool {
	return r.of(source).packets.take(now, sourcePacketRate, sourcePacketBurst) && r.all.packets.take(now, packetRate, packetBurst)
}

func (r *rates) verification(now time.Time, source netip.Addr) bool {
	return r.of(source).verifications.take(now, sourceVerifyRate, sourceVerifyBurst) && r.all.verifications.take(now, verifyRate, verifyBurst)
}
