package live_test

import (
	"context"
	"fmt"
	"net"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flash/live"
	"sundog.dev/sundog/rtmfp/flashcrypto"
	"sundog.dev/sundog/rtmfp/rendezvous"
)

// A service that passes live streams on, one who publishes and one who plays.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	listen := func() *net.UDPConn {
		conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		must(err)
		return conn
	}
	service, err := rendezvous.New(listen(), rendezvous.Config{Streams: live.New(live.Config{})})
	must(err)
	defer func() { _ = service.Close() }()

	stream := func() (*flash.NetStream, func()) {
		profile, err := flashcrypto.NewProfile(flashcrypto.Options{})
		must(err)
		endpoint, err := rtmfp.NewEndpoint(listen(), rtmfp.Config{Crypto: profile})
		must(err)
		nc := flash.NewNetConnection(flash.Config{Endpoint: endpoint, NearID: profile.Fingerprint()})
		must(nc.Connect(ctx, fmt.Sprintf("rtmfp://%s/live", service.LocalAddr())))
		s, err := nc.CreateStream(ctx)
		must(err)
		return s, func() { _ = nc.Close() }
	}
	publisher, leave := stream()
	defer leave()
	must(publisher.Publish(ctx, "show", flash.PublishLive))
	player, leave := stream()
	defer leave()
	must(player.Play(ctx, "show"))

	sound := flash.AppendAudioOpus(nil, []byte("twenty milliseconds"))
	_, err = publisher.Write(ctx, flash.Message{Type: flash.MessageAudio, Timestamp: 20, Payload: sound}, rtmfp.MessageOptions{})
	must(err)
	for {
		m, err := player.Read(ctx)
		must(err)
		if m.Type == flash.MessageAudio {
			audio, err := flash.ParseAudio(m.Payload)
			must(err)
			fmt.Printf("at %d ms: %s, %s\n", m.Timestamp, audio.FourCC, audio.Data)
			return
		}
	}
	// Output: at 20 ms: Opus, twenty milliseconds
}
