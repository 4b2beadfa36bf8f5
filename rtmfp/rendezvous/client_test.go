package rendezvous

import (
	"context"
	"errors"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
)

// ended waits until the service has closed the phone's session.
func (p *phone) ended(within time.Duration) bool {
	select {
	case <-p.session.Done():
		return true
	case <-time.After(within):
		return false
	}
}

func TestSessionsThatNeverConnectAreClosed(t *testing.T) {
	for name, prepare := range map[string]func(p *phone){
		"nothing is sent": func(*phone) {},
		"a flow without a command": func(p *phone) {
			p.open()
			p.sendMessage(flash.MessageAudio, []byte{1})
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w world) {
				p := w.phone("198.51.100.1:5000")
				prepare(p)
				if p.ended(connectTimeout / 2) {
					t.Fatal("closed too early")
				}
				if !p.ended(connectTimeout) {
					t.Fatal("never closed")
				}
				if !errors.Is(p.session.Err(), rtmfp.ErrClosed) {
					t.Errorf("ended by %v", p.session.Err())
				}
				time.Sleep(time.Minute)
				if s := w.service.Stats(); s.Sessions != 0 {
					t.Errorf("stats %+v", s)
				}
			})
		})
	}
}

func TestWhatEndsAConnection(t *testing.T) {
	for name, misbehave := range map[string]func(p *phone){
		"a command before connect": func(p *phone) {
			p.open()
			p.send(flash.Command{Name: "relay", Args: []amf.Value{"x"}})
		},
		"too large a command": func(p *phone) {
			p.connect(nil)
			p.sendMessage(flash.MessageCommand, make([]byte, maxCommand+1))
		},
		"the end of the control flow": func(p *phone) {
			p.connect(nil)
			_ = p.flow.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w world) {
				p := w.phone("198.51.100.1:5000")
				misbehave(p)
				if !p.ended(5 * time.Second) {
					t.Fatal("still open")
				}
				if s := w.service.Stats(); s.Clients != 0 {
					t.Errorf("stats %+v", s)
				}
			})
		})
	}
}

func TestNonsenseIsPassedOver(t *testing.T) {
	inWorld(t, func(w world) {
		p := w.connected("198.51.100.1:5000")
		for _, m := range []struct {
			t       flash.MessageType
			payload string
		}{
			{flash.MessageAudio, "\xb2abc"},
			{flash.MessageCommand, ""},
			{flash.MessageCommand, "\xff\xff"},
			{flash.MessageCommandExtended, "\x07"},
			{flash.MessageUserControl, "\x00\x03"},
			{1, "\x00\x00\x10\x00"},
			{flash.MessageCommand, "\x02\x00\x05relay"},
			{255, ""},
		} {
			p.sendMessage(m.t, []byte(m.payload))
		}
		if _, err := p.flow.Write(context.Background(), []byte{20}, rtmfp.MessageOptions{}); err != nil {
			t.Fatal(err)
		}
		p.send(flash.Command{Name: "hello", Transaction: 9})
		if got := p.next(); got.Transaction != 9 {
			t.Errorf("got %+v", got)
		}
	})
}

func TestFlowsThatAreNoControlFlowsAreRejected(t *testing.T) {
	inWorld(t, func(w world) {
		p := w.connected("198.51.100.1:5000")
		rejected := func(name string, metadata []byte, opt rtmfp.FlowOptions) {
			t.Helper()
			flow, err := p.session.OpenFlow(metadata, opt)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := flow.Write(context.Background(), []byte{20, 0, 0, 0, 0}, rtmfp.MessageOptions{}); err != nil {
				t.Fatal(err)
			}
			select {
			case <-flow.Done():
				var exception *rtmfp.FlowException
				if !errors.As(flow.Err(), &exception) {
					t.Errorf("%s: ended by %v", name, flow.Err())
				}
			case <-time.After(5 * time.Second):
				t.Errorf("%s: not rejected", name)
			}
		}
		rejected("another stream", flash.AppendMetadata(nil, 2000001, false), rtmfp.FlowOptions{ReturnOf: p.reply})
		rejected("a group", []byte("GC"), rtmfp.FlowOptions{})
		rejected("no metadata", nil, rtmfp.FlowOptions{})
		rejected("a second connection", flash.AppendMetadata(nil, 0, false), rtmfp.FlowOptions{})

		second, err := p.session.OpenFlow(flash.AppendMetadata(nil, 0, false), rtmfp.FlowOptions{ReturnOf: p.reply})
		if err != nil {
			t.Fatal(err)
		}
		first := p.flow
		p.flow = second
		p.send(flash.Command{Name: "hello", Transaction: 3})
		if got := p.next(); got.Transaction != 3 {
			t.Errorf("over a further control flow: %+v", got)
		}
		p.flow = first
		p.send(flash.Command{Name: "hello", Transaction: 4})
		if got := p.next(); got.Transaction != 4 {
			t.Errorf("over the first control flow: %+v", got)
		}
	})
}

func TestWhoeverComesBackReplacesTheOldSession(t *testing.T) {
	inWorld(t, func(w world) {
		identity := w.identity()
		phoneAt := func(addr string) *phone {
			conn, err := w.net.Listen(ap(addr))
			if err != nil {
				t.Fatal(err)
			}
			p := w.phoneOn(conn, identity)
			p.connect(nil)
			return p
		}
		old := phoneAt("198.51.100.1:5000")
		back := phoneAt("198.51.100.9:6000")
		if !old.ended(10 * time.Second) {
			t.Error("the old session is still open")
		}
		ann := w.connected("198.51.100.2:5000")
		ann.send(flash.Command{Name: "relay", Args: []amf.Value{back.id.String(), "invite"}})
		if got := back.next(); got.Name != "onRelay" {
			t.Errorf("got %+v", got)
		}
		if s := w.service.Stats(); s.Clients != 2 {
			t.Errorf("stats %+v", s)
		}
	})
}

func TestAClientThatFallsSilentIsForgotten(t *testing.T) {
	inWorld(t, func(w world) {
		conn, err := w.net.Listen(ap("198.51.100.1:5000"))
		if err != nil {
			t.Fatal(err)
		}
		p := w.phoneOn(conn, w.identity())
		p.connect(nil)
		_ = conn.Close()
		time.Sleep(sessionKeepalive + sessionTimeout + 20*time.Second)
		if s := w.service.Stats(); s.Clients != 0 || s.Sessions != 0 {
			t.Errorf("stats %+v", s)
		}
	})
}

func TestAClientThatOnlyKeepsAliveStays(t *testing.T) {
	inWorld(t, func(w world) {
		p := w.connected("198.51.100.1:5000")
		p.session.SetKeepalive(keepaliveOpen)
		if p.ended(time.Hour) {
			t.Fatalf("ended by %v", p.session.Err())
		}
		p.send(flash.Command{Name: "hello", Transaction: 3})
		if got := p.next(); got.Transaction != 3 {
			t.Errorf("got %+v", got)
		}
	})
}

func TestCloseTellsTheClients(t *testing.T) {
	inWorld(t, func(w world) {
		p := w.connected("198.51.100.1:5000")
		if err := w.service.Close(); err != nil {
			t.Fatal(err)
		}
		if !p.ended(5*time.Second) || !errors.Is(p.session.Err(), rtmfp.ErrClosed) {
			t.Errorf("ended by %v", p.session.Err())
		}
	})
}
