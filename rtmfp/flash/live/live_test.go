package live_test

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flash/live"
)

// began is what every player hears at first.
var began = []string{flash.CodePlayReset, flash.CodePlayStart, "|RtmpSampleAccess"}

func TestPublishedStreamsArePassedOn(t *testing.T) {
	for _, first := range []string{"publish", "play"} {
		t.Run(first+" first", func(t *testing.T) {
			inWorld(t, live.Config{}, func(t *testing.T, w *world) {
				var pub, play *flash.NetStream
				if first == "publish" {
					pub, play = w.publisher("show?key=secret"), w.player("show")
					w.expect(play, append(began, flash.CodePublishNotify)...)
				} else {
					play = w.player("show?quality=low")
					w.expect(play, began...)
					pub = w.publisher("show")
					w.expect(play, flash.CodePublishNotify)
				}
				w.write(pub, flash.MessageVideo, 0, header("config"))
				w.write(pub, flash.MessageVideo, 0, key("K1"))
				w.write(pub, flash.MessageAudio, 0, sound("A1"))
				w.write(pub, flash.MessageVideo, 40, inter("P1"))
				if err := errors.Join(pub.SetDataFrame("onMetaData", amf.Object{}), pub.Send("chat", "hi"), pub.ClearDataFrame("onMetaData")); err != nil {
					t.Fatal(err)
				}
				w.expect(play, "picture config", "picture K1", "picture P1", "sound A1", "onMetaData", "chat")
				if err := pub.CloseStream(w.soon()); err != nil {
					t.Fatal(err)
				}
				w.expect(play, flash.CodeUnpublishNotify)
				if err := pub.Publish(w.soon(), "show", flash.PublishLive); err != nil {
					t.Fatal(err)
				}
				w.expect(play, flash.CodePublishNotify)
				if err := play.CloseStream(w.soon()); err != nil {
					t.Fatal(err)
				}
				w.expect(play, flash.CodePlayStop)
				if s := w.relay.Stats(); s.Names != 1 || s.Players != 0 || s.Publications != 2 || s.Subscriptions != 1 {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

func TestANameHasOnePublisher(t *testing.T) {
	inWorld(t, live.Config{}, func(t *testing.T, w *world) {
		first := w.publisher("show")
		second, _ := w.stream()
		var refusal *flash.StatusError
		if err := second.Publish(w.soon(), "show", flash.PublishLive); !errors.As(err, &refusal) || refusal.Status.Code != flash.CodePublishBadName {
			t.Errorf("%v", err)
		}
		for _, kind := range []flash.PublishKind{flash.PublishRecord, flash.PublishAppend} {
			if err := second.Publish(w.soon(), "other", kind); !errors.As(err, &refusal) || refusal.Status.Code != flash.CodeRecordNoAccess {
				t.Errorf("%s: %v", kind, err)
			}
		}
		_ = first.Close()
		time.Sleep(time.Second)
		if err := second.Publish(w.soon(), "show", flash.PublishLive); err != nil {
			t.Errorf("after the first has gone: %v", err)
		}
	})
}

func TestLatecomersGetWhatTheyNeed(t *testing.T) {
	inWorld(t, live.Config{}, func(t *testing.T, w *world) {
		pub := w.publisher("show")
		if err := errors.Join(pub.SetDataFrame("onMetaData", 1), pub.SetDataFrame("other"), pub.SetDataFrame("onMetaData", 2), pub.ClearDataFrame("other")); err != nil {
			t.Fatal(err)
		}
		for i, p := range [][]byte{header("old"), key("K0"), inter("P0"), header("config"), key("K1"), inter("P1"), inter("P2")} {
			w.write(pub, flash.MessageVideo, uint32(40*i), p)
		}
		w.write(pub, flash.MessageAudio, 0, []byte{0xaf, 0, 'h'})
		w.write(pub, flash.MessageAudio, 0, []byte{0xaf, 1, 'x'})
		time.Sleep(time.Second)
		play := w.player("show")
		w.expect(play, append(began, flash.CodePublishNotify, "onMetaData", "picture config", "picture K1", "picture P1", "picture P2", "sound \x00h")...)
		w.write(pub, flash.MessageVideo, 400, inter("P3"))
		w.expect(play, "picture P3")

		w.write(pub, flash.MessageVideo, 400, []byte{0x17, 2, 0, 0, 0}) // the end of the sequence
		w.expect(play, "picture ")
		w.expect(w.player("show"), append(began, flash.CodePublishNotify, "onMetaData", "sound \x00h")...)
	})
}

func TestDataReachPlayersThatKnowNoAMF3(t *testing.T) {
	inWorld(t, live.Config{}, func(t *testing.T, w *world) {
		modern, _ := w.stream(func(c *flash.Config) { c.ObjectEncoding = flash.AMF3 })
		if err := modern.Publish(w.soon(), "show", flash.PublishLive); err != nil {
			t.Fatal(err)
		}
		metadata := amf.Object{{Name: "width", Value: 320.0}}
		if err := errors.Join(modern.SetDataFrame("onMetaData", metadata), modern.Send("cue", metadata)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		play := w.player("show")
		if err := modern.Send("cue", metadata); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"onMetaData", "cue"} {
			for {
				m, err := play.Read(w.soon())
				if err != nil {
					t.Fatal(err)
				}
				handler, args, err := m.Data()
				if err != nil || handler == "|RtmpSampleAccess" {
					continue
				}
				if handler != want || len(args) != 1 || bytes.Contains(m.Payload, []byte{0x11}) {
					t.Errorf("%s%v as %x, want %s in AMF0", handler, args, m.Payload, want)
				}
				if o, _ := amf.Members(args[0]); o.Number("width") != 320 {
					t.Errorf("%v", o)
				}
				break
			}
		}
	})
}

func TestLatecomersToALongGroupOfPicturesWaitForTheNext(t *testing.T) {
	inWorld(t, live.Config{}, func(t *testing.T, w *world) {
		pub := w.publisher("show")
		w.write(pub, flash.MessageVideo, 0, key("K1"))
		for i := range uint32(400) {
			w.write(pub, flash.MessageVideo, i, inter("P"))
		}
		time.Sleep(5 * time.Second)
		play := w.player("show")
		w.expect(play, append(began, flash.CodePublishNotify, "picture K1")...)
		w.write(pub, flash.MessageVideo, 500, inter("P"))
		w.expect(play)
		w.write(pub, flash.MessageVideo, 540, key("K2"))
		w.write(pub, flash.MessageVideo, 580, inter("P2"))
		w.expect(play, "picture K2", "picture P2")
	})
}

func TestUnwantedMediaAreNotSent(t *testing.T) {
	inWorld(t, live.Config{}, func(t *testing.T, w *world) {
		pub, play := w.publisher("show"), w.player("show")
		w.arrived(play)
		write := func(n string) {
			w.write(pub, flash.MessageVideo, 0, inter("P"+n))
			w.write(pub, flash.MessageAudio, 0, sound("A"+n))
		}
		w.write(pub, flash.MessageVideo, 0, key("K1"))
		write("1")
		w.expect(play, "picture K1", "picture P1", "sound A1")
		if err := play.ReceiveVideo(false); err != nil {
			t.Fatal(err)
		}
		w.expect(play)
		write("2")
		w.expect(play, "sound A2")
		if err := errors.Join(play.ReceiveVideo(true), play.ReceiveAudio(false)); err != nil {
			t.Fatal(err)
		}
		w.expect(play, "picture K1", "picture P1", "picture P2") // what the next pictures are built on
		write("3")
		w.expect(play, "picture P3")
		if err := play.Pause(true, 0); err != nil {
			t.Fatal(err)
		}
		w.expect(play, flash.CodePauseNotify)
		write("4")
		w.expect(play)
		if err := errors.Join(play.ReceiveAudio(true), play.Pause(false, 0)); err != nil {
			t.Fatal(err)
		}
		w.expect(play, flash.CodeUnpauseNotify, "picture K1", "picture P1", "picture P2", "picture P3", "picture P4")
	})
}

// pictures reads a stream until nothing comes for three seconds, and returns the numbers of the pictures, by their
// timestamps, and how many came that could not be decoded since the one before them is missing.
func (w *world) pictures(s *flash.NetStream, interval uint32) (numbers []uint32, broken int, warned bool) {
	for {
		ctx, cancel := context.WithTimeout(w.t.Context(), 3*time.Second)
		m, err := s.Read(ctx)
		cancel()
		if err != nil {
			return numbers, broken, warned
		}
		warned = warned || m.Status.Code == flash.CodePlayInsufficient
		if m.Type != flash.MessageVideo {
			continue
		}
		tag, err := flash.ParseVideoTag(m.Payload)
		n := m.Timestamp / interval
		if err != nil || !tag.Key() && (len(numbers) == 0 || numbers[len(numbers)-1] != n-1) {
			broken++
		}
		numbers = append(numbers, n)
	}
}

func TestASlowPlayerHoldsNobodyAndSkipsToAKeyFrame(t *testing.T) {
	inWorld(t, live.Config{Patience: time.Hour}, func(t *testing.T, w *world) {
		pub, fast := w.publisher("show"), w.player("show")
		slow, addr := w.stream()
		if err := slow.Play(w.soon(), "show"); err != nil {
			t.Fatal(err)
		}
		w.arrived(slow)
		w.net.SetLink(netip.MustParseAddr("192.0.2.1"), addr.Addr(), vnet.Link{Latency: 10 * time.Millisecond, Rate: 100_000, Queue: 20_000})
		const all, interval = 360, 33
		type result struct {
			numbers []uint32
			broken  int
			warned  bool
		}
		results := make(chan result, 2)
		for _, s := range []*flash.NetStream{fast, slow} {
			go func() {
				numbers, broken, warned := w.pictures(s, interval)
				results <- result{numbers, broken, warned}
			}()
		}
		body := string(make([]byte, 8000)) // 2 Mbit/s, more than twice what the slow one's link takes
		for i := range uint32(all) {
			p := inter(body)
			if i%30 == 0 {
				p = key(body)
			}
			w.write(pub, flash.MessageVideo, interval*i, p)
			time.Sleep(interval * time.Millisecond)
		}
		for range 2 {
			r := <-results
			switch n := len(r.numbers); {
			case r.broken > n/50: // those under way when one before them was given up
				t.Errorf("%d pictures came that cannot be decoded: %v", r.broken, r.numbers)
			case n == all:
			case n < all/10 || n > all*2/3 || !r.warned:
				t.Errorf("a player got %d of %d pictures, warned: %v", n, all, r.warned)
			}
		}
		if w.relay.Stats().Dropped == 0 {
			t.Error("the slow player lost nothing")
		}
	})
}

func TestAPlayerThatTakesNothingIsLetGo(t *testing.T) {
	inWorld(t, live.Config{Patience: 2 * time.Second}, func(t *testing.T, w *world) {
		pub := w.publisher("show")
		slow, addr := w.stream()
		if err := slow.Play(w.soon(), "show"); err != nil {
			t.Fatal(err)
		}
		w.arrived(slow)
		w.net.SetLink(netip.MustParseAddrPort(serviceAddr).Addr(), addr.Addr(), vnet.Link{Rate: 1000, Queue: 10_000})
		for i := range uint32(30) {
			w.write(pub, flash.MessageVideo, i, key(string(make([]byte, 200_000))))
			time.Sleep(200 * time.Millisecond)
		}
		time.Sleep(time.Second)
		if s := w.relay.Stats(); s.Slow != 1 || s.Players != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestIdlePublishersAreTold(t *testing.T) {
	inWorld(t, live.Config{IdleAfter: 3 * time.Second}, func(t *testing.T, w *world) {
		pub := w.publisher("show")
		w.expect(pub, flash.CodePublishStart)
		time.Sleep(time.Second)
		w.write(pub, flash.MessageAudio, 0, sound("x"))
		w.expect(pub)
		time.Sleep(1500 * time.Millisecond)
		w.expect(pub, flash.CodePublishIdle)
	})
}

func TestEverythingIsBounded(t *testing.T) {
	inWorld(t, live.Config{MaxStreams: 1, MaxPlayers: 1}, func(t *testing.T, w *world) {
		w.player("show")
		s, _ := w.stream()
		var refusal *flash.StatusError
		if err := s.Play(w.soon(), "show"); !errors.As(err, &refusal) || refusal.Status.Code != flash.CodePlayFailed {
			t.Errorf("a second player: %v", err)
		}
		if err := s.Publish(w.soon(), "other", flash.PublishLive); !errors.As(err, &refusal) || refusal.Status.Code != flash.CodePublishDenied {
			t.Errorf("a second name: %v", err)
		}
		if err := s.Publish(w.soon(), "show", flash.PublishLive); err != nil {
			t.Errorf("the name that is played: %v", err)
		}
	})
}
