package room

import "testing"

// Three pairs are to be carried by two who hear all: whoever offers more carries more.
func TestPairsAreSharedByWhatTheirCarriersOffer(t *testing.T) {
	for name, c := range map[string]struct{ offers, carry [2]int }{
		"the same":      {[2]int{4, 4}, [2]int{2, 1}},
		"four and one":  {[2]int{4, 1}, [2]int{3, 0}},
		"two and one":   {[2]int{2, 1}, [2]int{2, 1}},
		"one each":      {[2]int{1, 1}, [2]int{1, 1}},
		"one, and none": {[2]int{1, 0}, [2]int{1, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			ms, members, ids := matrices(t, 5)
			for i, m := range ms {
				links, offers := map[Identity]Link{}, 0
				for j, id := range ids {
					switch {
					case j == i:
					case i > 1 && j > 1:
						links[id] = Link{State: Broken}
					default:
						links[id] = Link{State: Up}
					}
				}
				if i < 2 {
					offers = c.offers[i]
				}
				report, err := m.Report(start, 5, links, offers)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := ms[0].Handle(start, members, report); i > 0 && err != nil {
					t.Fatal(err)
				}
			}
			var carry [2]int
			for _, by := range ms[0].Carriers(start, ids) {
				for i := range carry {
					if by == ids[i] {
						carry[i]++
					}
				}
			}
			if c.offers[0] == c.offers[1] && carry[0] < carry[1] {
				carry[0], carry[1] = carry[1], carry[0] // which of them chance says
			}
			if carry != c.carry {
				t.Errorf("they carry %v, want %v", carry, c.carry)
			}
		})
	}
}

// Whom one of two doubts carries for them no more, and for all others as before.
func TestWhomOneOfTwoDoubtsCarriesForOthersOnly(t *testing.T) {
	ms, members, ids := matrices(t, 4)
	for i, m := range ms {
		links := map[Identity]Link{}
		for j, id := range ids {
			links[id] = Link{State: Up}
			if i > 0 && j > 0 && i != j {
				links[id] = Link{State: Broken}
			}
		}
		if i == 2 && !m.Doubts([]Doubt{{With: ids[1], Carrier: ids[0]}}) {
			t.Error("a doubt is nothing new")
		}
		report, err := m.Report(start, 5, links, MaxCarried)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ms[0].Handle(start, members, report); i > 0 && err != nil {
			t.Fatal(err)
		}
	}
	carriers := ms[0].Carriers(start, ids)
	if _, carried := carriers[PairOf(ids[1], ids[2])]; carried || len(carriers) != 2 {
		t.Errorf("%v", carriers)
	}
	if again := ms[0].Carriers(start.Add(reportLife+1), ids); len(again) != 0 {
		t.Errorf("with reports that are too old: %v", again)
	}
}
