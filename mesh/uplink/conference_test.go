package uplink

import (
	"context"
	"encoding/binary"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// What each member of a conference has.
const (
	homeUplink   = 5e6  // bit/s
	homeDownlink = 30e6 // bit/s
	homeQueue    = 100 * ms
	homeLatency  = 20 * ms
	tileHeight   = 360
)

// conference is a mesh of members on a network in memory: real endpoints and sessions, each member behind an uplink and a
// downlink of its own, and media that are nothing but bytes. It belongs into a testing/synctest bubble.
type conference struct {
	t       *testing.T
	net     *vnet.Network
	begin   time.Time
	ctx     context.Context
	cancel  context.CancelFunc
	wg      sync.WaitGroup
	members []*member
	cameras []int
	speaker atomic.Int32
}

// member is one of them. Its goroutine sends and divides; others read what comes.
type member struct {
	c        *conference
	index    int
	end      *rtmfp.Endpoint
	profile  *flashcrypto.Profile
	up, down *vnet.Bottleneck
	capacity float64 // of its uplink, bit/s
	peers    []*peer // by index; nil for itself
	shows    []atomic.Int32

	estimator *Estimator
	steady    *Steady
	estimate  Estimate
	division  Division
	encoders  map[int]*layeredEncoder // by height
	sounds    uint32
	silent    atomic.Bool

	mu      sync.Mutex
	packets []passage
	divided Division // the last one
}

// passage is a packet at a member's uplink.
type passage struct {
	at    time.Duration
	size  int
	delay time.Duration
	lost  bool
}

// peer is another member, as a member sees it.
type peer struct {
	session                *rtmfp.Session
	sound, picture, filler *rtmfp.SendFlow
	height                 int     // of the picture it gets
	junk                   float64 // bytes of no use that may be sent
	heard                  *hearing
}

// newConference begins a conference of members with such uplinks. The members in cameras have one; none named: all.
func newConference(t *testing.T, uplinks []float64, cameras ...int) *conference {
	c := &conference{t: t, net: vnet.New(1), cameras: cameras}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	for i, rate := range uplinks {
		c.members = append(c.members, c.member(i, rate, len(uplinks)))
	}
	for _, a := range c.members {
		for _, b := range c.members {
			if a != b {
				c.net.SetLink(a.addr().Addr(), b.addr().Addr(), vnet.Link{Latency: homeLatency, Bottleneck: a.up, Downlink: b.down})
			}
		}
	}
	c.connect()
	c.begin = time.Now()
	for _, m := range c.members {
		c.wg.Go(m.run)
	}
	return c
}

func (c *conference) close() {
	c.cancel()
	c.wg.Wait()
	for _, m := range c.members {
		_ = m.end.Close()
	}
	c.net.Close()
}

func (c *conference) hasCamera(i int) bool {
	return len(c.cameras) == 0 || slices.Contains(c.cameras, i)
}

func (c *conference) now() time.Duration { return time.Since(c.begin) }

func (m *member) addr() netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(m.index + 1)}), 1000)
}

func (c *conference) member(i int, uplink float64, members int) *member {
	m := &member{
		c: c, index: i, capacity: uplink, peers: make([]*peer, members), shows: make([]atomic.Int32, members),
		estimator: NewEstimator(uplink), steady: NewSteady(), encoders: map[int]*layeredEncoder{},
	}
	conn, err := c.net.Listen(m.addr())
	if err != nil {
		c.t.Fatal(err)
	}
	if m.profile, err = flashcrypto.NewProfile(flashcrypto.Options{Groups: []flashcrypto.Group{flashcrypto.Group31}}); err != nil {
		c.t.Fatal(err)
	}
	if m.end, err = rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: m.profile}); err != nil {
		c.t.Fatal(err)
	}
	m.up = c.net.Bottleneck(vnet.Queue{Rate: int(uplink / 8), Time: homeQueue, Overhead: HeadersIPv4})
	m.down = c.net.Bottleneck(vnet.Queue{Rate: homeDownlink / 8, Time: homeQueue, Overhead: HeadersIPv4})
	m.up.Observe(func(p vnet.Passage) {
		if c.begin.IsZero() {
			return
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		m.packets = append(m.packets, passage{p.At.Sub(c.begin), p.Size, p.Delay, p.Dropped})
	})
	for j := range m.shows {
		m.shows[j].Store(tileHeight)
	}
	return m
}

// connect opens all sessions: each member dials those behind it.
func (c *conference) connect() {
	var wg sync.WaitGroup
	ctx, cancel := context.WithTimeout(c.ctx, 20*time.Second)
	defer cancel()
	for i, m := range c.members {
		for j := i + 1; j < len(c.members); j++ {
			wg.Go(func() {
				s, err := m.end.Dial(ctx, c.members[j].profile.Fingerprint().EPD(), c.members[j].end.LocalAddr())
				if err != nil {
					c.t.Error(err)
					return
				}
				m.meet(j, s)
			})
		}
		wg.Go(func() {
			for range i {
				s, err := m.end.Accept(ctx)
				if err != nil {
					c.t.Error(err)
					return
				}
				m.meet(int(s.FarAddr().Addr().As4()[3])-1, s)
			}
		})
	}
	wg.Wait()
	if c.t.Failed() {
		c.t.FailNow()
	}
}

