// Package uplink looks after the scarce thing of a mesh: what the near end can send to all others together. It finds out how
// much that is, divides it, keeps what people see from flapping, and says it in a line that a person understands. It has no
// clock, no goroutine and no socket: time is an argument.
//
//	sessions' figures ──► Estimator ──► bit/s for all ──┐
//	(each 50 ms)              │                         ├──► Steady ──► Division ──► encoders, layers for each receiver,
//	                          └─ hard limits: the       │      │                     length of sound's packets
//	                             user's cap, data saver │      └──► Line, Refusal
//	who shows what, paths, who speaks ──────────────────┘
//
// All rates are in bit/s on the link, with the headers of IP and UDP, unless said otherwise: that is what an uplink carries.
//
//	estimator := uplink.NewEstimator(0)
//	steady := uplink.NewSteady()
//	for each tick {
//		estimate := estimator.Observe(now, sessions)
//		division := steady.Divide(now, uplink.Request{
//			Uplink: estimate.Rate, Carries: estimate.Carries, Receivers: receivers, Incoming: pictures, Camera: 720,
//		})
//		encoder.SetBitrate(division.Large.Bitrate)
//		…
//		for i, session := range sessions { // else they would all make way for each other
//			session.Couple(rtmfp.Coupling{
//				Queue: estimate.Queue, Losing: estimate.Draining, Rate: division.Cap(i, estimate),
//				Together: estimate.Together(), Headers: uplink.HeadersIPv4,
//			})
//		}
//	}
package uplink
