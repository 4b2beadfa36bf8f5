package mesh

import (
	"slices"
	"time"

	"sundog.dev/sundog/mesh/uplink"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
)

// sharing finds out what our uplink carries and divides it among the members (package uplink). It is the call's goroutine's own.
type sharing struct {
	began     time.Time
	estimator *uplink.Estimator
	steady    *uplink.Steady
	estimate  uplink.Estimate
	request   uplink.Request
	division  uplink.Division
	guests    guestShare // what we send for others
	alone     bool       // there is a single session, which knows best
	feedback  float64    // what acknowledging the others' pictures takes of each leg's share, bit/s
	full      time.Time  // the uplink was, the last time
	wished    MediaWish  // what media were told
	told      time.Time  // when the user was told how the uplink is used

	turnEnds time.Time   // when the uplink is divided again
	turn     int         // whose filler is next
	filling  *time.Timer // some is to be sent

	legs      []*leg // reused, as the next ones
	stats     []rtmfp.Stats
	sessions  []uplink.Session
	counted   []uplink.Session // those that go by themselves: what others carry for us is in theirs
	receivers []uplink.Receiver
	incoming  []uplink.Incoming
}

// shareUplink looks at all sessions and decides anew who gets what.
func (c *Call) shareUplink(now time.Time) {
	s := &c.sharing
	s.legs = s.legs[:0]
	others := 0
	c.each(func(g *leg) {
		if g.m.bothAccepted() {
			others++
		}
		if g.m.bothAccepted() && g.m.state != Reconnecting && g.link != nil && g.open() {
			s.legs = append(s.legs, g)
		}
	})
	if others == 0 {
		c.uplinkUnused()
	}
	if len(s.legs) == 0 {
		return
	}
	if s.estimator == nil {
		s.began = now
		s.estimator, s.steady = uplink.NewEstimator(float64(c.agent.KnownUplink())), uplink.NewSteady()
	}
	s.observe(now)
	c.uplink.mu.Lock()
	s.ask(now, &c.uplink)
	s.estimator.SetLimit(c.uplink.limit)
	if s.alone = others == 1 && len(s.counted) == 1 && s.counted[0].Feedback; s.alone {
		s.estimate = s.estimator.Alone(now.Sub(s.began), s.counted[0])
	} else {
		s.estimate = s.estimator.Observe(now.Sub(s.began), s.counted)
	}
	s.request.Uplink, s.request.Carries, s.request.Probe = s.estimate.Rate, s.estimate.Carries, s.probes()
	s.request.Afresh = s.estimate.Afresh
	s.leaveRoom()
	mode := s.division.Mode
	s.division = s.steady.Divide(now.Sub(s.began), s.request)
	shown := s.shown(&c.uplink)
	c.uplink.mu.Unlock()
	if s.estimate.Draining {
		s.full = now
	}
	s.feedback = s.division.Cost
	for _, share := range s.division.Shares {
		s.feedback -= share.Cost
	}
	s.feedback /= float64(len(s.legs))

	if c.out.packSound(s.division.Sound.Packet) {
		poke(c.kick) // tendTalk tells the others
	}
	files := 0.0
	for i, g := range s.legs {
		files += s.division.Shares[i].Files
		g.takeShare(now, i)
		g.tellShowing(now, shown[i])
	}
	c.files.pace.allow(now, files, s.division.Cost, s.estimate.Used)
	s.turnEnds = now.Add(shareEvery)
	c.fillSome(now)
	if w := wishOf(s.division, s.request.Camera); w.news(s.wished) || c.in.fresh.Load() {
		c.in.fresh.Store(false)
		s.wished = w
		c.in.setWish(w)
	}
	if mode != s.division.Mode || now.Sub(s.told) >= uplinkEvery {
		s.told = now
		c.tellUplink()
	}
}

// probes reports whether it is time to prove more. While another speaks, and nobody gets our picture, what is known will do: to fill the
// uplink and everybody's downlink for nothing would be dear.
func (s *sharing) probes() bool {
	listens := s.division.Mode == uplink.ActiveSpeaker && !s.request.Speaking
	return s.estimate.Growing && !(s.estimate.Proven && listens)
}

// observe takes the figures of all sessions. Those that are carried by another member are part of the session with him.
func (s *sharing) observe(now time.Time) {
	s.stats, s.sessions, s.counted = s.stats[:0], s.sessions[:0], s.counted[:0]
	for _, g := range s.legs {
		g.knowLink()
		session, u := g.link.peer.Session(), &g.uplink
		st := session.Stats()
		s.stats = append(s.stats, st)
		u.headers = uplink.HeadersIPv4
		at := session.FarAddr()
		if a := at.Addr(); a.Is6() && !a.Is4In6() && !rtmfp.IsDetour(at) {
			u.headers = uplink.HeadersIPv6
		}
		u.follow(now, st)
		if !st.Feedback {
			u.grant = g.pathRate(now, st)
		}
		s.sessions = append(s.sessions, uplink.Session{
			ID: u.id, Bytes: st.BytesSent, DataBytes: st.DataBytesSent, ArrivedBytes: st.DataBytesArrived,
			Datagrams: st.DatagramsSent, DataDatagrams: st.PacketsSent, Headers: u.headers, Grant: u.grant, Delivered: st.DeliveryRate,
			Queue: st.QueueDelay, Feedback: st.Feedback, Silent: now.Sub(st.LastReceived),
		})
		if !rtmfp.IsDetour(at) {
			s.counted = append(s.counted, s.sessions[len(s.sessions)-1])
		}
		g.link.carries.measure(now)
	}
}

