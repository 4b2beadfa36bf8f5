package uplink

import "slices"

// choice is what a receiver gets of a plan: a size, as an index of Sizes, and layers of it.
type choice struct{ size, layers int }

// plan is a pair of sizes, and who gets how many layers of which.
type plan struct {
	small, large int
	choices      []choice
	pathLimited  []bool     // the path keeps a receiver from more
	short        []bool     // it gets less than it would show, for whatever reason
	cost         float64    // at the least bitrates
	base         float64    // of the base for all, of that
	bits         [2]float64 // the sizes' bitrates that the paths were asked to take
	worth        float64
	everyone     bool // everybody who shows us gets the base, as far as their paths take it
}

// pictureCost is what a size's layers cost one receiver at a bitrate.
func (r *Request) pictureCost(bitrate float64, layers, headers int) float64 {
	return PictureCost(bitrate*layerShare[layers], r.FPS*layerRate[layers], headers)
}

// plan finds what can be made of two sizes. Whether a receiver's path takes a size depends on its bitrate, and that on how
// many get it; a few rounds settle it, since those whose paths are too weak leave the others with more.
func (r *Request) plan(s Sound, small, large int, budget float64) plan {
	bits := [2]float64{r.least(small), r.least(large)}
	for range placeRounds {
		p := r.place(s, small, large, bits, budget)
		if !p.everyone {
			return p
		}
		bits = r.raise(p, budget, [2]float64{r.mostTake(s, p, small), r.mostTake(s, p, large)})
	}
	return r.place(s, small, large, bits, budget)
}

// place gives each receiver what it can get of two sizes within a budget: first the base to all, then more of it to those who
// show us before others, then to the rest, to all of them alike. bits are the sizes' bitrates that paths must take.
func (r *Request) place(s Sound, small, large int, bits [2]float64, budget float64) plan {
	p := plan{
		small: small, large: large, bits: bits, choices: make([]choice, len(r.Receivers)),
		pathLimited: make([]bool, len(r.Receivers)), short: make([]bool, len(r.Receivers)),
	}
	levels := r.levels(&p)
	base := len(levels) - 2 // the last has fewer layers than the base: it is for weak paths
	focus, rest := r.groups()
	if !r.give(s, &p, append(append([]int(nil), focus...), rest...), levels[base:], bits, budget) {
		return p
	}
	p.everyone, p.base = true, p.cost
	for _, group := range [][]int{focus, rest} {
		for level := range base {
			if r.give(s, &p, group, levels[level:], bits, budget) {
				break
			}
		}
	}
	for i, c := range p.choices {
		wish := r.wish(i)
		if wish < 0 {
			continue
		}
		weight := 1.0
		if r.Receivers[i].Focus {
			weight = focusWeight
		}
		p.worth += weight * r.worth(c, wish)
		p.short[i] = c.size < wish || c.layers < Layers
	}
	return p
}

// levels are what a plan has to give, from the best; a receiver gets the first that its path and its tile take. The last but
// one is the base for all: 15 pictures a second. Slower ones look like a fault, so they are for weak paths only, and whoever
// has too little uplink for the base is better served with sound and the active speaker. A camera so slow that half of its pictures
// are fewer gives all of the small ones before half of the large ones. A screen's pictures are all in the lowest layer, so it is
// given whole or not at all.
func (r *Request) levels(p *plan) []choice {
	if r.Screen {
		return []choice{{p.large, Layers}, {p.small, Layers}, {p.small, Layers}}
	}
	l := []choice{{p.large, 3}}
	if p.small == p.large || r.fluent(2) {
		l = append(l, choice{p.large, 2})
	}
	if p.small != p.large {
		l = append(l, choice{p.small, 3}, choice{p.small, 2})
	}
	return append(l, choice{p.small, 1})
}

// fluent reports whether the pictures of so many layers are as many as whoever looks needs.
func (r *Request) fluent(layers int) bool { return r.FPS*layerRate[layers] >= fluentRate }

// least is the bitrate below which the next smaller size is better to look at.
func (r *Request) least(size int) float64 {
	if r.Screen {
		return Sizes[size].Least * screenLeast
	}
	return Sizes[size].Least
}

// groups are the receivers that show our picture: those that show it before others, and the rest.
func (r *Request) groups() (focus, rest []int) {
	for i, v := range r.Receivers {
		switch {
		case r.wish(i) < 0:
		case v.Focus:
			focus = append(focus, i)
		default:
			rest = append(rest, i)
		}
	}
	return focus, rest
}

// give gives a group the best of the levels that each one's path takes, if all of them together fit the budget.
func (r *Request) give(s Sound, p *plan, group []int, levels []choice, bits [2]float64, budget float64) bool {
	choices, limited := make([]choice, len(group)), make([]bool, len(group))
	cost := p.cost
	for k, i := range group {
		choices[k], limited[k] = r.best(s, p, i, levels, bits)
		cost += r.cost(choices[k]) - r.cost(p.choices[i])
	}
	if cost > budget {
		return false
	}
	for k, i := range group {
		p.choices[i], p.pathLimited[i] = choices[k], limited[k]
	}
	p.cost = cost
	return true
}

