package uplink

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Line says in a few words what the uplink is used for, as in "7 people × 480 kbit/s"; empty if nobody else is there.
func Line(d Division) string {
	n := len(d.Shares)
	if n == 0 {
		return ""
	}
	least, most, sum := d.Shares[0].Cost, 0.0, 0.0
	for _, s := range d.Shares {
		least, most, sum = min(least, s.Cost), max(most, s.Cost), sum+s.Cost
	}
	if rate(least) == rate(most) {
		return people(n) + " × " + rate(most)
	}
	return people(n) + " · " + rate(sum)
}

// Summary says what the uplink carries, as in "Your uplink carries 3 people at 360p · 1.6 Mbit/s". It is empty if nobody else is
// there.
func Summary(d Division, e Estimate) string {
	if len(d.Shares) == 0 {
		return ""
	}
	carries := "Your uplink carries "
	if e.Capped {
		carries = "Your limit allows "
	}
	return carries + list(audiences(d)) + " · " + rate(d.Cost)
}

// audiences are the groups of receivers that get the same, as in "3 people at 360p", those that see most first.
func audiences(d Division) []string {
	counts := map[int]int{} // by height; 0: sound alone
	for _, s := range d.Shares {
		switch {
		case s.Layers == 0:
			counts[0]++
		case s.Large:
			counts[d.Large.Size.Height]++
		default:
			counts[d.Small.Size.Height]++
		}
	}
	var heights []int
	for h := range counts {
		heights = append(heights, h)
	}
	slices.SortFunc(heights, func(a, b int) int { return b - a })
	var groups []string
	for i, h := range heights {
		who := people(counts[h])
		switch {
		case i > 0:
			who = fmt.Sprint(counts[h]) // as in "3 people at 360p, 4 at 180p"
		case h == 0:
			return []string{"sound to " + who}
		}
		if h == 0 {
			groups = append(groups, who+" with sound only")
		} else {
			groups = append(groups, fmt.Sprintf("%s at %dp", who, h))
		}
	}
	return groups
}

// Refusal says why pictures were refused: what there is, what it is enough for, and what helps. It is empty if everybody who
// shows us sees us, and we everybody.
func Refusal(r Request, d Division, e Estimate) string {
	r.withDefaults()
	n := len(d.Shares)
	if n == 0 {
		return ""
	}
	what, help := "Your uplink carries "+rate(r.Carries), "It comes back by itself when there is more."
	if e.Capped {
		what, help = "You have limited what is sent to "+rate(r.Carries), "A higher limit, in the settings, brings it back."
	}
	to := "for sound to " + people(n)
	switch d.Mode {
	case TooLittle:
		return what + ", too little even " + to + ". Sound is sent in long packets and not during silence, and may break up. Fewer people, or another network, would help."
	case SoundOnly:
		return what + ": enough " + to + longer(d) + ", but for no picture, neither yours nor another's. " + help
	case ActiveSpeaker:
		if r.Camera <= 0 {
			return what + ": enough " + to + longer(d) + ", but not to receive every picture. You see whoever speaks. " + help
		}
		if r.Speaking && !d.Large.Wanted() && !d.Small.Wanted() {
			return what + ": enough " + to + longer(d) + ", but not for your picture. You see whoever speaks. " + help
		}
		return what + ": enough " + to + longer(d) + ", but not for pictures too. Yours is sent while you speak, and you see whoever speaks. " + help
	}
	return weak(r, d)
}

// weak says who gets no picture since the path there is too weak.
func weak(r Request, d Division) string {
	n := 0
	for i, s := range d.Shares {
		if s.PathLimited && s.Layers == 0 && r.wish(i) >= 0 {
			n++
		}
	}
	switch n {
	case 0:
		return ""
	case 1:
		return "The connection to one person is too weak for your picture, and carries your sound alone."
	}
	return fmt.Sprintf("The connections to %d people are too weak for your picture, and carry your sound alone.", n)
}

// longer says that sound has more delay than usual.
func longer(d Division) string {
	if d.Sound.Packet <= soundSteps[0].Packet {
		return ""
	}
	return ", in longer packets"
}

func people(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}

// rate is a rate as people read it: 480 kbit/s, 1.6 Mbit/s.
func rate(bits float64) string {
	if kbit := math.Round(bits/1e4) * 10; kbit < 1000 {
		return fmt.Sprintf("%.0f kbit/s", kbit)
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", bits/1e6), ".0") + " Mbit/s"
}

func list(groups []string) string { return strings.Join(groups, ", ") }
