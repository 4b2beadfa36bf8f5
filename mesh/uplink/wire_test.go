package uplink

import (
	"bytes"
	"context"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// wire is two phones' connections with a counted link each way.
type wire struct {
	t     *testing.T
	net   *vnet.Network
	ends  [2]*flash.NetConnection
	peers [2]*flash.Peer
	pubs  [2]*flash.PublishStream
	plays [2]*flash.PlayStream
	bytes [2]atomic.Int64 // on the link, IPv4 and UDP headers with it, from each end
}

const ipv4AndUDP = 28

func newWire(t *testing.T, rate int) *wire {
	w := &wire{t: t, net: vnet.New(1)}
	var hosts [2]netip.AddrPort
	for i := range w.ends {
		hosts[i] = netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(i + 1)}), 1000)
		conn, err := w.net.Listen(hosts[i])
		if err != nil {
			t.Fatal(err)
		}
		profile, err := flashcrypto.NewProfile(flashcrypto.Options{Groups: []flashcrypto.Group{flashcrypto.Group31}})
		if err != nil {
			t.Fatal(err)
		}
		e, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: profile})
		if err != nil {
			t.Fatal(err)
		}
		w.ends[i] = flash.NewNetConnection(flash.Config{Endpoint: e, NearID: profile.Fingerprint()})
		b := w.net.Bottleneck(vnet.Queue{Rate: rate / 8, Bytes: 1 << 20, Overhead: ipv4AndUDP})
		b.Observe(func(p vnet.Passage) { w.bytes[i].Add(int64(p.Size)) })
		w.net.SetLink(hosts[i].Addr(), netip.AddrFrom4([4]byte{192, 0, 2, byte(2 - i)}), vnet.Link{Latency: 20 * time.Millisecond, Bottleneck: b})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	near, err := w.ends[0].OpenPeer(ctx, w.ends[1].NearID(), w.ends[1].LocalAddr())
	if err != nil {
		t.Fatal(err)
	}
	far, err := w.ends[1].AcceptPeer(ctx)
	if err != nil {
		t.Fatal(err)
	}
	w.peers = [2]*flash.Peer{near, far}
	for i, peer := range w.peers {
		name := []string{"media-caller", "media-callee"}
		if w.pubs[i], err = w.ends[i].Publish(name[i], nil); err != nil {
			t.Fatal(err)
		}
		if w.plays[i], err = peer.Play(name[1-i]); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func (w *wire) close() {
	for _, nc := range w.ends {
		_ = nc.Close()
	}
	w.net.Close()
}

// load is what one end sends.
type load struct {
	sound   Sound
	repeats bool
	picture int // bit/s
}

// measure has both ends send and returns what each takes of its uplink, in bit/s.
func measure(t *testing.T, ends [2]load) (bits [2]float64) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWire(t, 100e6)
		defer w.close()
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		defer wg.Wait()
		defer cancel()
		for i := range ends {
			wg.Go(func() {
				for {
					if _, err := w.plays[i].Read(ctx); err != nil {
						return
					}
				}
			})
		}
		time.Sleep(time.Second)
		for i, end := range ends {
			time.Sleep(7 * time.Millisecond) // the two do not send at the same moments
			w.send(ctx, &wg, i, end)
		}
		time.Sleep(time.Second)
		const d = 5 * time.Second
		before := [2]int64{w.bytes[0].Load(), w.bytes[1].Load()}
		time.Sleep(d)
		for i := range bits {
			bits[i] = float64(w.bytes[i].Load()-before[i]) * 8 / d.Seconds()
		}
	})
	return bits
}

// send has an end send its load until ctx ends.
func (w *wire) send(ctx context.Context, wg *sync.WaitGroup, end int, is load) {
	every := func(d time.Duration, m flash.Message, times int, lifetime time.Duration) {
		wg.Go(func() {
			tick := time.NewTicker(d)
			defer tick.Stop()
			for {
				m.Timestamp += uint32(d.Milliseconds())
				for range times {
					if err := w.pubs[end].Write(m, lifetime); err != nil {
						w.t.Error(err)
					}
				}
				select {
				case <-tick.C:
				case <-ctx.Done():
					return
				}
			}
		})
	}
	if is.sound.Bitrate > 0 {
		wg.Go(func() { w.sendSound(ctx, end, is.sound, is.repeats) })
	}
	if is.picture > 0 {
		picture := append([]byte{0, 0, 0, 1, 0x41}, bytes.Repeat([]byte{0x55}, is.picture/8/30)...)
		b, err := flash.AppendVideoAVC(nil, picture, false)
		if err != nil {
			w.t.Fatal(err)
		}
		every(time.Second/30, flash.Message{Type: flash.MessageVideo, Payload: b}, 1, 400*time.Millisecond)
	}
}

