package main

import (
	"context"
	"encoding/hex"
	"math"
	"slices"
	"sync"
	"time"

	"sundog.dev/sundog/internal/phone"
)

// statsEvery is the pace of stats events.
const statsEvery = time.Second

// closeTimeout bounds how long a call may take to end once it was told to.
const closeTimeout = 10 * time.Second

// runner runs a command on a phone.
type runner struct {
	phone    *phone.Phone
	out      *printer
	duration time.Duration
	failed   map[*phone.Call]int // the attempt of each call that was told last as failed
}

// call makes one call and follows it to its end. A key is the one that must answer, for this once.
func (r *runner) call(ctx context.Context, name, key string) int {
	defer r.watchService(ctx)()
	var c *phone.Call
	var err error
	if identity, keyErr := phone.ParseIdentity(key); keyErr == nil {
		c, err = r.phone.CallOnce(name, identity)
	} else {
		c, err = r.phone.Call(name)
	}
	if err != nil {
		r.out.print("ended", "peer", name, "sentence", err.Error())
		return exitNoCall
	}
	return r.follow(ctx, c)
}

// answer takes calls until ctx ends, or one call with once. It follows one call at a time: when another one
// can ring, the former has ended or is broken, and is given up for the new one.
func (r *runner) answer(ctx context.Context, once bool) int {
	defer r.watchService(ctx)()
	var current *phone.Call
	done := make(chan struct{})
	close(done)
	for {
		select {
		case <-ctx.Done():
			<-done
			return exitOK
		case c := <-r.phone.Incoming():
			if once {
				return r.take(ctx, c)
			}
			if current != nil {
				current.HangUp()
			}
			<-done // its files are complete
			current, done = c, make(chan struct{})
			go func(done chan<- struct{}) {
				defer close(done)
				r.take(ctx, c)
			}(done)
		}
	}
}

// take answers a call and follows it.
func (r *runner) take(ctx context.Context, c *phone.Call) int {
	r.printIncoming(c)
	// An error means that it has ended meanwhile, which its events tell.
	_ = c.Accept()
	return r.follow(ctx, c)
}

// watchService tells when the name is registered, in each directory, when a service or directory is lost, and which strangers were
// refused, until the returned function is called.
func (r *runner) watchService(ctx context.Context) (stop func()) {
	watch, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		var last phone.ServiceStatus
		for {
			st, err := r.phone.NextService(watch, last)
			if err != nil {
				return
			}
			if last = st; st.State == phone.ServiceFailed {
				r.out.print("service", "state", "failed", "reason", "service_unreachable", "where", st.Where, "sentence", st.Sentence)
			}
		}
	})
	watching.Go(func() {
		var last []phone.Way
		for {
			ways, err := r.phone.NextWays(watch, last)
			if err != nil {
				return
			}
			for _, w := range ways {
				if !slices.Contains(last, w) {
					r.printWay(w)
				}
			}
			last = ways
		}
	})
	watching.Go(func() { r.watchRequests(watch) })
	return func() { cancel(); watching.Wait() }
}

// watchRequests tells of strangers who are refused, each time they call, until ctx ends.
func (r *runner) watchRequests(ctx context.Context) {
	told := map[int64]int{}
	for first := true; ; first = false {
		times := map[int64]int{}
		for _, q := range r.phone.Requests() {
			times[q.ID] = q.Times
			if !first && told[q.ID] != q.Times { // at first they are those of an earlier run
				r.out.print("request", "peer", q.Name, "identity", hex.EncodeToString(q.Identity), "standing", string(q.Standing), "contact", q.Contact,
					"where", q.Where, "times", q.Times)
			}
		}
		told = times
		select {
		case <-ctx.Done():
			return
		case <-r.phone.Changed():
		}
	}
}

