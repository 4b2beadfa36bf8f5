package rtmfp

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// sharedUplink is a node whose uplink carries 1 Mbit/s, with sessions to five others, and for each of them a flow of sound and one of
// pictures.
type sharedUplink struct {
	w        *world
	sessions []*Session
	sound    []*SendFlow
	pictures []*SendFlow
	noCamera bool // there are no pictures to send

	mu   sync.Mutex
	seen sharedSeen
}

// sharedSeen is what has come of it.
type sharedSeen struct {
	sound, pictures time.Duration // the latest to arrive
	count           [sharedBy]int // of pictures
	queue           time.Duration // the longest at the uplink
}

// saw is what has been seen since the last time.
func (u *sharedUplink) saw() sharedSeen {
	u.mu.Lock()
	defer u.mu.Unlock()
	seen := u.seen
	u.seen = sharedSeen{}
	return seen
}

// sees notes something.
func (u *sharedUplink) sees(note func(*sharedSeen)) {
	u.mu.Lock()
	defer u.mu.Unlock()
	note(&u.seen)
}

const sharedBy = 5

func newSharedUplink(t *testing.T) *sharedUplink {
	u := &sharedUplink{w: newWorld(t, vnet.Link{Latency: 20 * time.Millisecond})}
	a := u.w.node("a", addrA)
	up := u.w.net.Bottleneck(vnet.Queue{Rate: 125e3, Time: time.Second, Overhead: 28})
	up.Observe(func(p vnet.Passage) { u.sees(func(s *sharedSeen) { s.queue = max(s.queue, p.Delay) }) })
	for i := range sharedBy {
		at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(10 + i)}), 2000)
		u.w.net.SetLink(addrA.Addr(), at.Addr(), vnet.Link{Latency: 20 * time.Millisecond, Bottleneck: up})
		near, far := u.w.connect(a, u.w.node(fmt.Sprint("far", i), at))
		u.sessions = append(u.sessions, near)
		open := func(p Priority, came func(*sharedSeen, time.Duration)) *SendFlow {
			out, in := u.w.flow(near, far, FlowOptions{Priority: p})
			in.SetOrder(NetworkOrder)
			go func() {
				for {
					m, err := in.Read(context.Background())
					if err != nil {
						return
					}
					sent, err := time.Parse(time.RFC3339Nano, string(m[:len(sentAt)]))
					if err != nil {
						t.Error(err)
					}
					late := time.Since(sent)
					u.sees(func(s *sharedSeen) { came(s, late) })
				}
			}()
			return out
		}
		u.sound = append(u.sound, open(PriorityAudio, func(s *sharedSeen, late time.Duration) { s.sound = max(s.sound, late) }))
		u.pictures = append(u.pictures, open(PriorityVideo, func(s *sharedSeen, late time.Duration) { s.pictures = max(s.pictures, late); s.count[i]++ }))
	}
	return u
}

const sentAt = "2006-01-02T15:04:05.000000000Z"

// send sends sound each 20 ms and a picture to all of them each 120 ms, 620 kbit/s in all, and says the same of them all the time.
func (u *sharedUplink) send(t *testing.T, d time.Duration, said Coupling) {
	t.Helper()
	write := func(f *SendFlow, size int) {
		m := make([]byte, size)
		copy(m, time.Now().UTC().Format(sentAt))
		if _, err := f.Write(context.Background(), m, MessageOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range int(d / (20 * time.Millisecond)) {
		for k, s := range u.sessions {
			if said != (Coupling{}) {
				s.Couple(said)
			}
			write(u.sound[k], 60)
			if i%6 == 0 && !u.noCamera {
				write(u.pictures[k], 1000)
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Pictures that go to all at the same moment stand in the uplink's queue all at once, and sound behind them. Sessions that are told what
// they may send together send them one after the other; all get as many.
func TestPicturesOverASharedUplinkTakeTurns(t *testing.T) {
	for _, c := range []struct {
		name         string
		together     float64
		queue, sound time.Duration // at most
		atLeast      time.Duration // the queue
	}{
		{"each by itself", 0, time.Second, time.Second, 30 * time.Millisecond},
		{"together", 0.9e6, 20 * time.Millisecond, 45 * time.Millisecond, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := newSharedUplink(t)
				said := Coupling{Together: c.together, Headers: 28}
				u.send(t, 2*time.Second, said)
				u.saw()
				u.send(t, 6*time.Second, said)
				saw := u.saw()
				t.Logf("queue %v at most; sound %v late at most, pictures %v; %v pictures", saw.queue, saw.sound, saw.pictures, saw.count)
				if saw.queue > c.queue || saw.queue < c.atLeast || saw.sound > c.sound || saw.pictures > 200*time.Millisecond {
					t.Error("not what was to be")
				}
				for i, n := range saw.count {
					if n < 48 {
						t.Errorf("%d pictures of 50 came to %d", n, i)
					}
				}
			})
		})
	}
}

// While less may be sent together than pictures take, sound goes on as usual, and those that wait get alike. Once nothing is said any more
// they all go.
func TestWhoWaitsForHisTurnGetsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newSharedUplink(t)
		u.send(t, 2*time.Second, Coupling{Together: 0.9e6, Headers: 28})
		u.saw()
		u.send(t, 3*time.Second, Coupling{Together: 0.45e6, Headers: 28})
		saw := u.saw()
		t.Logf("sound %v late at most; %v pictures", saw.sound, saw.count)
		if saw.sound > 45*time.Millisecond {
			t.Error("sound waited for pictures")
		}
		for i, n := range saw.count {
			if n < 5 || n > 22 || n < saw.count[0]-3 || n > saw.count[0]+3 {
				t.Errorf("%d pictures of 25 came to %d", n, i)
			}
		}
		// One that waits ends: the others go on.
		if err := u.sessions[0].Abort(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * coupleLifetime)
		if got := u.saw().count[1]; got < 3 {
			t.Errorf("%d pictures that waited came once nothing was said any more", got)
		}
	})
}

// While sound alone takes more than may be sent together, what waits for its turn has it now and then all the same: what is reliable is not
// to wait until the uplink is better.
func TestSoundDoesNotStarveWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newSharedUplink(t)
		u.noCamera = true
		said := Coupling{Together: 150e3, Headers: 28}
		u.send(t, time.Second, said)
		var signals [sharedBy]*Receipt
		for i, s := range u.sessions {
			f, err := s.OpenFlow([]byte("signals"), FlowOptions{Priority: PriorityData})
			if err != nil {
				t.Fatal(err)
			}
			signals[i] = u.w.write(f, "signal")
		}
		u.saw()
		u.send(t, 4*time.Second, said)
		for i, r := range signals {
			if _, delivered := r.Settled(); !delivered {
				t.Errorf("what waited in session %d has not come", i)
			}
		}
		if saw := u.saw(); saw.sound > 45*time.Millisecond {
			t.Errorf("sound %v late at most", saw.sound)
		}
	})
}

// A pacer that has not been asked for an hour, as when the machine was suspended, has saved up no more than usual.
func TestNobodySavesUpAnHour(t *testing.T) {
	var p sharedPacer
	now := time.Now()
	p.allow(1e6, now)
	p.allow(1e6, now.Add(time.Hour))
	if most := 1e6 / 8 * sharedCredit.Seconds(); p.tokens > most {
		t.Errorf("%.0f bytes of credit, %.0f at most", p.tokens, most)
	}
}
