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
	// maxChat bounds the lines of a call's chat that are kept.
	maxChat = 1000

	// qualityEvery is how often the path's quality is judged.
	qualityEvery = time.Second
)

// deskCall is a call as a window sees it: it implements app.Call, and follows the call's events.
type deskCall struct {
	call    *phone.Call
	with    app.Person
	changed chan struct{}

	mu                 sync.Mutex
	chat               []app.ChatLine
	muted              bool
	farAudio, farVideo bool
	quality            int
}

func newDeskCall(c *phone.Call, with app.Person) *deskCall {
	return &deskCall{call: c, with: with, changed: make(chan struct{}, 1), farAudio: true, farVideo: true}
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
		c.mu.Lock()
		switch ev := ev.(type) {
		case phone.ChatLine:
			c.addChat(app.ChatLine{From: ev.From, Text: ev.Text})
		case phone.MemberStateChanged:
			c.farAudio, c.farVideo = ev.State.Sound, ev.State.Picture
		}
		c.mu.Unlock()
		c.notify()
	}
}

// judge turns the path's figures into a quality from 1 to 3.
func (c *deskCall) judge(ctx context.Context) {
	tick := time.NewTicker(qualityEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		quality := 0
		if c.call.Status().State == phone.InCall {
			st := c.call.Stats()
			c.mu.Lock()
			farAudio := c.farAudio
			c.mu.Unlock()
			quality = judgeQuality(st, farAudio)
		}
		c.mu.Lock()
		same := c.quality == quality
		c.quality = quality
		c.mu.Unlock()
		if !same {
			c.notify()
		}
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
func (c *deskCall) Accept() error            { return c.call.Accept() }
func (c *deskCall) HangUp()                  { c.call.HangUp() }

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
	st.Muted = c.muted
	return st
}

// Members implements app.Call: the phone knows calls of two.
func (c *deskCall) Members() []app.CallMember {
	far := app.CallMember{ID: farID, State: memberState(c.call.Status())}
	if known := c.Verification().Members; len(known) > 0 {
		far.Member = known[0]
	}
	far.Name = c.call.Name()
	if far.Colour == 0 {
		far.Colour = c.with.Colour
	}
	_, far.Level = c.call.Levels()
	c.mu.Lock()
	defer c.mu.Unlock()
	far.Audio, far.Video, far.Quality = c.farAudio, c.farVideo, c.quality
	return []app.CallMember{far}
}

// farID is the one other member of a call of two.
const farID = "far"

// memberState is that of the other member of a call of two.
func memberState(st phone.Status) app.MemberState {
	switch {
	case st.State == phone.Reconnecting:
		return app.MemberReconnecting
	case st.Established.IsZero() && st.State != phone.Ended:
		return app.MemberConnecting
	}
	return app.MemberHere
}

// Conference implements app.Call: nobody can be added to a call of two.
func (c *deskCall) Conference() app.Conference { return nil }

func (c *deskCall) SetMuted(muted bool) {
	c.mu.Lock()
	c.muted = muted
	c.mu.Unlock()
	c.call.SetMuted(muted)
	c.notify()
}

func (c *deskCall) SetCamera(on bool) error {
	c.call.SetCamera(on)
	c.notify()
	return nil
}

func (c *deskCall) SendChat(text string) error {
	if err := c.call.SendChat(text); err != nil {
		return err
	}
	c.mu.Lock()
	c.addChat(app.ChatLine{Text: text, Mine: true})
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
	if id != farID {
		return 0
	}
	return c.call.DrawRemote(dst, last)
}

func (c *deskCall) DrawLocal(dst *image.RGBA, last uint64) uint64 { return c.call.DrawLocal(dst, last) }
