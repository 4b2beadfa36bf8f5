package mesh

import "time"

// hears waits for a line of chat.
func (f *follower) hears(from, text string, limit time.Duration) ChatLine {
	f.t.Helper()
	return f.await("the line "+text, limit, func(e Event) bool {
		l, ok := e.(ChatLine)
		return ok && l.From == from && l.Text == text
	}).ev.(ChatLine)
}
