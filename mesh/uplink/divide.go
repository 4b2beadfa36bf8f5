package uplink

// Divide decides what each receiver gets of the uplink. Every bit is encoded once and the same bits go to all who get them, so
// there is little to choose: how sound is packed, up to two sizes of picture with their bitrates, and how many of their layers
// each receiver gets.
//
//  1. Sound for all, in the shortest packets that fit.
//  2. Acknowledgements for the pictures of all others; if then there is not enough for a picture of ours of the least kind for
//     everybody who shows it, acknowledgements for the active speaker's alone (Mode).
//  3. Of all pairs of sizes the one that gives most to all (plan).
//  4. What is left makes their bitrates higher, up to where nobody sees a difference.
//  5. Files get what is left then, and filesShare of the uplink if that changes neither the mode nor how sound is packed.
//
// A receiver whose path takes less than the others' gets fewer layers, or the small size; it takes nothing from the others.
func Divide(r Request) Division {
	r.withDefaults()
	d := r.divide()
	if r.files() == 0 {
		return d
	}
	less := r
	less.Uplink, less.Carries = r.Uplink*(1-filesShare), r.Carries*(1-filesShare)
	if l := less.divide(); l.Mode == d.Mode && l.Sound.Packet == d.Sound.Packet {
		d = l
	}
	r.giveFiles(&d)
	return d
}

// divide is Divide, but for files.
func (r *Request) divide() Division {
	budget, decide := r.Uplink*(1-reserve), r.Carries*(1-reserve)
	sound, fits := chooseSound(len(r.Receivers), decide, r.Headers)
	all := float64(len(r.Receivers)) * sound.Cost(r.Headers)
	everyones, speakers := r.feedback()
	if !fits {
		return r.withoutPicture(TooLittle, sound, all)
	}

	p := r.choose(sound, decide-all-everyones)
	if p.everyone && p.base <= everyoneShare*(decide-all-everyones) || all+everyones <= decide && r.wishes() == 0 {
		return r.finish(Everyone, sound, p, budget-all-everyones, all+everyones)
	}
	if !r.Speaking {
		if all+speakers > decide {
			return r.withoutPicture(SoundOnly, sound, all)
		}
		return r.withoutPicture(ActiveSpeaker, sound, all+speakers)
	}
	// Whoever speaks receives the picture of whoever spoke before. To be seen is worth a little delay of sound.
	for _, s := range []Sound{sound, soundSteps[1]} {
		all := float64(len(r.Receivers)) * s.Cost(r.Headers)
		if p := r.choose(s, decide-all-speakers); p.everyone && s.Packet >= sound.Packet {
			return r.finish(ActiveSpeaker, s, p, budget-all-speakers, all+speakers)
		}
	}
	if all+speakers > decide {
		return r.withoutPicture(SoundOnly, sound, all)
	}
	return r.withoutPicture(ActiveSpeaker, sound, all+speakers)
}

// soundSteps are how sound may be packed, from the best. Each step costs delay: a packet is sent when its last sample is there.
var soundSteps = []Sound{
	{Bitrate: 32_000, Packet: 20 * ms},
	{Bitrate: 24_000, Packet: 40 * ms},
	{Bitrate: 16_000, Packet: 60 * ms},
	{Bitrate: 16_000, Packet: 60 * ms, Silence: true},
}

// chooseSound is the first step that fits the budget for all receivers. If none does it is the last: whoever speaks may then
// be heard while the others are silent.
func chooseSound(receivers int, budget float64, headers int) (s Sound, fits bool) {
	for _, s := range soundSteps {
		if float64(receivers)*s.Cost(headers) <= budget {
			s.Silence = s.Silence || receivers >= silenceFrom
			return s, true
		}
	}
	return soundSteps[len(soundSteps)-1], receivers == 0
}

// feedback is what acknowledging the pictures of all others takes, and of the one that takes most.
func (r *Request) feedback() (everyones, speakers float64) {
	for _, in := range r.Incoming {
		cost := FeedbackCost(in.Bitrate, in.FPS)
		everyones += cost
		speakers = max(speakers, cost)
	}
	return everyones, speakers
}

// wishes is how many receivers show our picture.
func (r *Request) wishes() (n int) {
	for i := range r.Receivers {
		if r.wish(i) >= 0 {
			n++
		}
	}
	return n
}

