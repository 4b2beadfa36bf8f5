//go:build unix

package rtmfp_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// What each of the conference's members sends to each other one.
const (
	conferenceMembers = 8
	soundEach         = 20 * time.Millisecond
	soundBytes        = 90 // 32 kbit/s
	pictureEach       = time.Second / 24
	pictureBytes      = 450_000 / 8 / 24
)

// BenchmarkConference is the network of eight people who all send sound and picture to each other, in real time: an operation is a tenth of a second.
// cpu-ms/s is one member's.
func BenchmarkConference(b *testing.B) {
	var members [conferenceMembers]*benchMember
	for i := range members {
		members[i] = &benchMember{benchEnd: newBenchEnd(b, flashcrypto.Options{})}
	}
	for i, m := range members {
		for _, other := range members[:i] {
			m.meet(b, other)
		}
	}
	var running sync.WaitGroup
	ctx, cancel := context.WithCancel(b.Context())
	for i, m := range members {
		time.Sleep(soundEach*3 + soundEach*time.Duration(i)/conferenceMembers) // nobody's clock is another's
		running.Go(func() { m.send(ctx, m.sound, soundEach, soundBytes) })
		running.Go(func() { m.send(ctx, m.picture, pictureEach, pictureBytes) })
		for _, in := range m.in {
			running.Go(func() {
				var msg []byte
				var err error
				for err == nil {
					msg, err = in.ReadInto(ctx, msg)
				}
			})
		}
	}
	time.Sleep(time.Second)
	used, before := processorTime(), members[0].packets()
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		time.Sleep(100 * time.Millisecond)
	}
	used = processorTime() - used
	seconds := b.Elapsed().Seconds()
	b.ReportMetric(1000*used.Seconds()/seconds/conferenceMembers, "cpu-ms/s")
	b.ReportMetric(float64(members[0].packets()-before)/seconds, "sent-packets/s")
	cancel()
	running.Wait()
}

// benchMember is one of the conference.
type benchMember struct {
	benchEnd
	sessions       []*rtmfp.Session
	sound, picture []*rtmfp.SendFlow
	in             []*rtmfp.RecvFlow
}

// meet opens a session between two members, with flows both ways.
func (m *benchMember) meet(b *testing.B, other *benchMember) {
	ctx, cancel := context.WithTimeout(b.Context(), 10*time.Second)
	defer cancel()
	near, err := m.Dial(ctx, other.profile.Fingerprint().EPD(), other.LocalAddr())
	if err != nil {
		b.Fatal(err)
	}
	far, err := other.Accept(ctx)
	if err != nil {
		b.Fatal(err)
	}
	m.open(b, near, far, other)
	other.open(b, far, near, m)
}

func (m *benchMember) open(b *testing.B, near, far *rtmfp.Session, other *benchMember) {
	m.sessions = append(m.sessions, near)
	out, in := benchFlow(b, near, far, rtmfp.FlowOptions{Priority: rtmfp.PriorityAudio})
	m.sound, other.in = append(m.sound, out), append(other.in, in)
	out, in = benchFlow(b, near, far, rtmfp.FlowOptions{Priority: rtmfp.PriorityVideo})
	m.picture, other.in = append(m.picture, out), append(other.in, in)
}

// send writes a message to all others, again and again.
func (m *benchMember) send(ctx context.Context, to []*rtmfp.SendFlow, each time.Duration, size int) {
	ticks := time.NewTicker(each)
	defer ticks.Stop()
	msg := make([]byte, size)
	for {
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return
		}
		by := time.Now().Add(time.Second)
		for _, f := range to {
			if _, err := f.Write(ctx, msg, rtmfp.MessageOptions{DeliverBy: by}); err != nil {
				return
			}
		}
	}
}

func (m *benchMember) packets() (n uint64) {
	for _, s := range m.sessions {
		n += s.Stats().DatagramsSent
	}
	return n
}
