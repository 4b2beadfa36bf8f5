package mesh

import (
	"testing"
	"time"
)

// What several ask for at about the same time is one key frame, which all get.
func TestOneKeyFrameIsForAllWhoAsk(t *testing.T) {
	inWorld(t, func(w *world) {
		m := w.meet(5, 0)
		time.Sleep(8 * time.Second)
		from := m.calls[1].PeerID()
		before := m.media[0].keys()
		if before == 0 {
			t.Fatal("there is no picture")
		}
		for _, media := range m.media[1:] {
			media.out.RequestKeyFrame(from)
			time.Sleep(30 * time.Millisecond)
		}
		asked := time.Now()
		time.Sleep(2 * time.Second)
		if made := m.media[0].keys() - before; made != 1 {
			t.Errorf("%d key frames were made for four who asked within 120 ms", made)
		}
		for i := range m.media[1:] {
			if fps := m.fps(0, i+1, 180, asked, asked.Add(2*time.Second)); fps < 25 {
				t.Errorf("the %d. of them sees %.1f pictures/s", i+1, fps)
			}
		}
		// Whoever asks later gets another.
		m.media[1].out.RequestKeyFrame(from)
		time.Sleep(time.Second)
		if made := m.media[0].keys() - before; made != 2 {
			t.Errorf("%d key frames were made, wanted another one", made)
		}
	})
}