// ask makes the request: who is there, what they show and take, what comes from them. u.mu is held.
func (s *sharing) ask(now time.Time, u *budgeting) {
	r := &s.request
	r.Camera, r.FPS, r.SmallHeight = defaultHeight, defaultRate, smallHeight
	if u.picture {
		r.Camera, r.FPS = u.height, u.fps
	}
	var sends bool
	if sends, r.Screen = s.legs[0].call.sendsPicture(); !sends {
		r.Camera = 0
	}
	r.Speaking = u.speaking || len(s.legs) == 1 // of two, each is the one whom the other wants to see
	r.Headers = 0
	s.receivers, s.incoming = s.receivers[:0], s.incoming[:0]
	for i, g := range s.legs {
		st := s.stats[i]
		v := uplink.Receiver{
			ID: g.uplink.id, Path: besideCarried(g.uplink.grant, g.link), Queue: st.QueueDelay > s.estimate.Queue+ownQueue, Tile: g.tile(),
			Focus: g.uplink.farShowing.Pinned, Repeats: g.uplink.repeats, Loss: s.lossOf(now, st),
			Files: g.call.files.waits(now, g.identity),
		}
		s.receivers = append(s.receivers, v)
		r.Headers = max(r.Headers, g.uplink.headers)
		if g.sendsPicture() {
			if shows := u.showsOf(g.PeerID()); shows.Height > 0 {
				s.incoming = append(s.incoming, incomingOf(shows))
			}
		}
	}
	r.Receivers, r.Incoming = s.receivers, s.incoming
}

// lossOf is what is lost on the way to a far end, but for what our full uplink loses: to send more would lose more.
func (s *sharing) lossOf(now time.Time, st rtmfp.Stats) float64 {
	if now.Sub(s.full) < lossOfQueue {
		return 0
	}
	return st.Loss
}

// incomingOf is the picture that comes if it is shown so: the usual one of the size, 360p at most.
func incomingOf(s Showing) uplink.Incoming {
	for _, size := range uplink.Sizes {
		if size.Height >= min(s.Height, defaultHeight) {
			return uplink.Incoming{Bitrate: (size.Least + size.Most) / 2, FPS: defaultRate}
		}
	}
	return uplink.Incoming{}
}

// sendsPicture reports whether the far end sends one, as far as we know.
func (g *leg) sendsPicture() bool {
	g.call.mu.Lock()
	defer g.call.mu.Unlock()
	return g.says.PeerID == (flash.PeerID{}) || g.says.Picture
}

// sendsPicture reports whether we do, and whether it is the screen, as far as SetState has said.
func (c *Call) sendsPicture() (sends, screen bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.stateSet || c.ownState.Picture, c.ownState.Screen
}

// shown is what we ask the members for, since the division may be for less than the user is shown. As long as it is not known what our
// uplink carries we ask for all: who waits for that waits for members who wait for him. u.mu is held.
func (s *sharing) shown(u *budgeting) []Showing {
	all := make([]Showing, len(s.legs))
	speaker := slices.IndexFunc(s.legs, func(g *leg) bool { return g.PeerID() == u.speaker })
	if speaker < 0 {
		speaker = max(0, slices.IndexFunc(s.legs, (*leg).sendsPicture))
	}
	for i, g := range s.legs {
		if s.division.Mode == uplink.Everyone || s.estimate.Beginning || s.division.Mode == uplink.ActiveSpeaker && i == speaker {
			all[i] = u.showsOf(g.PeerID())
		}
	}
	return all
}

// tellUplink says how the uplink is used.
func (c *Call) tellUplink() {
	s := &c.sharing
	now := Uplink{
		Line: uplink.Line(s.division), Summary: uplink.Summary(s.division, s.estimate),
		Refusal: uplink.Refusal(s.request, s.division, s.estimate),
		Rate:    int(s.estimate.Carries), Sent: int(s.estimate.Used), Mode: s.division.Mode,
	}
	if s.told.Sub(s.began) < firstLook && !s.estimate.Proven && !s.estimate.Capped {
		now.Refusal = ""
	}
	for _, g := range s.legs {
		p := UplinkShare{PeerID: g.PeerID(), Layers: g.uplink.share.Layers, Bits: int(g.uplink.share.Cost)}
		switch {
		case p.Layers == 0:
		case g.uplink.share.Large:
			p.Height = s.division.Large.Size.Height
		default:
			p.Height = s.division.Small.Size.Height
		}
		now.PerPeer = append(now.PerPeer, p)
	}
	if !s.alone {
		c.agent.rememberUplink(s.estimate.Carries)
	}
	c.uplink.mu.Lock()
	if c.uplink.limit > 0 {
		now.Cap = int(c.uplink.limit)
	}
	before := c.uplink.now
	c.uplink.now = now
	c.uplink.mu.Unlock()
	if before.Line != now.Line || before.Summary != now.Summary || before.Refusal != now.Refusal || before.Mode != now.Mode {
		c.events.put(UplinkChanged{})
	}
}

// uplinkUnused forgets what the others got of the uplink, once all of them have gone.
func (c *Call) uplinkUnused() {
	u := &c.uplink
	u.mu.Lock()
	was := u.now
	if len(was.PerPeer) > 0 {
		u.now = Uplink{Rate: was.Rate, Cap: was.Cap, Mode: was.Mode}
	}
	u.mu.Unlock()
	if len(was.PerPeer) > 0 {
		c.events.put(UplinkChanged{})
	}
}
