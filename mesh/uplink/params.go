package uplink

import (
	"slices"
	"time"
)

const ms = time.Millisecond

// The division.
const (
	// reserve is the share of the uplink for signals, what is sent again, and pictures that turn out larger than they should.
	reserve = 0.05
	// pathShare is the share of what a session's congestion control grants that is planned with: the rest is for what is sent
	// again, and for acknowledgements.
	pathShare = 0.9
	// pathAtFirst is what is taken for granted of a path of which nothing is known: sound and a small picture, with which
	// sessions begin.
	pathAtFirst = 300e3
	// everyoneShare is how much of what there is for pictures the base for all may take, for there to be pictures for all: with
	// less room they would be the first thing to go.
	everyoneShare = 0.7
	// screenLeast is the part of a size's least bitrate at which a screen is worth sending in it: letters that are scaled down cannot be read
	// whatever their bitrate, and a page comes with fewer bits, only later.
	screenLeast = 0.25
	// fluentRate is how many pictures a second are fluent enough for a face.
	fluentRate = 14
	// tileTolerance: a picture that is so many percent as high as its tile is large enough.
	tileTolerance = 85
	// focusWeight is how many others' pictures the one weighs that somebody looks at.
	focusWeight = 3
	// worthNoise is a difference in worth that is none, so that of equal plans the smaller one is taken.
	worthNoise = 1e-6
	// placeRounds are the rounds in which receivers with weak paths leave a size.
	placeRounds = 3
	// coarser is how much lower than what most paths take a bitrate may be so that weaker ones take it, too.
	coarser = 0.5
	// raiseSteps are those of the search for the highest bitrates: to a thousandth.
	raiseSteps = 10
	// A path that keeps its receiver from more is tried with more probePathAfter it did so first, and each probePathEvery: its
	// session's congestion control lets the rate grow by half at most of what is used. That lasts for as long as the path comes
	// to grant probePathGain times as much in probePathFor. All that are tried at a time may take tryShare of the uplink.
	probePathAfter = 2 * time.Second
	probePathFor   = time.Second
	probePathEvery = 5 * time.Second
	probePathGain  = 1.1
	tryShare       = 0.25
	// fillerShare is what a receiver gets of no use, of what it gets, so that its path proves to take more. Where media cannot
	// use fillerFrom of the uplink, that is filled likewise, but no path with more than pathFiller of what it has proved.
	fillerShare = 0.35
	fillerFrom  = 0.03
	pathFiller  = 0.5
	// Each session may send capShare of its part of the uplink, as UDP payload, and capDraining of it while a queue is to go, when old
	// pictures wait to be sent; and capLeast, which is sound, in any case.
	capShare    = 1.05
	capDraining = 0.8
	capLeast    = 75e3
	// togetherShare of the uplink is how fast pictures leave that go to several: at 1.1 they wait for long where sizes
	// change, at 2 they stand in the queue.
	togetherShare = 1.5
	// repeatFrom is the share of lost packets from which on sound is sent twice to who drops duplicates: concealment hides less.
	repeatFrom = 0.02
	// filesShare is the share of the uplink that sound and pictures leave to files while somebody waits for one: pictures are a
	// little coarser for some minutes. filesLeast is what a file gets in any case, in bit/s: less than what the reserve is for.
	filesShare = 0.2
	filesLeast = 16e3
	// silenceFrom is the number of receivers from which on silence is not sent: nobody hears a dozen rooms' noise gladly.
	silenceFrom = 10
)

// acksAfter is how much longer than the time between packets of sound acknowledgements wait for one: it may be a little late.
const acksAfter = 15 * ms

