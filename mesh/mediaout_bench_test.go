package mesh

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/mesh/uplink"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// What it costs to give one frame to seven members until it is in their streams: it is picked for each, and packed once. Nothing
// of it allocates. What sessions do with it is rtmfp's.
func BenchmarkPictureToSeven(b *testing.B) {
	out := newBenchmarkOut(b, 7)
	picture := append([]byte{0, 0, 0, 1, 0x41}, bytes.Repeat([]byte{0xa5}, 2000)...)
	due := time.Unix(1000, 0)
	n := 0
	out.send(Frame{Kind: VideoFrame, Key: true, Due: due, Data: append(bytes.Clone(fakeParameters), fakeKeySlice...)})
	b.ReportAllocs()
	for b.Loop() {
		n++
		due = due.Add(time.Second / 30)
		layer := layerOf[n%4]
		out.send(Frame{Kind: VideoFrame, Due: due, Layer: layer, Needed: layer < 2, Data: picture})
	}
}

func BenchmarkSoundToSeven(b *testing.B) {
	for _, together := range []int{1, 3} {
		b.Run(fmt.Sprintf("%d together", together), func(b *testing.B) {
			out := newBenchmarkOut(b, 7)
			out.sound.want(together, time.Time{})
			for _, l := range out.legs {
				l.repeat = together > 1
			}
			due := time.Unix(1000, 0)
			b.ReportAllocs()
			for b.Loop() {
				due = due.Add(20 * time.Millisecond)
				out.send(Frame{Kind: AudioFrame, Due: due, Data: fakeOpus})
			}
			b.StopTimer()
			out.close()
		})
	}
}

// newBenchmarkOut is the way out to so many members, whose streams nobody reads.
func newBenchmarkOut(b *testing.B, members int) *mediaOut {
	b.Helper()
	net := vnet.New(1)
	conn, err := net.Listen(netip.MustParseAddrPort("192.0.2.1:1000"))
	if err != nil {
		b.Fatal(err)
	}
	profile, err := flashcrypto.NewProfile(flashcrypto.Options{Groups: []flashcrypto.Group{flashcrypto.Group31}})
	if err != nil {
		b.Fatal(err)
	}
	end, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: profile})
	if err != nil {
		b.Fatal(err)
	}
	nc := flash.NewNetConnection(flash.Config{Endpoint: end, NearID: profile.Fingerprint()})
	b.Cleanup(func() { _ = nc.Close(); net.Close() })
	out := &mediaOut{call: &Call{agent: &Agent{log: slog.New(slog.DiscardHandler)}}}
	for i := range members {
		pub, err := nc.Publish(fmt.Sprint("media-", i), nil)
		if err != nil {
			b.Fatal(err)
		}
		l := &legOut{admitted: true}
		l.use(pub)
		l.watched = true
		l.give(false, uplink.Layers-i%2, false)
		out.add(l)
	}
	return out
}
