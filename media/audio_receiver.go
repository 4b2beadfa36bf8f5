package media

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"sundog.dev/sundog/media/opus"
)

// AudioStats describes received sound.
type AudioStats struct {
	// Latency is the median from Due to the hand-over to the sink, behind the jitter buffer, by the system clock;
	// meaningful when both ends are on one machine. 0: nothing was played. The hand-over is when
	// the mixed frame that holds a packet's last sample was given to the sink: for devices, written to the ring from which the
	// sound system takes it 10 to 30 ms later.
	Latency   time.Duration
	Concealed float64 // share of played frames that had to be made up, 0..1
	// Repaired is the share of played frames that came only behind a later one, as repeated packets do: with Concealed,
	// what the path loses. A receiver that loses asks for repeated sound, and goes on to ask while that repairs.
	Repaired float64
	// Stretched is how much longer or shorter the played frames were made, as a share of them, because packets came later or sooner: the delay follows by
	// pitch periods that are said twice or not at all, which is hardly heard. It is not in Concealed.
	Stretched float64
	Buffered  time.Duration
}

// AudioReceiver is one person's jitter buffer and decoder. Packets are decoded when they are played, by the player's goroutine.
type AudioReceiver struct {
	player *Player
	meter  meter
	volume atomic.Uint64 // bits of a float64

	mu        sync.Mutex
	closed    bool
	jitter    jitterBuffer
	latencies []time.Duration // since the last snapshot; a ring once it is full
	oldest    int
	played    int // frames played since the last snapshot
	made      int // frames made up
	stretched int // samples by which frames were made longer or shorter
	waiting   int // decoded samples that wait

	// The player's.
	dec      *opus.Decoder
	conceal  concealer
	comfort  comfort
	noisy    bool // comfort noise was heard last
	stretch  stretcher
	frame    [FrameSamples]int16
	pcm      [4 * FrameSamples]int16 // decoded sound that waits; at most 2.8 frames
	pcmLen   int
	ends     [4]packetEnd // packets whose last sample waits
	endCount int
	handed   []time.Time // due times of packets whose last sample is in the frame being mixed
}

// packetEnd is where in the waiting sound a packet ends.
type packetEnd struct {
	at  int
	due time.Time
}

func newAudioReceiver(p *Player) (*AudioReceiver, error) {
	dec, err := opus.NewDecoder()
	if err != nil {
		return nil, err
	}
	r := &AudioReceiver{player: p, dec: dec, latencies: make([]time.Duration, 0, maxLatencies), handed: make([]time.Time, 0, 4)}
	r.jitter.delays.reset()
	r.SetVolume(1)
	return r, nil
}

// Push takes a packet, which belongs to the receiver; never blocks, bounded. What is no sound packet of 20 ms is dropped.
func (r *AudioReceiver) Push(e Encoded) {
	now := time.Now()
	if e.Kind != Audio || e.Due.IsZero() || opus.Check(e.Data) != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.jitter.together(e.Packet)
		r.jitter.push(e.Due, e.Data, now)
	}
}

// SetVolume makes this person louder or softer: 1 is as sent, 0 nothing, 4 (12 dB more) the most.
func (r *AudioReceiver) SetVolume(factor float64) {
	if !(factor >= 0) { // nor a number
		factor = 0
	}
	r.volume.Store(math.Float64bits(min(factor, loudestVolume)))
}

// Volume is what SetVolume was told.
func (r *AudioReceiver) Volume() float64 { return math.Float64frombits(r.volume.Load()) }

// Level is the loudness of what was played last, 0..1, whatever the volume: who speaks is the same for all.
func (r *AudioReceiver) Level() float64 { return r.meter.level() }

// Stats is a snapshot since the previous call.
func (r *AudioReceiver) Stats() AudioStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := AudioStats{Buffered: r.jitter.buffered() + samplesTime(r.waiting)}
	if n := len(r.latencies); n > 0 {
		slices.Sort(r.latencies)
		s.Latency = r.latencies[n/2]
	}
	if n := r.played + r.made; n > 0 {
		s.Concealed = float64(r.made) / float64(n)
		s.Repaired = float64(r.jitter.repaired) / float64(n)
		s.Stretched = float64(r.stretched) / float64(n*FrameSamples)
	}
	r.jitter.repaired = 0
	r.latencies, r.oldest, r.played, r.made, r.stretched = r.latencies[:0], 0, 0, 0, 0
	return s
}