// meet takes a session with another member into use.
func (m *member) meet(other int, s *rtmfp.Session) {
	p := &peer{session: s, heard: newHearing(m, other)}
	open := func(priority rtmfp.Priority) *rtmfp.SendFlow {
		f, err := s.OpenFlow([]byte{byte(priority)}, rtmfp.FlowOptions{Priority: priority})
		if err != nil {
			m.c.t.Error(err)
		}
		return f
	}
	p.sound, p.picture, p.filler = open(rtmfp.PriorityAudio), open(rtmfp.PriorityVideo), open(rtmfp.PriorityBackground)
	m.peers[other] = p
	m.c.wg.Go(func() {
		for {
			f, err := s.AcceptFlow(m.c.ctx)
			if err != nil {
				return
			}
			f.SetOrder(rtmfp.NetworkOrder)
			kind := rtmfp.Priority(f.Metadata()[0])
			m.c.wg.Go(func() {
				for {
					b, err := f.Read(m.c.ctx)
					if err != nil {
						return
					}
					p.heard.take(kind, b)
				}
			})
		}
	})
}

// run sends sound, pictures and what is to be proven, and divides the uplink, until the conference ends.
func (m *member) run() {
	time.Sleep(time.Duration(m.index) * 1700 * time.Microsecond) // nobody's clock ticks with another's
	var due [3]time.Duration
	for m.c.ctx.Err() == nil {
		now := m.c.now()
		if now >= due[0] {
			due[0] += tick
			m.divide(now)
		}
		if now >= due[1] {
			due[1] += m.division.Sound.Packet
			m.sendSound(now)
			m.sendFiller()
		}
		if now >= due[2] {
			due[2] += time.Second / 30
			m.sendPictures(now)
		}
		time.Sleep(max(min(due[0], due[1], due[2])-m.c.now(), 0))
	}
}

// divide looks at the sessions and decides anew who gets what.
func (m *member) divide(now time.Duration) {
	var sessions []Session
	r := Request{Speaking: int(m.c.speaker.Load()) == m.index}
	if m.c.hasCamera(m.index) {
		r.Camera = tileHeight
	}
	for j, p := range m.peers {
		if p == nil {
			continue
		}
		st := p.session.Stats()
		id := strconv.Itoa(j)
		sessions = append(sessions, Session{
			ID: id, Bytes: st.BytesSent, DataBytes: st.DataBytesSent, ArrivedBytes: st.DataBytesArrived,
			Datagrams: st.DatagramsSent, DataDatagrams: st.PacketsSent, Grant: st.SendRate, Delivered: st.DeliveryRate,
			Queue: st.QueueDelay, Feedback: st.Feedback, Silent: time.Since(st.LastReceived),
		})
		r.Receivers = append(r.Receivers, Receiver{ID: id, Path: st.SendRate, Tile: int(m.c.members[j].shows[m.index].Load()), Loss: st.Loss, Queue: st.QueueDelay > m.estimate.Queue+ownQueue})
		if m.c.hasCamera(j) {
			r.Incoming = append(r.Incoming, Incoming{450e3, 30})
		}
	}
	m.estimate = m.estimator.Observe(now, sessions)
	r.Uplink, r.Carries, r.Probe = m.estimate.Rate, m.estimate.Carries, m.estimate.Growing
	m.division = m.steady.Divide(now, r)
	k := 0
	for _, p := range m.peers {
		if p != nil {
			p.session.Couple(rtmfp.Coupling{Queue: m.estimate.Queue, Rate: m.division.Cap(k, m.estimate), Losing: m.estimate.Draining})
			k++
		}
	}
	m.mu.Lock()
	m.divided = m.division
	m.mu.Unlock()
	for j := range m.shows {
		tile := int32(tileHeight)
		if m.division.Mode < ActiveSpeaker || m.division.Mode == ActiveSpeaker && int(m.c.speaker.Load()) != j {
			tile = 0
		}
		m.shows[j].Store(tile)
	}
}

// ended is for writes that do not wait.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// sendSound sends the next packet of sound to all, as large as the phone's.
func (m *member) sendSound(now time.Duration) {
	if m.silent.Load() {
		return
	}
	s := m.division.Sound
	b := make([]byte, int(float64(s.Bitrate)/8*s.Packet.Seconds())+messageOverhead)
	m.sounds++
	binary.BigEndian.PutUint32(b, m.sounds)
	binary.BigEndian.PutUint64(b[4:], uint64(now))
	for j, p := range m.peers {
		if p != nil {
			m.c.members[j].peers[m.index].heard.expect(now)
			_, _ = p.sound.Write(ended, b, rtmfp.MessageOptions{DeliverBy: time.Now().Add(soundLifetime)})
		}
	}
}

// sendFiller sends what is of no use but to prove that the uplink and the paths carry it.
func (m *member) sendFiller() {
	k := -1
	for _, p := range m.peers {
		if p == nil {
			continue
		}
		k++
		filler := m.division.Shares[k].Filler
		if filler == 0 {
			p.junk = 0
			continue
		}
		for p.junk += filler / 8 * m.division.Sound.Packet.Seconds(); p.junk > fillerSize; p.junk -= fillerSize {
			_, _ = p.filler.Write(ended, make([]byte, fillerSize-picturePacketOverhead-HeadersIPv4),
				rtmfp.MessageOptions{StartBy: time.Now().Add(50 * ms), NoRetransmit: true})
		}
	}
}

// setUplink changes the capacity of the uplink.
func (m *member) setUplink(bits float64) {
	m.capacity = bits
	m.up.SetRate(int(bits / 8))
}

// uplink is the 95th percentile of the queue at the uplink between two moments, what went over it, in bit/s, and how many packets
// were lost there.
func (m *member) uplink(from, to time.Duration) (p95 time.Duration, rate float64, lost int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var delays []time.Duration
	for _, p := range m.packets {
		switch {
		case p.at < from || p.at >= to:
		case p.lost:
			lost++
		default:
			delays = append(delays, p.delay)
			rate += float64(p.size) * 8 / (to - from).Seconds()
		}
	}
	if len(delays) == 0 {
		return 0, 0, lost
	}
	slices.Sort(delays)
	return delays[len(delays)*95/100], rate, lost
}
