package rendezvous

import (
	"context"
	"math/rand/v2"
	"reflect"
	"testing"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
)

// TestDamagedMessagesHarmNobody throws commands with flipped, cut and repeated bytes at the service, by a client
// that is connected, and then looks whether the others are still served.
func TestDamagedMessagesHarmNobody(t *testing.T) {
	inWorld(t, func(w world) {
		mallory, bob := w.connected("198.51.100.66:5000"), w.connected("198.51.100.2:5000")
		var seeds [][]byte
		for _, c := range []flash.Command{
			{Name: "relay", Transaction: 1, Args: []amf.Value{mallory.id.String(), "invite", amf.Object{{Name: "a", Value: amf.Array{1, "x"}}}}},
			{Name: "setPeerInfo", Args: []amf.Value{"192.0.2.1:1", "[2001:db8::1]:2"}},
			{Name: "connect", Transaction: 2, Object: amf.Object{{Name: "objectEncoding", Value: 3}}},
		} {
			payload, err := flash.AppendCommand(nil, c)
			if err != nil {
				t.Fatal(err)
			}
			seeds = append(seeds, flash.AppendMessage(nil, flash.MessageCommand, 0, payload),
				flash.AppendMessage(nil, flash.MessageCommandExtended, 0, append([]byte{0}, payload...)))
		}
		go func() { // what comes back is read, or its flow would fill up
			for {
				if _, err := mallory.reply.Read(context.Background()); err != nil {
					return
				}
			}
		}()
		r := rand.New(rand.NewPCG(1, 2))
		for range 5000 {
			if _, err := mallory.flow.Write(context.Background(), damage(r, seeds), rtmfp.MessageOptions{}); err != nil {
				t.Fatalf("the session was lost: %v", err)
			}
		}

		ann := w.connected("198.51.100.1:5000")
		ann.send(flash.Command{Name: "relay", Args: []amf.Value{bob.id.String(), "invite", "Ann"}})
		want := []amf.Value{ann.id.String(), "invite", "Ann"}
		if got := bob.next(); !reflect.DeepEqual(got.Args, want) {
			t.Errorf("relayed %+v, want %+v", got.Args, want)
		}
		if _, err := ann.dial(bob.id); err != nil {
			t.Errorf("introducing: %v", err)
		}
	})
}

// damage returns one of the seeds with some of it changed.
func damage(r *rand.Rand, seeds [][]byte) []byte {
	b := append([]byte(nil), seeds[r.IntN(len(seeds))]...)
	for range 1 + r.IntN(4) {
		at := r.IntN(len(b))
		switch r.IntN(4) {
		case 0:
			b[at] ^= 1 << r.IntN(8)
		case 1:
			b[at] = byte(r.Uint32())
		case 2:
			b = b[:at+1]
		case 3:
			b = append(b, b[at:]...)
		}
	}
	return b
}
