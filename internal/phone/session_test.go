package phone

import (
	"context"
	"errors"
	"image"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"sundog.dev/sundog/media"
)

func TestWhatIsSwitchedOffBeforeTheCallStaysOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	src := Sources{Camera: "test:320x180@30", Mic: "tone:300"}
	ada, bob := w.phone(t, "ada", src, AcceptNone), w.phone(t, "bob", Sources{}, AcceptAnyone)
	out, err := ada.Call("bob")
	if err != nil {
		t.Fatal(err)
	}
	out.SetMuted(true)
	out.SetCamera(false)
	in := incoming(t, bob)
	if err := in.Accept(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		ev, err := in.Next(ctx)
		if err != nil {
			t.Fatal("nothing is told of what is sent:", err)
		}
		if s, ok := ev.(MemberStateChanged); ok {
			if s.State.Sound || s.State.Picture || !s.State.Muted {
				t.Errorf("told of %+v", s.State)
			}
			break
		}
	}
	out.SetMuted(false)
	eventually(t, "sound comes after all", func() bool { _, far := in.Levels(); return far > 0.05 })
	if in.Stats().Video.FPS > 0 {
		t.Error("a picture came")
	}
	out.HangUp()
	until(t, out, Ended)
	if n := len(ada.media.wishes); n > 0 {
		t.Errorf("%d wishes are kept", n)
	}
}

func TestHangingCameraHoldsNothingUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.phone(t, "ada", Sources{Camera: "default", Mic: "tone:300"}, AcceptNone)
	bob := w.phone(t, "bob", Sources{}, AcceptAnyone)
	hangs, opened := make(chan struct{}), make(chan struct{})
	ada.media.open.video = func(context.Context, string) (media.VideoSource, error) {
		close(opened)
		<-hangs
		return nil, errors.New("at last")
	}
	ada.media.open.closePatience = 0
	out, in := connect(t, ada, bob, "bob")
	<-opened
	eventually(t, "sound comes", func() bool { _, far := in.Levels(); return far > 0.05 })
	out.SetMuted(true)
	eventually(t, "mute has its effect", func() bool { _, far := in.Levels(); return far < 0.01 })
	s := out.session()
	out.HangUp()
	until(t, out, Ended)
	select {
	case <-out.call.Done():
	default:
		t.Error("the call waits for the camera")
	}
	close(hangs)
	<-s.done
}

// failing is a microphone that fails at once.
type failing struct{}

func (failing) Read(context.Context, *media.AudioFrame) error { return errors.New("unplugged") }
func (failing) Close() error                                  { return nil }

func TestFailedMicrophoneIsTriedAgainOnANewChoiceOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	src := Sources{Mic: "default"}
	ada, bob := w.phone(t, "ada", src, AcceptNone), w.phone(t, "bob", Sources{}, AcceptAnyone)
	var tries atomic.Int32
	ada.media.open.audio = func(ctx context.Context, _ string) (media.AudioSource, error) {
		if tries.Add(1) == 1 {
			return failing{}, nil
		}
		return media.OpenAudio(ctx, "tone:300")
	}
	out, in := connect(t, ada, bob, "bob")
	eventually(t, "the failure is told", func() bool { _, _, problem := out.Sending(); return problem != "" })
	out.SetMuted(true)
	out.SetMuted(false)
	if audio, _, _ := out.Sending(); audio || tries.Load() != 1 {
		t.Errorf("sound is sent: %v, after %d tries", audio, tries.Load())
	}
	ada.SetSources(src) // the same, chosen again
	eventually(t, "sound comes", func() bool { _, far := in.Levels(); return far > 0.05 })
	if _, _, problem := out.Sending(); problem != "" || tries.Load() != 2 {
		t.Errorf("problem %q after %d tries", problem, tries.Load())
	}
	out.HangUp()
	until(t, out, Ended)
}

func TestCallWithoutItsDisplay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	src := Sources{Camera: "test:320x180@30", Mic: "tone:300"}
	ada := w.phone(t, "ada", src, AcceptNone)
	src.Display = "dir:" + filepath.Join(writtenFile(t), "folder")
	bob := w.phone(t, "bob", src, AcceptAnyone)
	out, in := connect(t, ada, bob, "bob")
	eventually(t, "bob is told", func() bool { _, _, problem := in.Sending(); return strings.Contains(problem, "cannot be kept") })
	for _, c := range []*Call{out, in} {
		eventually(t, c.Name()+" is seen and heard", func() bool {
			_, far := c.Levels()
			return far > 0.05 && c.Draw(c.PeerID(), image.NewRGBA(image.Rect(0, 0, 64, 36)), 0) > 0
		})
	}
	out.HangUp()
	until(t, out, Ended)
}

func TestChangesDuringACall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	src := Sources{Camera: "test:320x180@30", Mic: "tone:300", Speaker: "null"}
	ada, bob := w.phone(t, "ada", src, AcceptNone), w.phone(t, "bob", Sources{}, AcceptAnyone)
	out, in := connect(t, ada, bob, "bob")
	var changing sync.WaitGroup
	for _, change := range []func(i int){
		func(i int) {
			ada.SetSources([]Sources{{}, {Camera: "none", Mic: "silence"}, {Camera: "eye", Mic: "ear", Speaker: "mouth"}, src}[i%4])
		},
		func(i int) { out.SetMuted(i%2 == 0) },
		func(i int) { out.SetCamera(i%2 == 1) },
	} {
		changing.Go(func() {
			for i := range 40 { // the last of each is as it was
				change(i)
				out.Stats()
			}
		})
	}
	changing.Wait()
	eventually(t, "sound and picture come again", func() bool {
		_, far := in.Levels()
		audio, video, _ := out.Sending()
		return far > 0.05 && in.Stats().Video.FPS > 1 && audio && video
	})
	if err := ada.SetService("ada", "", ""); err != nil {
		t.Fatal(err)
	}
	if st := until(t, out, Ended); st.Reason != Hangup {
		t.Errorf("without its service the call ended as %s", st.Reason)
	}
	until(t, in, Ended)
}
