package mesh

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
)

// notes keeps a log.
type notes struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (n *notes) Write(b []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.b.Write(b)
}

func (n *notes) count(text string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Count(n.b.String(), text)
}

// Whoever rejects our flow of room messages is not sent any more of them in that session, and the log says so once.
func TestAFarEndThatTakesNoRoomMessagesIsLeftAlone(t *testing.T) {
	inWorld(t, func(w *world) {
		g, log := w.together("ada", "bob"), &notes{}
		g.phones[0].agent.log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		l := g.link(0, 1)
		l.mu.Lock()
		l.roomFlow, l.roomCall = nil, "" // a second one is rejected
		l.mu.Unlock()
		for i := range 40 {
			g.calls[0].SetState(OwnState{Muted: i%2 == 0})
			time.Sleep(250 * time.Millisecond)
		}
		if n, m := log.count("takes no room messages"), log.count("message not sent"); n != 1 || m != 0 {
			t.Errorf("the log says so %d times, and %d times that nothing was sent", n, m)
		}
		g.hearing("sound goes on", time.Second)
	})
}
