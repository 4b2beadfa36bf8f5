//go:build unix

package rtmfp_test

import (
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp"
)

// BenchmarkRequest sends a 200-byte message and waits for one that answers it, of either urgency: the next follows at once, or after a
// pause in which all goroutines have gone to sleep.
func BenchmarkRequest(b *testing.B) {
	for _, c := range []struct {
		name     string
		priority rtmfp.Priority
		pause    time.Duration
	}{
		{"urgent", rtmfp.PriorityAudio, 0},
		{"routine", rtmfp.PriorityRoutine, 0},
		{"urgent-now-and-then", rtmfp.PriorityAudio, 5 * time.Millisecond},
		{"routine-now-and-then", rtmfp.PriorityRoutine, 5 * time.Millisecond},
	} {
		b.Run(c.name, func(b *testing.B) {
			near, far := benchSession(b)
			opt := rtmfp.FlowOptions{Priority: c.priority}
			out, in := benchFlow(b, near, far, opt)
			back, answers := benchFlow(b, far, near, opt)
			go func() {
				var msg []byte
				var err error
				for {
					if msg, err = in.ReadInto(b.Context(), msg); err != nil {
						return
					}
					if _, err = back.Write(b.Context(), msg, rtmfp.MessageOptions{}); err != nil {
						return
					}
				}
			}()
			request := make([]byte, 200)
			var msg []byte
			var err error
			times := make([]time.Duration, 0, b.N)
			b.ReportAllocs()
			b.ResetTimer()
			used := processorTime()
			for range b.N {
				if c.pause > 0 {
					time.Sleep(c.pause)
				}
				began := time.Now()
				if _, err = out.Write(b.Context(), request, rtmfp.MessageOptions{}); err != nil {
					b.Fatal(err)
				}
				if msg, err = answers.ReadInto(b.Context(), msg); err != nil {
					b.Fatal(err)
				}
				times = append(times, time.Since(began))
			}
			b.StopTimer()
			b.ReportMetric(float64(processorTime()-used)/float64(time.Microsecond)/float64(b.N), "cpu-µs/op")
			reportTimes(b, times)
		})
	}
}
