package rendezvous

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
)

func TestRelayHasTheOrderOfCirrus(t *testing.T) {
	inWorld(t, func(w world) {
		ann, bob := w.connected("198.51.100.1:5000"), w.connected("198.51.100.2:5000")
		want := flash.Command{Name: "onRelay", Args: []amf.Value{ann.id.String(), "invite", "Ann"}}

		ann.send(flash.Command{Name: "relay", Args: []amf.Value{strings.ToUpper(bob.id.String()), "invite", "Ann"}})
		if got := bob.next(); !reflect.DeepEqual(got, want) {
			t.Errorf("type 20: %+v, want %+v", got, want)
		}

		extended, err := amf.AppendAMF0(nil, "relay", 0, nil, bob.id.String(), "invite", "Ann")
		if err != nil {
			t.Fatal(err)
		}
		ann.sendMessage(flash.MessageCommandExtended, append([]byte{0}, extended...))
		if got := bob.next(); !reflect.DeepEqual(got, want) {
			t.Errorf("type 17: %+v, want %+v", got, want)
		}

		without, err := amf.AppendAMF0(nil, "relay", 0, bob.id.String(), "invite", "Ann")
		if err != nil {
			t.Fatal(err)
		}
		ann.sendMessage(flash.MessageCommand, without)
		if got := bob.next(); !reflect.DeepEqual(got, want) {
			t.Errorf("without the null: %+v, want %+v", got, want)
		}

		odd := []amf.Value{amf.Object{{Name: "a", Value: 1.0}}, nil, true, amf.Array{"x"}, amf.Undefined{}, []byte{1}}
		ann.send(flash.Command{Name: "relay", Args: append([]amf.Value{bob.id.String()}, odd...)})
		if got := bob.next(); !reflect.DeepEqual(got.Args[1:], odd) {
			t.Errorf("other arguments: %+v, want %+v", got.Args[1:], odd)
		}
		if s := w.service.Stats(); s.Relayed != 4 || s.RelayFailed != 0 {
			t.Errorf("stats %+v", s)
		}
	})
}

func TestRelayAnswersOnlyATransaction(t *testing.T) {
	nobody := strings.Repeat("ab", 32)
	for name, tt := range map[string]struct {
		args        []amf.Value
		transaction float64
		answer      string
	}{
		"an unknown target, no transaction":      {[]amf.Value{nobody, "bye"}, 0, ""},
		"an unknown target, a transaction":       {[]amf.Value{nobody, "bye"}, 5, flash.CommandError},
		"no target, a transaction":               {nil, 5, flash.CommandError},
		"a number for a target, a transaction":   {[]amf.Value{3}, 5, flash.CommandError},
		"half a target, a transaction":           {[]amf.Value{nobody[:32]}, 5, flash.CommandError},
		"the sender as target, a transaction":    {[]amf.Value{"self", "bye"}, 5, flash.CommandResult},
		"no target, no transaction":              {nil, 0, ""},
		"another command would be an error, too": {nil, 5, flash.CommandError},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w world) {
				ann := w.connected("198.51.100.1:5000")
				if len(tt.args) > 0 && tt.args[0] == "self" {
					tt.args[0] = ann.id.String()
				}
				ann.send(flash.Command{Name: "relay", Transaction: tt.transaction, Args: tt.args})
				switch tt.answer {
				case "":
					if ann.hears() {
						t.Error("the service answered")
					}
				case flash.CommandResult:
					if got := ann.next(); got.Name != "onRelay" {
						t.Errorf("got %+v", got)
					}
					if got := ann.next(); got.Name != flash.CommandResult || got.Transaction != 5 {
						t.Errorf("got %+v", got)
					}
				default:
					got := ann.next()
					status, _ := got.Status()
					if got.Name != flash.CommandError || got.Transaction != 5 || status.Code != flash.CodeCallFailed || status.Level != "error" {
						t.Errorf("got %+v", got)
					}
				}
			})
		})
	}
}