// Close removes the person's sound. It may be called twice.
func (r *AudioReceiver) Close() error {
	r.player.remove(r)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	return nil
}

// read gives the next 20 ms to a player that comes at now; false: nothing is heard.
func (r *AudioReceiver) read(out *[FrameSamples]int16, now time.Time) bool {
	r.handed = r.handed[:0]
	for r.pcmLen < FrameSamples {
		if !r.more(now) {
			break
		}
	}
	n := copy(out[:], r.pcm[:min(r.pcmLen, FrameSamples)])
	if n == 0 {
		r.meter.silence()
		return false
	}
	clear(out[n:])
	copy(r.pcm[:], r.pcm[n:r.pcmLen])
	r.pcmLen -= n
	r.passed(n)
	r.meter.add(out[:])
	return amplify(out[:], r.Volume())
}

// more decodes or makes up the next frame; false: there is nothing to be heard.
func (r *AudioReceiver) more(now time.Time) bool {
	r.mu.Lock()
	f := r.jitter.take(now, samplesTime(r.pcmLen))
	r.mu.Unlock()
	switch f.verdict {
	case hearPacket:
		if r.dec.Decode(f.data, &r.frame) == nil {
			r.heard(f)
			return true
		}
		fallthrough // what cannot be decoded is lost
	case hearMadeUp:
		r.conceal.lost(r.frame[:])
		r.wait(r.frame[:])
		r.count(0, 1)
		return true
	case hearSilence:
		if !r.comfort.fill(r.frame[:]) {
			r.conceal.quiet()
			return false
		}
		r.conceal.good(r.frame[:], !r.noisy)
		r.noisy = true
		r.wait(r.frame[:])
		return true
	default:
		r.noisy = false
		r.conceal.quiet()
		return false
	}
}

// heard takes a decoded frame.
func (r *AudioReceiver) heard(f jitterFrame) {
	r.comfort.heard(r.frame[:])
	r.conceal.good(r.frame[:], f.cut)
	r.noisy = false
	pcm := r.frame[:]
	switch { // the frame is the newest of what was heard
	case f.stretch < 0:
		pcm = r.stretch.shorten(&r.conceal.history, f.hard)
	case f.stretch > 0:
		pcm = r.stretch.lengthen(&r.conceal.history, f.hard)
	}
	r.wait(pcm)
	if r.endCount < len(r.ends) {
		r.ends[r.endCount] = packetEnd{at: r.pcmLen, due: f.due}
		r.endCount++
	}
	r.count(1, 0)
	if by := len(pcm) - FrameSamples; by != 0 {
		r.mu.Lock()
		r.jitter.stretched(samplesTime(by))
		r.stretched += max(by, -by)
		r.mu.Unlock()
	}
}

// amplify changes the volume; false: nothing is left.
func amplify(pcm []int16, factor float64) bool {
	if factor == 1 {
		return true
	}
	if factor == 0 {
		return false
	}
	f := float32(factor)
	for i, v := range pcm {
		pcm[i] = softClip(int32(float32(v) * f))
	}
	return true
}

// wait appends sound.
func (r *AudioReceiver) wait(pcm []int16) {
	r.pcmLen += copy(r.pcm[r.pcmLen:], pcm)
}

func (r *AudioReceiver) count(played, made int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.played += played
	r.made += made
}

// passed notes which packets ended within the n samples that go to the sink.
func (r *AudioReceiver) passed(n int) {
	left := 0
	for _, e := range r.ends[:r.endCount] {
		if e.at <= n {
			r.handed = append(r.handed, e.due)
			continue
		}
		r.ends[left] = packetEnd{at: e.at - n, due: e.due}
		left++
	}
	r.endCount = left
}

// handedOver is told when the sink was given the frame of the last read.
func (r *AudioReceiver) handedOver(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting = r.pcmLen
	for _, due := range r.handed {
		latency := now.Sub(due)
		if len(r.latencies) < maxLatencies {
			r.latencies = append(r.latencies, latency)
			continue
		}
		r.latencies[r.oldest] = latency
		r.oldest = (r.oldest + 1) % maxLatencies
	}
}
