package mesh

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"
	"time"

	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/mesh/room/incall"
	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/mesh/uplink"
)

// claimsToHearNobody has a member report, as its program does in calm weather, that all his links are broken, that he would carry
// everybody, and that he doubts all carriers.
func (m *meeting) claimsToHearNobody(liar int) {
	c := m.calls[liar]
	_ = c.ask(func() error {
		now, f := time.Now(), c.conf
		links := map[trust.Identity]room.Link{}
		var all []trust.Identity
		var doubts []room.Doubt
		for i, p := range m.phones {
			who := identityOf(p.key)
			if i == liar {
				continue
			}
			links[who] = room.Link{State: room.Broken}
			all = append(all, who)
			for j, o := range m.phones {
				if j != liar && j != i {
					doubts = append(doubts, room.Doubt{With: who, Carrier: identityOf(o.key)})
				}
			}
		}
		f.links.Doubts(doubts)
		report, err := f.links.Report(now, f.links.incarnation, links, room.MaxCarried)
		if err != nil {
			return err
		}
		f.links.at = now // so that the truth is not told meanwhile
		c.deliverRoom([]room.Send{{To: all, Message: report}})
		return nil
	})
}

// floods has a member send everybody as many messages as go out, of all kinds, for a moment.
func (m *meeting) floods(liar, turn int) {
	c := m.calls[liar]
	for i, p := range m.phones {
		if i == liar {
			continue
		}
		n := uint32(time.Now().Unix()) + uint32(turn)
		var offer incall.Offer
		offer.Size, offer.Name = 1<<40, "x"
		binary.BigEndian.PutUint32(offer.ID[:], n)
		g := c.legWith(p.id)
		for _, msg := range []incall.Message{
			incall.Showing{Sequence: n + 1000, Width: math.MaxUint16, Height: math.MaxUint16, Pinned: true},
			incall.State{Sequence: n + 1000, Sound: true, Picture: true, Screen: true, Hand: turn%2 == 0, Speaking: true},
			incall.Reaction{Sequence: n + 1000, Emoji: "x"},
			incall.Chat{ID: [8]byte{byte(turn), byte(turn >> 8)}, Sequence: uint64(n), Text: strings.Repeat("x", 1000)},
			offer,
			incall.Request{ID: offer.ID, Ranges: []FileRange{{From: 0, To: 1 << 20}}},
		} {
			_ = g.link.sendRoom(c.callID(), msg.Append(nil)) // as much as there is room for
		}
		for range 20 {
			_ = g.link.send(signal{kind: sigKeyFrame, call: c.callID()})
		}
	}
}

// One of four lies to the others: in what arrives of theirs, and when; in whom he hears; in what he shows; or he says more than anybody wants to
// know. The others hear and see each other as though he told the truth, and no uplink is full.
func TestAMemberWhoLiesHarmsNobodyElse(t *testing.T) {
	const liar = 3
	for name, c := range map[string]struct {
		arrives  func(kind byte, payload []byte) []byte
		downlink float64                    // of his, in bit/s
		says     func(m *meeting, turn int) // twenty times a second
	}{
		"all arrives":      {arrives: arrivesWhole, downlink: 600e3},
		"nothing arrives":  {arrives: arrivesNothing},
		"all arrives late": {arrives: arrivesLate},
		"he hears nobody, and floods": {says: func(m *meeting, turn int) {
			if turn%10 == 0 {
				m.claimsToHearNobody(liar)
			}
			m.floods(liar, turn)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.liars = map[int]*lyingProfile{liar: {}}
				m := w.meet(4)
				for _, p := range m.phones {
					p.home.setUplink(2.25e6) // a little less than three good pictures want
				}
				time.Sleep(4 * time.Second)
				if c.downlink > 0 {
					m.phones[liar].home.setDownlink(c.downlink)
				}
				if c.arrives != nil {
					w.liars[liar].tell(c.arrives)
				}
				begin := time.Now()
				for turn := range 60 {
					if c.says != nil {
						c.says(m, turn)
					}
					time.Sleep(50 * time.Millisecond)
				}
				end := time.Now()
				others := m.streams(func(from, to int) bool { return from != liar && to != liar })
				concealed, fps := m.worst(others, wantedHeight, begin, end)
				t.Logf("among the others: %.2f %% of the sound concealed, %.1f pictures a second", concealed*100, fps)
				if concealed > mostConcealed || fps < leastFPS {
					t.Error("the others suffer")
				}
				concealed, fps = m.worst(m.streams(func(from, to int) bool { return from == liar }), uplink.Sizes[0].Height, begin, end)
				t.Logf("of the liar: %.2f %% of the sound concealed, %.1f pictures a second", concealed*100, fps)
				for i, p := range m.phones[:liar] {
					p95, rate, _, _ := p.home.used(begin, end)
					t.Logf("%s: %.2f Mbit/s, queue p95 %v; %s", p.name, rate/1e6, p95.Round(time.Millisecond), m.calls[i].Uplink().Summary)
					if p95 > narrowQueue {
						t.Error("its uplink is full")
					}
				}
			})
		})
	}
}