// sendSound sends sound until ctx ends: frames of 20 ms, as many in each datagram as s says, and the last datagram's behind them if they
// are repeated.
func (w *wire) sendSound(ctx context.Context, end int, s Sound, repeats bool) {
	const frame = 20 * ms
	n := int(s.Packet / frame)
	body := flash.AppendAudioOpus(nil, make([]byte, int(float64(s.Bitrate)/8*frame.Seconds())))
	tick := time.NewTicker(s.Packet)
	defer tick.Stop()
	session := w.peers[end].Session()
	for stamp := uint32(1000); ; stamp += uint32(s.Packet / ms) {
		var ms []flash.Message
		add := func(stamp uint32) {
			for i := range n {
				ms = append(ms, flash.Message{Type: flash.MessageAudio, Timestamp: stamp + uint32(i*20), Payload: body})
			}
		}
		add(stamp)
		if repeats {
			add(stamp - uint32(20*n))
		}
		session.Couple(rtmfp.Coupling{Acks: s.Acks()})
		if err := w.pubs[end].WriteTogether(ms, 300*time.Millisecond); err != nil {
			w.t.Error(err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// What the division reckons with is what the stack sends, IPv4 headers included: within a tenth, and not less by more than a
// twentieth.
func TestWireCosts(t *testing.T) {
	usual := soundSteps[0]
	cost := func(s Sound, picture float64, incoming float64) float64 {
		return s.Cost(HeadersIPv4) + PictureCost(picture, 30, HeadersIPv4) + FeedbackCost(incoming, 30)
	}
	for _, c := range []struct {
		name     string
		ends     [2]load
		reckoned [2]float64
	}{
		{"sound both ways", [2]load{{sound: usual}, {sound: usual}}, [2]float64{cost(usual, 0, 0), cost(usual, 0, 0)}},
		{"sound in packets of 40 ms", [2]load{{sound: soundSteps[1]}, {sound: soundSteps[1]}}, [2]float64{cost(soundSteps[1], 0, 0), cost(soundSteps[1], 0, 0)}},
		{"sound in packets of 60 ms", [2]load{{sound: soundSteps[2]}, {sound: soundSteps[2]}}, [2]float64{cost(soundSteps[2], 0, 0), cost(soundSteps[2], 0, 0)}},
		{"40 ms against 20", [2]load{{sound: soundSteps[1]}, {sound: usual}}, [2]float64{cost(soundSteps[1], 0, 0), cost(usual, 0, 0)}},
		{"60 ms against 20", [2]load{{sound: soundSteps[2]}, {sound: usual}}, [2]float64{cost(soundSteps[2], 0, 0), cost(usual, 0, 0)}},
		{
			"sound that is repeated",
			[2]load{{sound: usual, repeats: true}, {sound: usual, repeats: true}},
			[2]float64{usual.Cost(HeadersIPv4) + usual.RepeatCost(), usual.Cost(HeadersIPv4) + usual.RepeatCost()},
		},
		{"360p one way", [2]load{{usual, false, 450e3}, {sound: usual}}, [2]float64{cost(usual, 450e3, 0), cost(usual, 0, 450e3)}},
		{"360p both ways", [2]load{{usual, false, 450e3}, {usual, false, 450e3}}, [2]float64{cost(usual, 450e3, 450e3), cost(usual, 450e3, 450e3)}},
		{"180p one way", [2]load{{usual, false, 100e3}, {sound: usual}}, [2]float64{cost(usual, 100e3, 0), cost(usual, 0, 100e3)}},
		{"180p both ways", [2]load{{usual, false, 100e3}, {usual, false, 100e3}}, [2]float64{cost(usual, 100e3, 100e3), cost(usual, 100e3, 100e3)}},
		{"720p one way", [2]load{{usual, false, 1500e3}, {sound: usual}}, [2]float64{cost(usual, 1500e3, 0), cost(usual, 0, 1500e3)}},
	} {
		for i, bits := range measure(t, c.ends) {
			t.Logf("%-26s from end %d: %6.1f kbit/s, reckoned with %6.1f", c.name, i, bits/1000, c.reckoned[i]/1000)
			if c.reckoned[i] < 0.95*bits || c.reckoned[i] > 1.1*bits {
				t.Errorf("%s: end %d takes %.0f bit/s, reckoned with %.0f", c.name, i, bits, c.reckoned[i])
			}
		}
	}
}

// The bitrate that pictures may have for what they may cost costs that.
func TestPictureBitrateIsTheInverseOfItsCost(t *testing.T) {
	for _, fps := range []float64{3.75, 7.5, 15, 24, 30, 60} {
		for bits := 5e3; bits < 5e6; bits *= 1.07 {
			for _, headers := range []int{0, HeadersIPv4, HeadersIPv6} {
				cost := PictureCost(bits, fps, headers)
				if got := pictureBitrate(cost, fps, headers); got > bits || got < 0.999*bits || PictureCost(got, fps, headers) > cost {
					t.Errorf("%.0f bit/s of %.2f pictures a second cost %.0f, for which there are %.0f", bits, fps, cost, got)
				}
			}
		}
		if got := pictureBitrate(100, fps, 0); got != 0 {
			t.Errorf("pictures for 100 bit/s: %.0f", got)
		}
	}
}
