package middle

import (
	"bytes"
	"context"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/rtmfp/flash"
)

// fakeMedia sends a frame of each kind every 20 ms and counts what comes.
type fakeMedia struct {
	sound, pictures atomic.Int64
	stop            chan struct{}
	wg              sync.WaitGroup
}

var (
	opusFrame = append([]byte{0x78}, bytes.Repeat([]byte{0x33}, 80)...)
	avcFrame  = append([]byte{0, 0, 0, 1, 0x65}, bytes.Repeat([]byte{0x5a}, 2000)...)
)

func (m *fakeMedia) OpenMedia(_ *mesh.Call, out mesh.MediaOut) (mesh.MediaSession, error) {
	m.stop = make(chan struct{})
	m.wg.Go(func() {
		clock := time.NewTicker(20 * time.Millisecond)
		defer clock.Stop()
		for {
			select {
			case <-m.stop:
				return
			case <-clock.C:
				out.SendFrame(mesh.Frame{Kind: mesh.AudioFrame, Due: time.Now(), Data: opusFrame})
				out.SendFrame(mesh.Frame{Kind: mesh.VideoFrame, Due: time.Now(), Data: avcFrame, Key: true})
			}
		}
	})
	return m, nil
}

func (m *fakeMedia) ReceiveFrame(_ flash.PeerID, f mesh.Frame) {
	if f.Kind == mesh.AudioFrame {
		m.sound.Add(1)
	} else {
		m.pictures.Add(1)
	}
}

func (m *fakeMedia) KeyFrameRequested(bool) {}
func (m *fakeMedia) SetWish(mesh.MediaWish) {}

func (m *fakeMedia) Close() error {
	close(m.stop)
	m.wg.Wait()
	return nil
}

// Whoever proves nothing does not notice him: signals, sound, picture and text pass in both directions.
func TestACallPassesThroughHim(t *testing.T) {
	inWorld(t, PassesOn, func(w *world) {
		var media [2]fakeMedia
		ada := w.newAgent("ada", func(c *mesh.Config) { c.Media = &media[0] })
		defer ada.close()
		bob := w.newAgent("bob", func(c *mesh.Config) { c.Media = &media[1] })
		defer bob.close()
		from := ada.dial("bob")
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		to, err := bob.NextIncoming(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if to.Name() != "ada" || to.PeerID() == ada.nc.NearID() {
			t.Errorf("bob rings for %s, %s", to.Name(), to.PeerID())
		}
		if err := to.Accept(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		for i, c := range []*mesh.Call{from, to} {
			if c.Status().State != mesh.InCall {
				t.Errorf("%s is %v", c.Name(), c.Status())
			}
			if s, p := media[i].sound.Load(), media[i].pictures.Load(); s < 200 || p < 200 {
				t.Errorf("%s: %d sounds and %d pictures came", c.Name(), s, p)
			}
			if err := c.SendChat("hello"); err != nil {
				t.Error(err)
			}
		}
		time.Sleep(time.Second)
		from.HangUp()
		time.Sleep(10 * time.Second)
		for _, c := range []*mesh.Call{from, to} {
			chat, ended := 0, mesh.Reason("")
			for {
				ev, err := c.Next(ctx)
				if err != nil {
					if err != io.EOF { //nolint:errorlint // Next returns it as it is
						t.Error(err)
					}
					break
				}
				switch ev := ev.(type) {
				case mesh.ChatLine:
					chat++
				case mesh.StateChanged:
					ended = ev.Status.Reason
				}
			}
			if chat != 1 || ended != mesh.Hangup {
				t.Errorf("%s: %d lines of text, ended as %q", c.Name(), chat, ended)
			}
		}
		call, err := w.middle.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		<-call.Done()
		if seen := call.Seen(); seen.Caller != "ada" || seen.Callee != "bob" {
			t.Errorf("he has seen %+v", seen)
		}
	})
}
