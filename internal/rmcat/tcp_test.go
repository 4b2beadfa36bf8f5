package rmcat

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// tcpRates plays TCP alone and returns each connection's mean rate over the link.
func tcpRates(t *testing.T, p Path, duration time.Duration, flows ...TCP) ([]float64, *Result) {
	t.Helper()
	r := play(t, Scenario{Name: "tcp", Duration: duration, Forward: p, TCP: flows}, 1)
	var out []float64
	for i, s := range r.Senders {
		if s.Kind == Competitor {
			out = append(out, mean(r.rates(0, func(o Sender) bool { return o == r.Senders[i] }), duration/4, duration))
		}
	}
	return out, r
}

func TestTCPFillsLinkAndQueue(t *testing.T) {
	got, r := tcpRates(t, wide(Capacity{0, 2 * mbit}), 60*second, TCP{Latency: latency})
	delays, dropped, _ := r.queue(0, func(s Sender) bool { return s.Kind == Competitor })
	if got[0] < 1.95*mbit {
		t.Errorf("TCP alone takes %.0f bit/s of 2 Mbit/s", got[0])
	}
	if longest := slices.Max(delays); longest < 0.280 || dropped == 0 {
		t.Errorf("it leaves room in the queue: %.3f s at most, %d dropped", longest, dropped)
	}
}

func TestTCPSharesWithTCP(t *testing.T) {
	got, _ := tcpRates(t, wide(Capacity{0, 2 * mbit}), 120*second, TCP{Latency: latency}, TCP{Latency: latency, Start: second})
	if jain(got) < 0.9 || got[0]+got[1] < 1.95*mbit {
		t.Errorf("two of the same share as %.0f", got)
	}
}

// Random loss p limits TCP to about MSS/RTT · √(3/2p) (Mathis et al.).
func TestTCPUnderRandomLoss(t *testing.T) {
	const loss = 0.02
	p := Path{Capacity: []Capacity{{0, 20 * mbit}}, Queue: 300 * ms, Loss: loss}
	got, _ := tcpRates(t, p, 60*second, TCP{Latency: latency})
	want := 1500 * 8 / 0.1 * math.Sqrt(1.5/loss)
	if got[0] < 0.6*want || got[0] > 1.4*want {
		t.Errorf("%.0f bit/s at 2 %% loss, the formula says %.0f", got[0], want)
	}
}

func TestShortTCPComesAndGoes(t *testing.T) {
	_, r := tcpRates(t, wide(Capacity{0, 10 * mbit}), 120*second, TCP{Latency: latency, Short: true})
	rates := r.rates(0, func(s Sender) bool { return s.Kind == Competitor })
	busy := 0
	for _, v := range rates {
		if v > 0 {
			busy++
		}
	}
	if share := float64(busy) / float64(len(rates)); share < 0.02 || share > 0.5 {
		t.Errorf("it sends %.0f %% of the time", share*100)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var idle time.Duration
	for range 1000 {
		segments, pause := download(rng)
		if size := segments * segmentBytes; size < minDownload || size > maxDownload+segmentBytes {
			t.Fatalf("a download of %d bytes", size)
		}
		idle += pause
	}
	if idle < 9000*second || idle > 11000*second {
		t.Errorf("pauses of %v in the mean", idle/1000)
	}
}
