package media

import (
	"time"

	"sundog.dev/sundog/media/h264"
)

// rateMeter measures how many pictures a second are really encoded, by their due times. It follows a higher rate at once, since then too many bits
// are sent, but a lower one only when it lasts: a moment's stall is no new rate.
type rateMeter struct {
	told  float64 // the rate that the encoder goes by
	since time.Time
	count int
	slow  int // windows in a row that were slower
}

// add counts a picture and returns the rate to go by.
func (m *rateMeter) add(due time.Time) float64 {
	if m.since.IsZero() {
		m.since = due
		return m.told
	}
	m.count++
	if m.count < rateWindow {
		return m.told
	}
	took := due.Sub(m.since).Seconds()
	measured := float64(m.count) / took
	m.since, m.count = due, 0
	if took <= 0 {
		return m.told
	}
	measured = min(max(measured, 1), h264.MaxFrameRate)
	if measured < m.told*(1-rateTolerance) {
		m.slow++
	} else {
		m.slow = 0
	}
	if measured < m.told*(1+rateTolerance) && m.slow < slowWindows {
		return m.told
	}
	m.told, m.slow = measured, 0
	return measured
}

// pictureFilter leaves pictures out so that no more than a rate is encoded, as evenly as the source's own times allow.
type pictureFilter struct {
	next time.Time // when the next picture is wanted
}

// pass reports whether a picture is encoded; most is pictures a second, 0: all.
func (p *pictureFilter) pass(due time.Time, most float64) bool {
	if most <= 0 {
		p.next = time.Time{}
		return true
	}
	interval := time.Duration(float64(time.Second) / most)
	ahead := p.next.Sub(due)
	if ahead > interval/filterSlack && ahead <= interval {
		return false
	}
	if p.next.IsZero() || ahead > interval || ahead < -interval {
		p.next = due // the first, or the clock was set, or the source is slower
	}
	p.next = p.next.Add(interval)
	return true
}