// cost is what a choice costs at the least bitrate.
func (r *Request) cost(c choice) float64 {
	return r.pictureCost(r.least(c.size), c.layers, r.Headers)
}

// best is the first of the levels that the receiver's path takes, and that is not larger than what it shows unless nothing is
// smaller. limited says that the path did not take a better one.
func (r *Request) best(s Sound, p *plan, i int, levels []choice, bits [2]float64) (c choice, limited bool) {
	wish, room := r.wish(i), r.path(i, s, true)
	for _, c := range levels {
		if c.size > wish && c.size > p.small {
			continue
		}
		bitrate := bits[0]
		if c.size == p.large {
			bitrate = bits[1]
		}
		if r.pictureCost(bitrate, c.layers, 0) <= room {
			return c, limited
		}
		limited = true
	}
	return choice{}, true
}

// filler is what is sent beyond its share to a receiver whose path is tried: as much as the path grants, so that it may come to
// grant more, but not more than what it would get if it did.
func (r *Request) filler(s Sound, p *plan, i int, cost, least float64) float64 {
	wish, bits := p.small, p.bits[0]
	if r.wish(i) >= p.large {
		wish, bits = p.large, p.bits[1]
	}
	enough := (s.Cost(0) + r.pictureCost(max(bits, Sizes[wish].Least), Layers, 0)) / pathShare * probePathGain
	return max(fillerShare*least, min(r.Receivers[i].Path, enough)-cost)
}

// worth is what somebody who could show a size sees in a choice, 0..1.
func (r *Request) worth(c choice, wish int) float64 {
	layers := c.layers
	if layers == 2 && !r.fluent(layers) {
		layers--
	}
	return min(1, float64(Sizes[c.size].Height)/float64(Sizes[wish].Height)) * layerWorth[layers]
}

// bits are the bitrates of a plan's sizes for what is to be spent now; limited says that with more to spend they would be higher.
func (r *Request) bits(s Sound, p plan, spend float64) (bits [2]float64, limited bool) {
	most := [2]float64{r.allTake(s, p, p.small), r.allTake(s, p, p.large)}
	bits = r.raise(p, spend, most)
	for k, size := range []int{p.small, p.large} {
		limited = limited || bits[k] < 0.98*min(most[k], Sizes[size].Most)
	}
	return bits, limited
}

// raise is how high the bitrates of a plan's sizes may be for what is to be spent, and no higher than most.
func (r *Request) raise(p plan, spend float64, most [2]float64) [2]float64 {
	sizes := [2]int{p.small, p.large}
	for k, size := range sizes {
		most[k] = max(r.least(size), min(Sizes[size].Most, most[k]))
	}
	at := func(share float64) (bits [2]float64, cost float64) {
		for k, size := range sizes {
			bits[k] = r.least(size) + share*(most[k]-r.least(size))
		}
		for _, c := range p.choices {
			bitrate := bits[0]
			if c.size == p.large {
				bitrate = bits[1]
			}
			cost += r.pictureCost(bitrate, c.layers, r.Headers)
		}
		return bits, cost
	}
	if bits, cost := at(1); cost <= spend {
		return bits
	}
	low, high := 0.0, 1.0
	for range raiseSteps {
		middle := (low + high) / 2
		if _, cost := at(middle); cost <= spend {
			low = middle
		} else {
			high = middle
		}
	}
	bits, _ := at(low)
	return bits
}

// mostTake is the bitrate of a size that the better half of the paths to those who get it take, or the others if that is not far less:
// a path that is a little weaker makes the picture coarser for all, which hardly anybody sees, and a far weaker one gets
// less of it alone. A path may take far more than it is known to, since media often use less than they may.
func (r *Request) mostTake(s Sound, p plan, size int) float64 {
	most := min(upperMedian(r.pathsTake(s, p, size, true)), Sizes[size].Most)
	least := max(most*coarser, r.least(size))
	for i, c := range p.choices {
		if c.layers > 0 && c.size == size {
			if v := r.takes(s, i, Layers, true); v >= least {
				most = min(most, v)
			}
		}
	}
	return most
}

// allTake is the bitrate that all those paths take at this moment: whoever is too weak for what the others get has been given
// less by then.
func (r *Request) allTake(s Sound, p plan, size int) float64 {
	takes := r.pathsTake(s, p, size, false)
	if len(takes) == 0 {
		return 0 // nobody gets it
	}
	return slices.Min(takes)
}

// pathsTake are the bitrates of a size that the paths take to those who get it, in all their layers.
func (r *Request) pathsTake(s Sound, p plan, size int, decide bool) (takes []float64) {
	for i, c := range p.choices {
		if c.layers > 0 && c.size == size {
			takes = append(takes, r.takes(s, i, c.layers, decide))
		}
	}
	return takes
}

// takes is the bitrate of a picture of which the path to a receiver takes so many layers.
func (r *Request) takes(s Sound, i, layers int, decide bool) float64 {
	return pictureBitrate(r.path(i, s, decide), r.FPS*layerRate[layers], 0) / layerShare[layers]
}