func (r *runner) printWay(w phone.Way) {
	switch {
	case w.State == phone.WayOpen:
		r.out.print("registered", "where", w.Where, "peer_id", w.PeerID, "directory", string(w.Kind), "link", r.phone.Link())
	case w.State == phone.WayFailed && w.Sentence != r.phone.Service().Sentence:
		r.out.print("directory", "state", "failed", "where", w.Where, "directory", string(w.Kind), "sentence", w.Sentence)
	}
}

// follow prints a call's events and stats until its end, and returns the exit status it deserves.
func (r *runner) follow(ctx context.Context, c *phone.Call) int {
	events := make(chan phone.Event)
	reading, stopReading := context.WithCancel(context.Background())
	defer stopReading()
	go func() {
		defer close(events)
		for {
			ev, err := c.Next(reading)
			if err != nil {
				return
			}
			select {
			case events <- ev:
			case <-reading.Done():
				return
			}
		}
	}()
	tick := time.NewTicker(statsEvery)
	defer tick.Stop()
	var hangUp, overdue <-chan time.Time
	established := false
	problem := ""
	done := ctx.Done()
	for {
		select {
		case ev, ok := <-events:
			if !ok {
				return exitStatus(established, "")
			}
			r.printEvent(c, ev)
			changed, ok := ev.(phone.StateChanged)
			if !ok {
				continue
			}
			st := changed.Status
			if st.State == phone.InCall && !established {
				established = true
				if r.duration > 0 {
					hangUp = time.After(r.duration)
				}
			}
			if st.State == phone.Ended {
				return exitStatus(established, st.Reason)
			}
		case <-tick.C:
			if established {
				r.printStats(c)
			}
			if _, _, now := c.Sending(); now != problem {
				problem = now
				if problem != "" {
					r.out.print("problem", "peer", c.Name(), "sentence", problem)
				}
			}
		case <-hangUp:
			c.HangUp()
			overdue = time.After(closeTimeout)
		case <-done:
			done = nil
			c.HangUp()
			overdue = time.After(closeTimeout)
		case <-overdue:
			return exitBroken
		}
	}
}

func exitStatus(established bool, reason phone.Reason) int {
	switch {
	case !established:
		return exitNoCall
	case reason == phone.Hangup:
		return exitOK
	}
	return exitBroken
}

func (r *runner) printEvent(c *phone.Call, ev phone.Event) {
	switch ev := ev.(type) {
	case phone.StateChanged:
		st := ev.Status
		r.out.print("state", "peer", c.Name(), "state", st.State, "reason", string(st.Reason), "why", st.Why, "detail", st.Detail)
		if st.State == phone.Ended {
			r.printEnded(c, st)
		}
	case phone.ChatLine:
		r.out.print("chat", "peer", c.Name(), "from", ev.From, "text", ev.Text, "private", ev.Private)
	case phone.MemberProved:
		r.printProved(c)
	case phone.ComparisonChanged:
		r.printComparison(c, ev)
	case phone.MemberStateChanged:
		s := ev.State
		r.out.print("media", "peer_id", s.PeerID.String(), "sound", s.Sound, "picture", s.Picture, "muted", s.Muted,
			"screen", s.Screen, "hand", s.Hand, "speaking", s.Speaking)
	}
}

func (r *runner) printStats(c *phone.Call) {
	st := c.Stats()
	r.out.print("stats", "peer", c.Name(),
		"rtt_ms", ms(st.RTT), "loss", round(st.Loss, 4),
		"send_kbps", round(st.SendKbps, 1), "recv_kbps", round(st.RecvKbps, 1), "uplink_kbps", round(st.SendKbps, 1),
		"audio_latency_ms", ms(st.Audio.Latency), "video_latency_ms", ms(st.Video.Latency),
		"concealed", round(st.Audio.Concealed, 4), "buffered_ms", ms(st.Audio.Buffered),
		"fps", round(st.Video.FPS, 1), "width", st.Video.Width, "height", st.Video.Height, "path", st.Path)
}

func ms(d time.Duration) float64 { return round(float64(d)/float64(time.Millisecond), 1) }

func round(v float64, digits int) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	scale := math.Pow10(digits)
	return math.Round(v*scale) / scale
}