func TestUnknownCommandsFailOnlyATransaction(t *testing.T) {
	inWorld(t, func(w world) {
		ann := w.connected("198.51.100.1:5000")
		ann.send(flash.Command{Name: "nonsense", Args: []amf.Value{1}})
		ann.send(flash.Command{Name: "nonsense", Transaction: 7})
		if got := ann.next(); got.Name != flash.CommandError || got.Transaction != 7 {
			t.Errorf("got %+v", got)
		}
		ann.send(flash.Command{Name: "connect", Transaction: 8})
		if got := ann.next(); got.Name != flash.CommandError || got.Transaction != 8 {
			t.Errorf("a second connect: %+v", got)
		}
	})
}

func TestAFloodOfCommandsHasToWaitAndNothingIsLost(t *testing.T) {
	inWorld(t, func(w world) {
		ann, bob := w.connected("198.51.100.1:5000"), w.connected("198.51.100.2:5000")
		const n = commandBurst + 10*commandRate
		started := time.Now()
		go func() {
			for i := range n {
				ann.send(flash.Command{Name: "relay", Args: []amf.Value{bob.id.String(), i}})
			}
		}()
		for i := range n {
			if got := bob.next(); got.Args[1] != float64(i) {
				t.Fatalf("message %d is %+v", i, got)
			}
		}
		if took := time.Since(started); took < 9*time.Second {
			t.Errorf("%d commands took %v", n, took)
		}
	})
}

func TestAPeerThatDoesNotReadIsRelayedNothingMore(t *testing.T) {
	inWorld(t, func(w world) {
		ann, bob := w.connected("198.51.100.1:5000"), w.connected("198.51.100.2:5000")
		const size = 15 << 10
		sent := 0
		for {
			ann.send(flash.Command{Name: "relay", Transaction: 1, Args: []amf.Value{bob.id.String(), strings.Repeat("x", size)}})
			if got := ann.next(); got.Name == flash.CommandError {
				break
			}
			if sent++; sent > 1000 {
				t.Fatal("any amount is kept for a peer that does not read")
			}
		}
		if s := w.service.Stats(); s.RelayFailed != 1 || s.Relayed != uint64(sent) {
			t.Errorf("%d sent, stats %+v", sent, s)
		}
		for range sent { // what was taken arrives
			if got := bob.next(); len(got.Args) != 2 || len(got.Args[1].(string)) != size {
				t.Fatalf("got %+v", got)
			}
		}
		ann.send(flash.Command{Name: "relay", Transaction: 2, Args: []amf.Value{bob.id.String(), "again"}})
		if got := ann.next(); got.Name != flash.CommandResult {
			t.Errorf("once it reads again: %+v", got)
		}
	})
}

// A few bytes of references may stand for a megabyte: the service does not pass that on.
func TestRelayDoesNotMagnify(t *testing.T) {
	inWorld(t, func(w world) {
		ann, bob := w.connected("198.51.100.1:5000"), w.connected("198.51.100.2:5000")
		payload, err := amf.AppendAMF0(nil, "relay", 0, nil, bob.id.String(), amf.Object{{Name: "a", Value: strings.Repeat("x", 1000)}})
		if err != nil {
			t.Fatal(err)
		}
		for range 200 {
			payload = append(payload, 0x07, 0, 0) // the object again (AMF0 §2.9)
		}
		time.Sleep(time.Second) // nothing else waits for bob
		ann.sendMessage(flash.MessageCommand, payload)
		ann.send(flash.Command{Name: "relay", Args: []amf.Value{bob.id.String(), "invite", "Ann"}})
		if got := bob.next(); len(got.Args) != 3 {
			t.Errorf("%d arguments were relayed", len(got.Args))
		}
		if s := w.service.Stats(); s.Relayed != 1 || s.RelayFailed != 1 {
			t.Errorf("stats %+v", s)
		}
	})
}
