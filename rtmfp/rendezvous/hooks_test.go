package rendezvous

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
)

func TestDeveloperKeys(t *testing.T) {
	for _, c := range []struct {
		uri      string
		argument amf.Value
		shown    string
		admitted bool
	}{
		{"rtmfp://192.0.2.1/right", nil, "right", true},
		{"rtmfp://192.0.2.1/right/", nil, "right", true},
		{"rtmfp://192.0.2.1/phone", "right", "right", true},
		{"rtmfp://192.0.2.1/phone", "", "phone", false},
		{"rtmfp://192.0.2.1/right", "wrong", "wrong", false},
		{"rtmfp://192.0.2.1/", nil, "", false},
		{"rtmfp://192.0.2.1/wrong", 3.0, "wrong", false},
	} {
		t.Run(fmt.Sprint(c.uri, c.argument), func(t *testing.T) {
			var shown []string
			cfg := Config{Key: func(key string) error {
				if shown = append(shown, key); key != "right" {
					return errors.New("This key is not known here.") //nolint:revive // a sentence for a person
				}
				return nil
			}}
			inWorldWith(t, cfg, func(w world) {
				nc := w.unconnected("198.51.100.1:5000")
				ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
				defer cancel()
				var args []amf.Value
				if c.argument != nil {
					args = append(args, c.argument)
				}
				err := nc.Connect(ctx, c.uri, args...)
				var refusal *flash.StatusError
				switch {
				case c.admitted && err != nil:
					t.Errorf("refused: %v", err)
				case !c.admitted && (!errors.As(err, &refusal) || refusal.Status.Code != flash.CodeConnectRejected || refusal.Status.Description != "This key is not known here."):
					t.Errorf("not refused as it should be: %v", err)
				}
				if !slices.Equal(shown, []string{c.shown}) {
					t.Errorf("shown: %q", shown)
				}
				if s := w.service.Stats(); (s.KeysRefused == 0) != c.admitted || (s.Clients == 1) != c.admitted {
					t.Errorf("stats %+v", s)
				}
			})
		})
	}
}

// Whoever is refused cannot use the moment before the session is closed.
func TestTheRefusedAreNotHeard(t *testing.T) {
	inWorld(t, func(w world) {
		bob := w.connected("198.51.100.2:5000")
		eve := &client{service: w.service, reply: new(rtmfp.SendFlow), refused: true}
		for _, command := range []flash.Command{
			{Name: "relay", Args: []amf.Value{bob.id.String(), "invite", "Eve"}}, flash.SetPeerInfo(nil), {Name: "connect"},
		} {
			if err := eve.command(command, nil); !errors.Is(err, errMisbehaved) {
				t.Errorf("%s: %v", command.Name, err)
			}
		}
		if bob.hears() {
			t.Error("bob hears")
		}
	})
}

func TestClientsAreToldOfTheInstances(t *testing.T) {
	live := []string{"192.0.2.1:1935", "192.0.2.2:1935"}
	inWorldWith(t, Config{Instances: func() []string { return live }}, func(w world) {
		want := amf.Array{"192.0.2.1:1935", "192.0.2.2:1935"}
		if got := w.netConnection("198.51.100.1:5000").ServiceInfo().Get("instances"); !reflect.DeepEqual(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		live = make([]string, 100)
		if got, _ := w.netConnection("198.51.100.2:5000").ServiceInfo().Get("instances").(amf.Array); len(got) != maxInstances {
			t.Errorf("%d of 100", len(got))
		}
	})
}

func TestWhoHasGoneIsReportedOnce(t *testing.T) {
	var mu sync.Mutex
	var left []string
	cfg := Config{OnLeave: func(id string) {
		mu.Lock()
		defer mu.Unlock()
		left = append(left, id)
	}}
	inWorldWith(t, cfg, func(w world) {
		ann, bob := w.connected("198.51.100.1:5000"), w.netConnection("198.51.100.2:5000")
		gone := func(want ...string) {
			t.Helper()
			time.Sleep(time.Second)
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if !slices.Equal(left, want) {
				t.Errorf("gone: %v, want %v", left, want)
			}
		}
		gone()
		bob.Disconnect()
		gone(bob.NearID().String())
		_ = ann.session.Close()
		gone(bob.NearID().String(), ann.id.String())
		w.connected("198.51.100.3:5000")
		_ = w.service.Close()
		gone(bob.NearID().String(), ann.id.String()) // nobody has left: the service has
	})
}
