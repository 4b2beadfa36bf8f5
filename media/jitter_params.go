package media

import "time"

// Limits and choices of the jitter buffer.
const (
	// jitterPackets bounds what waits for one person: a second. More than that is a flood, or a player that stands still.
	jitterPackets = 50
	// jitterSlots holds jitterPackets by their number; a power of two.
	jitterSlots = 64
	// jitterSeen is how many packet numbers are remembered to tell a repeated packet from a late one; a power of two.
	jitterSeen = 128

	// jitterStart is the delay before anything is known of a path. Most paths need less than two frames.
	jitterStart = 40 * time.Millisecond
	// jitterLeast is kept on the cleanest path: a frame, since the player itself may be late.
	jitterLeast = FrameTime
	// jitterMost: with more delay people begin to talk over each other (ITU-T G.114: 400 ms in all).
	jitterMost = 350 * time.Millisecond
	// jitterMargin lies between the delay that packets need and what they get.
	jitterMargin = FrameTime / 2

	// delayPackets is how far back arrivals are remembered: 10 s, long enough to see a network's rhythm and short enough
	// for two clocks to drift by no more than 1 ms.
	delayPackets = 500
	// delayLearned packets make a first estimate: 1 s.
	delayLearned = 50
	// delayEvery packets the estimate is made anew.
	delayEvery = 8
	// delayHeap: packets that come so soon after another come out of the same queue.
	delayHeap = 5 * time.Millisecond
	// delayPercent of packets (heaps counted once) are to arrive in time; the others are concealed. A queue that wanders with a 95th percentile
	// of 60 ms has 0.9 % concealed at 97 %, with 90 ms of delay, and 0.4 % at 99 %, with 110 ms.
	delayPercent = 99
	// repeatHeld is how long after the last packet that came twice, the second time with what was sent after it, the delay is such that
	// a repeated one is in time.
	repeatHeld = 2 * time.Second
	// packetMost bounds what a sender may say that he sends at once: nobody is to make us wait for more.
	packetMost = 60 * time.Millisecond
	// silenceHeld is how long after the sender's word that it is silent comfort noise is heard: it repeats that each 400 ms.
	silenceHeld = 2 * time.Second
	// delayStep is a change of arrival against due time that no network makes: a clock was set, and all is begun anew.
	delayStep = 2 * time.Second

	// delayAbsurd is a difference of clocks that is no clock's but an attack on the arithmetic: 50 years.
	delayAbsurd = 50 * 365 * 24 * time.Hour

	// shrinkFrom and shrinkTo: the delay is brought down once it lies that much above its target, until it lies
	// that near. A clean stream never comes to shrinkFrom, so it is never touched.
	shrinkFrom = 40 * time.Millisecond
	shrinkTo   = FrameTime
	// raisedFor is how long after the delay had to be raised it is brought down from shrinkTo to jitterMargin: each passing trouble would else
	// cost a frame of delay for the rest of the call. By then its packets are forgotten (delayPackets), and what recurs sooner is no passing one.
	raisedFor = 11 * time.Second
	// shrinkHard: from here on also where it may be heard a little. Below, unheard shortening is quick enough: 100 ms in half a second of speech.
	shrinkHard = 160 * time.Millisecond
	// shrinkDrop: from here on whole frames are left out, for people begin to talk over each other.
	shrinkDrop = 250 * time.Millisecond
	// growFrom: the delay is raised once it lies that much below its target.
	growFrom = FrameTime

	// riseMargin: sound is lengthened once packets that come later and later are expected to be there by less than that before they are
	// to be played: a frame, for it is looked once in a frame.
	riseMargin = FrameTime
	// riseHeld is how long the delay is held after packets came later and later: a queue swings for some round trips. If it lasts, it has been learned by then.
	riseHeld = 400 * time.Millisecond
	// stallRecurs is how soon after one stall another makes a path one that stalls, and stallHeld how long after each the delay bridges such a stall.
	stallRecurs = 2 * time.Second
	stallHeld   = 3 * time.Second

	// concealSamples is how long sound is made up: 100 ms, falling. Longer sounds like a robot.
	concealSamples = SampleRate / 10
	// concealNoiseSamples is the same for sound without pitch.
	concealNoiseSamples = SampleRate * 6 / 100
	// concealFull is how long made-up sound keeps its loudness: 10 ms.
	concealFull = SampleRate / 100
	// concealFrames after which nothing is waited for, 200 ms: the next packet begins a new run, with the target delay.
	concealFrames = 10
	// mergeSamples is the cross-fade from made-up to true sound, 5 ms.
	mergeSamples = SampleRate / 200
)
