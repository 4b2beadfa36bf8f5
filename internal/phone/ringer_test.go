package phone

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"sundog.dev/sundog/media"
	"sundog.dev/sundog/mesh"
)

// speakers counts the loudspeakers that are open; what they play goes to a file.
type speakers struct {
	dir    string
	opened atomic.Int32
}

func (s *speakers) open(ctx context.Context, spec string) (*media.Player, error) {
	if spec != "default" {
		return media.OpenPlayer(ctx, spec)
	}
	return media.OpenPlayer(ctx, fmt.Sprintf("file:%s/%d.wav", s.dir, s.opened.Add(1)))
}

// first is what was played first: the ring, before a call's sound.
func (s *speakers) first() string { return filepath.Join(s.dir, "1.wav") }

// loud reports whether the loudspeaker that was opened first has played a sound and is closed.
func (s *speakers) loud() bool {
	b, err := os.ReadFile(s.first())
	if err != nil || len(b) < 44+2 || binary.LittleEndian.Uint32(b[40:]) == 0 {
		return false
	}
	for _, v := range b[44:] {
		if v != 0 {
			return true
		}
	}
	return false
}

func TestPhoneRingsUntilTheCallIsTakenOrGone(t *testing.T) {
	for _, c := range []struct {
		name string
		act  func(out, in *Call)
	}{
		{"taken", func(_, in *Call) { _ = in.Accept() }},
		{"declined", func(_, in *Call) { in.HangUp() }},
		{"cancelled", func(out, _ *Call) { out.HangUp() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			ada, bob := w.phone(t, "ada", Sources{Speaker: "default"}, AcceptNone), w.phone(t, "bob", Sources{Speaker: "default"}, AcceptAnyone)
			var heard [2]speakers
			for i, p := range []*Phone{ada, bob} {
				heard[i].dir = t.TempDir()
				p.media.open.player = heard[i].open
				p.ringer = newRinger(p.media)
			}
			out, err := ada.Call("bob")
			if err != nil {
				t.Fatal(err)
			}
			in := incoming(t, bob)
			for _, call := range []*Call{out, in} {
				ctx, cancel := context.WithCancel(context.Background())
				ended := make(chan struct{})
				defer func() { cancel(); <-ended }()
				go func() {
					defer close(ended)
					for {
						if _, err := call.Next(ctx); err != nil {
							return
						}
					}
				}()
			}
			for i, who := range []string{"the caller", "the callee"} {
				eventually(t, who+"'s loudspeaker rings", func() bool {
					info, err := os.Stat(heard[i].first())
					return err == nil && info.Size() > 8192
				})
			}
			c.act(out, in)
			for i, who := range []string{"the caller", "the callee"} {
				eventually(t, who+"'s ring has ended", func() bool { return heard[i].loud() })
			}
			for i, p := range []*Phone{ada, bob} {
				if n := heard[i].opened.Load(); n > 2 {
					t.Errorf("the loudspeaker was opened %d times", n)
				}
				if ring := p.ringer.wanted(); ring != nil {
					t.Error("it goes on ringing")
				}
			}
		})
	}
}

func TestCallsThatComeInAreHeardFirst(t *testing.T) {
	r := newRinger(newMediaRoom(Sources{}, mesh.DefaultMaxPeers, nil))
	defer r.close()
	out, in := &Call{}, &Call{}
	r.follow(out, Status{State: mesh.Calling})
	if r.wanted() != nil {
		t.Error("a call that does not ring yet is heard")
	}
	r.follow(out, Status{State: mesh.Calling, Detail: mesh.DetailRinging})
	if r.wanted() != r.ringback {
		t.Error("no ringback")
	}
	r.follow(in, Status{State: mesh.Ringing})
	if r.wanted() != r.ring {
		t.Error("no ring")
	}
	r.follow(in, Status{State: Ended})
	r.follow(out, Status{State: mesh.Connecting})
	if r.wanted() != nil {
		t.Error("it goes on ringing")
	}
}