// The estimate.
const (
	// startRate is what is tried of an uplink of which nothing is known: the sound of eight people, and little more. knownShare is
	// what is tried of one that has carried more before.
	startRate  = 600e3
	knownShare = 0.5
	// saverLimit is what is sent while the user saves data: sound to seven people, or sound and a picture to one, for 270 MB an
	// hour.
	saverLimit = 600e3
	// minRate keeps the estimate from vanishing while nothing gets through: one peer's sound.
	minRate = 70e3
	// useWindow is over how long it is measured what is sent and what arrives: several pictures and reports.
	useWindow = 300 * ms
	// knowsAfter: by then a session has seen its path without a queue, even if one stood there when it was opened.
	knowsAfter = 3 * time.Second
	// silentAfter: what a session says that has heard nothing for so long is not about now.
	silentAfter = time.Second

	// A queue of fallQueue in fallAfter observations in a row means that the uplink is full: it is less than what each session's
	// congestion control holds for itself at the rates of a conference (25 to 60 ms), so that those need not act. One of
	// alarmQueue says so at once. As long as none has been seen, when the rate grows fast, startQueue is enough. A queue of calmQueue is
	// none: it is a picture's packets.
	fallQueue  = 20 * ms
	fallAfter  = 2
	alarmQueue = 30 * ms
	startQueue = 10 * ms
	calmQueue  = 8 * ms
	// The usual queue, up to usualMost, is the path's own noise; it is learned in usualTime.
	usualMost = 15 * ms
	usualTime = 5 * time.Second
	// ownQueue more than what all share is a queue of a path's own.
	ownQueue = 30 * ms
	// Of what is sent to a member, what arrives is taken for tellsOther more or less than the others' part at most, and in the last
	// moment for tellsMoment times as much: pictures come in packets at different times, and lies are bounded.
	tellsOther  = 0.25
	tellsMoment = 2
	// limitedShare: a session that is granted less than that part of what it sends must give way; in limitedAfter
	// observations in a row it is more than one large picture.
	limitedShare = 0.95
	limitedAfter = 4

	// useShare is what is planned with of what the uplink has proved to carry: pictures vary in size.
	useShare = 0.92
	// A queue is to be gone in drainTime, for which at most drainMost of the rate is given.
	drainTime = 300 * ms
	drainMost = 0.4
	// drainedFor is how long pictures that waited meanwhile take to be sent.
	drainedFor = 700 * ms
	// doubtFor is how long it takes to tell a queue that we have made from one of a moment in which nothing left, as there are over radio:
	// until then sizes and layers stay.
	doubtFor = 120 * ms
	// goneAtOnce: a queue that is gone by then is not gone because we have given way. That takes a round trip, and a report.
	goneAtOnce = 100 * ms
	// growthBlur is how much more than what was measured the uplink may carry because the rate grew meanwhile.
	growthBlur = 1.1
	// holdFor is how long the rate stays after that: the shortest that keeps it from swinging, and the longest that lets it be
	// back in 10 s after an uplink's bad moment. Once patientAfter probes in a row have found the same end, within sameRate of
	// it, it is holdLong.
	holdFor      = 2500 * ms
	holdLong     = 10 * time.Second
	patientAfter = 8
	sameRate     = 0.15
	forgetAfter  = 30 * time.Second
	// But as long as that is less than bestShare of what the uplink carried of late it stays holdFor: it may have a bad moment.
	// That is forgotten in about bestTime.
	bestShare = 0.7
	bestTime  = 3 * time.Minute
	// What was carried before is beyond doubt until the rate has grown by provenShare more than what has been proved.
	provenShare = 1.05
	// The rate grows by firstGrowth a second when a probe begins, twice as fast each growthDoubling, by mostGrowth at most; at
	// first, before any queue has been seen, by startGrowth. Where far more was carried of late it begins with fastGrowth.
	firstGrowth    = 0.05
	mostGrowth     = 0.4
	fastGrowth     = 0.12
	startGrowth    = 1.2
	growthDoubling = time.Second
	// usedShare of the rate must be used for it to grow, and it grows to probeGain times what is used at most: more would not be
	// proven.
	usedShare = 0.8
	probeGain = 1.15
	// At first it grows so fast that what is used, measured over useWindow, lags behind.
	startUsed = 0.65
	startGain = 1.35
	// What is known of an uplink of which less than staleShare was used for staleAfter is stale: the rate grows by staleGrowth a second
	// at once.
	staleShare  = 0.5
	staleAfter  = 10 * time.Second
	staleGrowth = 0.6
	// settleFor is how long more is not tried when another session has been opened, in the beginning: that takes much of a slow uplink.
	settleFor = 200 * ms
	// A queue that has not fallen to othersLess of its length in othersAfter, though we send less than othersGiven of what the uplink
	// carried, is somebody else's.
	othersAfter = 2 * time.Second
	othersGiven = 0.7
	othersLess  = 0.7
)

// Steadiness.
const (
	// What the uplink or a path carries must be riseShare more than what sizes and layers were decided by, for riseAfter, before
	// they are decided by more: pictures vary by an eighth from second to second, and so does a rate that probes.
	riseShare = 0.12
	riseAfter = 1500 * ms
	// If it falls again within riseTrial by more than that, the next rise waits twice as long, up to riseMost; what has lasted
	// for riseKept is forgotten.
	riseTrial = 10 * time.Second
	riseMost  = 20 * time.Second
	riseKept  = 3 * time.Minute
	// pathBegins is how long the rate of a new path is only about to be found out: it begins far below what most paths take.
	pathBegins = 3 * time.Second
)

// upperMedian is the upper middle of the values; 0 if there are none. It sorts them.
func upperMedian(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	return v[len(v)/2]
}
