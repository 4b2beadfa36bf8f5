package rendezvous

import (
	"context"
	"errors"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
)

func TestTheServiceCarriesNoStreams(t *testing.T) {
	inWorld(t, func(w world) {
		nc := w.netConnection("198.51.100.1:5000")
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		s, err := nc.CreateStream(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var refusal *flash.StatusError
		if err := s.Publish(ctx, "me", flash.PublishLive); !errors.As(err, &refusal) || refusal.Status.Code != flash.CodePublishBadName || refusal.Status.Level != flash.LevelError {
			t.Errorf("publish: %v", err)
		}
		if err := s.Play(ctx, "me"); !errors.As(err, &refusal) || refusal.Status.Code != flash.CodePlayFailed || refusal.Status.Level != flash.LevelError {
			t.Errorf("play: %v", err)
		}
		if !nc.Connected() {
			t.Error("the refusal ended the connection")
		}
	})
}

func TestTheServiceAnswersInTheEncodingAskedFor(t *testing.T) {
	inWorld(t, func(w world) {
		for _, tt := range []struct {
			addr string
			asks amf.Value
			want flash.MessageType
		}{
			{"198.51.100.1:5000", nil, flash.MessageCommand},
			{"198.51.100.2:5000", 0, flash.MessageCommand},
			{"198.51.100.3:5000", 3, flash.MessageCommandExtended},
		} {
			p := w.phone(tt.addr)
			object := amf.Object{{Name: "app", Value: "phone"}}
			if tt.asks != nil {
				object = append(object, amf.Property{Name: "objectEncoding", Value: tt.asks})
			}
			p.connect(object)
			p.send(flash.Command{Name: "createStream", Transaction: 2})
			m := p.read()
			if m.Type != tt.want {
				t.Errorf("asked for %v: a message of type %d, want %d", tt.asks, m.Type, tt.want)
			}
			if c, err := flash.ParseCommand(m.Type, m.Payload); err != nil || c.Name != flash.CommandResult || len(c.Args) != 1 || c.Args[0] != 1.0 {
				t.Errorf("%+v, %v", c, err)
			}
		}
	})
}

func TestTheServiceAnswersPings(t *testing.T) {
	inWorld(t, func(w world) {
		p := w.connected("198.51.100.1:5000")
		p.sendMessage(flash.MessageUserControl, []byte{0, 99, 1, 2})       // unknown
		p.sendMessage(flash.MessageUserControl, []byte{0})                 // cut short
		p.sendMessage(flash.MessageUserControl, []byte{0, 6, 0, 0, 0, 77}) // ping request
		if u := p.nextUserControl(); u.Event != flash.EventPingResponse || u.Timestamp != 77 {
			t.Errorf("%+v", u)
		}
	})
}

// Some old clients ask for a stream without a transaction, and wait for the answer all the same.
func TestAStreamAskedForWithoutATransaction(t *testing.T) {
	inWorld(t, func(w world) {
		p := w.connected("198.51.100.1:5000")
		p.send(flash.Command{Name: "createStream"})
		if c := p.next(); c.Name != flash.CommandResult || c.Transaction != 0 || len(c.Args) != 1 || c.Args[0] != 1.0 {
			t.Errorf("%+v", c)
		}
	})
}
