package media_test

import (
	"context"
	"fmt"
	"slices"

	"sundog.dev/sundog/media"
)

// One direction of a call without the network between: a tone is encoded, and played to nowhere.
func Example_sound() {
	ctx := context.Background()
	player, err := media.OpenPlayer(ctx, "null")
	if err != nil {
		fmt.Println(err)
		return
	}
	receiver, err := player.NewReceiver()
	if err != nil {
		fmt.Println(err)
		return
	}
	source, err := media.OpenAudio(ctx, "tone:440")
	if err != nil {
		fmt.Println(err)
		return
	}
	arrived := make(chan struct{}, 1)
	sender, err := media.NewAudioSender(media.AudioSenderConfig{Source: source, Send: func(e media.Encoded) {
		e.Data = slices.Clone(e.Data) // it is valid during the call only
		receiver.Push(e)
		select {
		case arrived <- struct{}{}:
		default:
		}
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	<-arrived
	fmt.Println(sender.Close(), player.Close())
	// Output: <nil> <nil>
}
