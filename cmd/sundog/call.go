package main

import (
	"context"
	"image"
	"slices"
	"sync"
	"time"

	"sundog.dev/sundog/app"
	"sundog.dev/sundog/internal/phone"
)

const (
	// maxChat bounds the lines of a call's chat that are kept, and maxNews what is told of who comes and goes.
	maxChat = 1000
	maxNews = 50

	// qualityEvery is how often the paths' quality is judged.
	qualityEvery = time.Second
	// reactionStays is how long an emoji is shown.
	reactionStays = 5 * time.Second
)

// deskCall is a call as a window sees it: it implements app.Call, and follows the call's events.
type deskCall struct {
	call    *phone.Call
	with    app.Person
	changed chan struct{}

	mu      sync.Mutex
	chat    []app.ChatLine
	news    []string
	muted   bool
	sharing bool
	room    bool      // it has been a conference
	handAt  time.Time // ours is raised since; zero: it is down
	quality map[string]int
	volumes map[string]float64
	reacted map[string]reaction // by the member's ID; app.OwnID: ours
	ended   map[string]bool     // files that we have declined or stopped, by their ID
	shown   map[string]app.Shown
}

// reaction is an emoji and since when it is shown.
type reaction struct {
	emoji string
	at    time.Time
}

func newDeskCall(c *phone.Call, with app.Person) *deskCall {
	return &deskCall{
		call: c, with: with, changed: make(chan struct{}, 1),
		quality: map[string]int{}, volumes: map[string]float64{}, reacted: map[string]reaction{}, ended: map[string]bool{}, shown: map[string]app.Shown{},
	}
}

// run follows the call to its end.
func (c *deskCall) run(ctx context.Context) {
	judging, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { c.judge(judging) })
	defer wg.Wait()
	defer stop()
	for {
		ev, err := c.call.Next(ctx)
		if err != nil {
			return
		}
		c.take(ev)
		c.notify()
	}
}

// take remembers what an event tells that the phone does not keep.
func (c *deskCall) take(ev phone.Event) {
	text := c.call.News(ev)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch ev := ev.(type) {
	case phone.ChatLine:
		c.addChat(app.ChatLine{From: ev.From, Text: ev.Text, Private: ev.Private})
	case phone.Reacted:
		c.reacted[ev.PeerID.String()] = reaction{ev.Emoji, time.Now()}
	}
	if text != "" {
		c.news = append(c.news, text)
		if over := len(c.news) - maxNews; over > 0 {
			c.news = slices.Delete(c.news, 0, over)
		}
	}
}

// nameOf is how the user calls a member; otherwise is who is not in the call any more.
func (c *deskCall) nameOf(id, otherwise string) string {
	for _, p := range c.call.People() {
		if p.ID == id && p.Name != "" {
			return p.Name
		}
	}
	return otherwise
}

// judge turns the paths' figures into qualities from 1 to 3.
func (c *deskCall) judge(ctx context.Context) {
	tick := time.NewTicker(qualityEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		quality := map[string]int{}
		for _, p := range c.call.People() {
			if p.State == phone.Here {
				quality[p.ID] = judgeQuality(c.call.StatsOf(p.ID), p.Sound)
			}
		}
		c.mu.Lock()
		c.quality = quality
		c.mu.Unlock()
	}
}

// judgeQuality is 3 for a good path, 2 for one where loss or delay is noticed, and 1
// for one that hampers talking (delay figures after ITU-T G.114). While the other side sends no sound, its pause is
// no sign of a bad path.
func judgeQuality(st phone.Stats, farAudio bool) int {
	concealed := st.Audio.Concealed
	if !farAudio {
		concealed = 0
	}
	switch {
	case st.Loss > 0.10 || concealed > 0.10 || st.RTT > 800*time.Millisecond:
		return 1
	case st.Loss > 0.03 || concealed > 0.03 || st.RTT > 300*time.Millisecond:
		return 2
	}
	return 3
}

func (c *deskCall) notify() {
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

func (c *deskCall) Name() string             { return c.call.Name() }
func (c *deskCall) With() app.Person         { return c.with }
func (c *deskCall) Incoming() bool           { return c.call.Incoming() }
func (c *deskCall) Test() bool               { return c.call.Test() }
func (c *deskCall) Changed() <-chan struct{} { return c.changed }
func (c *deskCall) Accept() error            { return told(c.call.Accept()) }
func (c *deskCall) HangUp()                  { c.call.HangUp() }
func (c *deskCall) Company() []string        { return c.call.With() }

func (c *deskCall) Status() app.CallStatus {
	st := app.CallStatus{Status: c.call.Status()}
	_, camera, problem := c.call.Sending()
	st.CameraOn = camera
	st.MicLevel, _ = c.call.Levels()
	switch st.State {
	case phone.Ended:
		st.Sentence = c.call.Sentence(st.Reason)
	case phone.Reconnecting:
		st.Sentence = st.Why
	default:
		st.Sentence = problem
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	st.Muted, st.Sharing = c.muted, c.sharing
	return st
}

// News implements app.Call.
func (c *deskCall) News() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.news)
}

func (c *deskCall) SetMuted(muted bool) {
	c.mu.Lock()
	c.muted = muted
	c.mu.Unlock()
	c.call.SetMuted(muted)
	c.notify()
}

func (c *deskCall) SetCamera(on bool) error {
	if !on {
		c.share(false) // or the picture would go on
	}
	c.call.SetCamera(on)
	c.notify()
	return nil
}

// ShareScreen implements app.Call: the screen takes the camera's place.
func (c *deskCall) ShareScreen(on bool) error {
	c.share(on)
	c.notify()
	return nil
}

func (c *deskCall) share(on bool) {
	c.mu.Lock()
	c.sharing = on
	c.mu.Unlock()
	c.call.ShareScreen(on)
}

// SendChat implements app.Call.
func (c *deskCall) SendChat(text, to string) error {
	line := app.ChatLine{Text: text, Mine: true}
	var err error
	if to == "" {
		err = c.call.SendChat(text)
	} else {
		line.Private, line.To = true, c.nameOf(to, "")
		err = c.call.SendChat(text, to)
	}
	if err != nil {
		return told(err)
	}
	c.mu.Lock()
	c.addChat(line)
	c.mu.Unlock()
	c.notify()
	return nil
}

func (c *deskCall) addChat(line app.ChatLine) {
	c.chat = append(c.chat, line)
	if over := len(c.chat) - maxChat; over > 0 {
		c.chat = slices.Delete(c.chat, 0, over)
	}
}

func (c *deskCall) Chat() []app.ChatLine {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.chat)
}

// DrawMember implements app.Call.
func (c *deskCall) DrawMember(id string, dst *image.RGBA, last uint64) uint64 {
	return c.call.Draw(id, dst, last)
}

func (c *deskCall) DrawLocal(dst *image.RGBA, last uint64) uint64 { return c.call.DrawLocal(dst, last) }

// Showing implements app.Call.
func (c *deskCall) Showing(shown []app.Shown) {
	now := map[string]app.Shown{}
	for _, s := range shown {
		now[s.ID] = s
	}
	c.mu.Lock()
	before := c.shown
	c.shown = now
	c.mu.Unlock()
	for id, s := range now {
		if before[id] != s {
			c.call.SetShowing(id, s.W, s.H, s.Pinned)
		}
	}
	for id := range before {
		if _, still := now[id]; !still {
			c.call.SetShowing(id, 0, 0, false)
		}
	}
}
