package main

import (
	"fmt"
	"time"

	"sundog.dev/sundog/internal/e2e/measure"
)

// side is one end of a measured call.
type side struct {
	name    string
	voice   string
	speech  string // file
	sent    measure.Sound
	speaker string // file
	display string // folder
	program *program
	inCall  time.Time
	ended   time.Time
	settled []event
}

// readEvents takes from the events when the call was established and ended, and its stats once it had settled.
func (s *side) readEvents() error {
	for _, e := range s.program.all(func(event) bool { return true }) {
		switch {
		case inState("in_call")(e) && s.inCall.IsZero():
			s.inCall = e.Time
		case e.Event == "ended":
			s.ended = e.Time
		case e.Event == "stats" && !s.inCall.IsZero() && e.Time.Sub(s.inCall) > settleSeconds*time.Second:
			s.settled = append(s.settled, e)
		}
	}
	if s.inCall.IsZero() || s.ended.IsZero() {
		return fmt.Errorf("%s: no in_call or ended event: %s", s.name, s.program.tail())
	}
	return nil
}

// seconds is how long the call was established.
func (s *side) seconds() float64 { return s.ended.Sub(s.inCall).Seconds() }

func (s *side) stats(of func(event) float64) []float64 {
	var values []float64
	for _, e := range s.settled {
		values = append(values, of(e))
	}
	return values
}

// concealed is the share of sound that the side had to make up, 0 to 1.
func (s *side) concealed() float64 {
	return measure.Mean(s.stats(func(e event) float64 { return e.Concealed }))
}
