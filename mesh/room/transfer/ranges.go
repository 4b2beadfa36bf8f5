package transfer

import "sundog.dev/sundog/mesh/room/incall"

// without are ranges less a part; the ranges are ascending and apart before and after.
func without(all []incall.Range, part incall.Range) []incall.Range {
	var rest []incall.Range
	for _, r := range all {
		if part.To <= r.From || part.From >= r.To || part.From >= part.To {
			rest = append(rest, r)
			continue
		}
		if r.From < part.From {
			rest = append(rest, incall.Range{From: r.From, To: part.From})
		}
		if part.To < r.To {
			rest = append(rest, incall.Range{From: part.To, To: r.To})
		}
	}
	return rest
}

// within reports whether a part lies in one of the ranges.
func within(all []incall.Range, part incall.Range) bool {
	for _, r := range all {
		if r.From <= part.From && part.To <= r.To {
			return part.From < part.To
		}
	}
	return false
}

func overlaps(all []incall.Range, part incall.Range) bool {
	for _, r := range all {
		if part.From < r.To && r.From < part.To {
			return true
		}
	}
	return false
}

func length(all []incall.Range) (n uint64) {
	for _, r := range all {
		n += r.To - r.From
	}
	return n
}