// choose is the plan that gives most to all within a budget for pictures.
func (r *Request) choose(s Sound, budget float64) plan {
	var best plan
	largest := -1
	for i := range r.Receivers {
		largest = max(largest, r.wish(i))
	}
	for large := range largest + 1 {
		for small := range large + 1 {
			if small < large && r.SmallHeight > 0 && Sizes[small].Height > r.SmallHeight {
				continue
			}
			p := r.plan(s, small, large, budget)
			if p.everyone && p.worth > best.worth+worthNoise {
				best = p
			}
		}
	}
	return best
}

// withoutPicture is a division in which nobody gets our picture.
func (r *Request) withoutPicture(m Mode, s Sound, cost float64) Division {
	d := Division{Mode: m, Sound: s, Shares: make([]Share, len(r.Receivers)), Cost: cost}
	d.Lacks = len(r.Incoming) > 0 || r.wishes() > 0
	d.Wants = d.Lacks
	for i := range d.Shares {
		d.Shares[i].Cost = s.Cost(r.Headers)
	}
	r.fill(&d)
	return d
}

// finish gives sizes their bitrates, and the receivers what they get.
func (r *Request) finish(m Mode, s Sound, p plan, budget, cost float64) Division {
	d := Division{Mode: m, Sound: s, Shares: make([]Share, len(r.Receivers))}
	repeats := 0.0
	for i := range r.Receivers {
		sh := &d.Shares[i]
		sh.Cost = s.Cost(r.Headers)
		if repeat := s.RepeatCost(); r.repeats(i) && p.cost+repeats+repeat <= min(budget, r.Carries*(1-reserve)-cost) {
			sh.Repeat = true
			sh.Cost += repeat
			repeats += repeat
		}
	}
	bits, limited := r.bits(s, p, budget-repeats)
	if fillers := r.tryPaths(s, &p, &d, bits); fillers > 0 {
		bits, limited = r.bits(s, p, budget-repeats-fillers)
	}
	for i, c := range p.choices {
		sh := &d.Shares[i]
		sh.PathLimited = p.pathLimited[i]
		if c.layers == 0 {
			continue
		}
		sh.Layers, sh.Large = c.layers, c.size == p.large
		e, bitrate := &d.Small, bits[0]
		if sh.Large {
			e, bitrate = &d.Large, bits[1]
		}
		sh.Cost += r.pictureCost(bitrate, c.layers, r.Headers)
		e.Size, e.Bitrate, e.Layers = Sizes[c.size], int(bitrate), max(e.Layers, c.layers)
	}
	d.Cost = cost - float64(len(r.Receivers))*s.Cost(r.Headers)
	for _, sh := range d.Shares {
		d.Cost += sh.Cost
	}
	d.Lacks = m != Everyone
	for i, short := range p.short {
		d.Lacks = d.Lacks || short && !p.pathLimited[i]
	}
	d.Wants = d.Lacks || limited
	r.fill(&d)
	return d
}

// tryPaths gives receivers whose paths are to be tried what proves that they take more, and returns what that takes. bits are
// what the plan's sizes would have without.
func (r *Request) tryPaths(s Sound, p *plan, d *Division, bits [2]float64) (sum float64) {
	if r.probes == nil {
		return 0
	}
	for i, c := range p.choices {
		if !r.probes[i] || !p.pathLimited[i] || r.Receivers[i].Queue {
			continue
		}
		sh, bitrate := &d.Shares[i], bits[0]
		if c.size == p.large {
			bitrate = bits[1]
		}
		sh.Filler = r.filler(s, p, i, sh.Cost+r.pictureCost(bitrate, c.layers, r.Headers), sh.Cost+r.cost(c))
		sum += sh.Filler
	}
	return sum
}

// fill has what the media cannot use of the uplink be proven, if they could use more of it.
func (r *Request) fill(d *Division) {
	spare := r.Uplink*(1-reserve) - d.Cost
	for _, s := range d.Shares {
		spare -= s.Filler
	}
	if !r.Probe || !d.Wants || spare < fillerFrom*r.Uplink {
		return
	}
	for i, v := range r.Receivers {
		if d.Shares[i].PathLimited || v.Queue {
			continue
		}
		path := v.Path
		if path <= 0 {
			path = pathAtFirst
		}
		d.Shares[i].Filler += min(spare/float64(len(d.Shares)), pathFiller*path)
	}
}
