package main

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
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
	commands chan command        // of --control
	quit     chan struct{}       // closed by the command of that name
	view     string              // of --view; the followed call's goroutine's own
	files    string              // of --files
	failed   map[*phone.Call]int // the attempt of each call that was told last as failed
}

func newRunner(p *phone.Phone, out *printer, o *options) *runner {
	return &runner{
		phone: p, out: out, duration: o.Duration, commands: make(chan command), quit: make(chan struct{}), view: o.view, files: o.files, failed: map[*phone.Call]int{},
	}
}

// call makes one call and follows it to its end; with several names it is a conference with all of them. A key is the one that must
// answer, for this once.
func (r *runner) call(ctx context.Context, names []string, key string) int {
	defer r.watchService(ctx)()
	f := &followed{runner: r}
	var err error
	identity, keyErr := phone.ParseIdentity(key)
	switch {
	case keyErr == nil:
		f.call, err = r.phone.CallOnce(names[0], identity)
	case len(names) > 1:
		f.call, err = r.phone.Confer()
		f.names, f.conference = names, true
	default:
		f.call, err = r.phone.Call(names[0])
	}
	if err != nil {
		r.out.print("ended", "peer", strings.Join(names, ", "), "sentence", err.Error())
		return exitNoCall
	}
	return f.run(ctx)
}

// confer opens a conference, or goes into one by its link.
func (r *runner) confer(ctx context.Context, link string) int {
	defer r.watchService(ctx)()
	f := &followed{runner: r, conference: true, stays: true}
	var err error
	if link == "new" {
		f.call, err = r.phone.Confer()
	} else {
		f.call, err = r.phone.JoinRoom(link)
	}
	if err != nil {
		r.out.print("ended", "sentence", err.Error())
		return exitNoCall
	}
	return f.run(ctx)
}

// answer takes calls until ctx ends, or one call with once. It follows one call at a time: when another one
// can ring, the former has ended or is broken, and is given up for the new one.
func (r *runner) answer(ctx context.Context, once bool) int {
	defer r.watchService(ctx)()
	var current *phone.Call
	done := make(chan struct{})
	close(done)
	for {
		idle, commands := done, chan command(nil)
		select {
		case <-done:
			idle, commands = nil, r.commands // which otherwise are for the call
		default:
		}
		select {
		case <-idle:
		case c := <-commands:
			if c.verb == "quit" {
				return exitOK
			}
			r.printError(c.verb, errors.New("there is no call"))
		case <-r.quit:
			<-done
			return exitOK
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

func exitStatus(established bool, reason phone.Reason) int {
	switch {
	case !established:
		return exitNoCall
	case reason == phone.Hangup:
		return exitOK
	}
	return exitBroken
}
