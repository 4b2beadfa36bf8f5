// Package rmcat is the measuring stand for congestion control: the test cases of RFC 8867, and some more, played on
// a network in memory and a virtual clock, with real RTMFP sessions as the media flows, a model of a video encoder
// in front of them and a model of TCP beside them.
//
// A Scenario is data: paths with their capacity over time, who sends over them and when, and the marks that are to
// be met. Run plays it and returns what was seen at the bottlenecks and at the receivers; Result.Figures makes
// figures of that, Judge compares them with the marks, and WriteSVG draws them. Run belongs into a testing/synctest
// bubble:
//
//	synctest.Test(t, func(t *testing.T) {
//		result, err := rmcat.Run(scenario, seed)
//		if err != nil {
//			t.Fatal(err)
//		}
//		for _, v := range rmcat.Judge(scenario, result.Figures()) {
//			if !v.Met {
//				t.Error(v)
//			}
//		}
//	})
//
// The same seed gives the same losses, jitter and frames, but goroutines that wake at the same moment run in any
// order, so that figures differ a little from run to run.
//
// The command in report plays all cases with several seeds and prints every figure with its mark, and whether it was
// met (make bench-congestion). It exits with 0 when the report was made, whatever it says:
//
//	go run ./internal/rmcat/report -case 5.1,5.6 -seeds 3 -svg build/congestion
//
// What is measured:
//
//   - Rates count the bytes on the bottleneck link: packets with their IP and UDP headers.
//   - Use is what the media flows carry there, of the capacity or of what their encoders can make at most, whichever is
//     less, over the steady parts of the case: all but the first 5 s after each change.
//   - Queue delay is a packet's time in the queue, from its arrival until its first byte leaves, of all packets of the
//     media flows, in the whole case.
//   - Loss is the share of their packets that found the queue full.
//   - Convergence upward is the time from a rise of what they can carry until they begin to carry 85 % of it, in the mean of half a second;
//     downward, from a fall until the queue is below 100 ms for a second. The longest of the case counts.
//   - Fairness is Jain's index of the rates of all flows that send, in windows of 5 s of the steady parts, the mean.
//   - Delay of frames and messages is from the moment they are written until they are read, whole; what never arrives
//     counts as infinitely late. For messages the first 5 s, in which the rate is found, count in the longest only.
package rmcat
