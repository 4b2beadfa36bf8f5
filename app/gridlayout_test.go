package app

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"fyne.io/fyne/v2"
)

func TestTilesAreAsLargeAsTheyCanBe(t *testing.T) {
	wide, tall, least := fyne.NewSize(960, 450), fyne.NewSize(380, 540), fyne.NewSize(320, 262)
	for _, c := range []struct {
		area          fyne.Size
		people        int
		columns, rows int
		width         float32
	}{
		{wide, 1, 1, 1, 772},
		{wide, 2, 2, 1, 468},
		{wide, 3, 2, 2, 379},
		{wide, 4, 2, 2, 379},
		{wide, 5, 3, 2, 309},
		{wide, 6, 3, 2, 309},
		{wide, 7, 3, 3, 248},
		{wide, 9, 3, 3, 248},
		{wide, 10, 4, 3, 230},
		{tall, 1, 1, 1, 364},
		{tall, 2, 1, 2, 364},
		{tall, 3, 1, 3, 301},
		{tall, 4, 1, 4, 222},
		{tall, 5, 2, 3, 178},
		{tall, 9, 2, 5, 174},
		{least, 1, 1, 1, 304},
		{least, 2, 1, 2, 212},
		{least, 5, 2, 3, 136},
		{least, 9, 3, 3, 96},
	} {
		t.Run(fmt.Sprintf("%d people in %vx%v", c.people, c.area.Width, c.area.Height), func(t *testing.T) {
			places := tilePlaces(c.people, -1, c.area)
			columns, rows := map[float32]bool{}, map[float32]bool{}
			for i, p := range places {
				rows[p.y] = true
				if i/c.columns == 0 {
					columns[p.x] = true
				}
			}
			if len(columns) != c.columns || len(rows) != c.rows || math.Abs(float64(places[0].w-c.width)) > 1 {
				t.Errorf("%d columns, %d rows, %.0f wide; want %d, %d, %.0f", len(columns), len(rows), places[0].w, c.columns, c.rows, c.width)
			}
		})
	}
}

func TestOnePersonHasThePlaceOfTheOnlyPicture(t *testing.T) {
	if got, want := tilePlaces(1, -1, fyne.NewSize(960, 548))[0], (box{8, 8.5, 944, 531}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestALastRowThatIsShorterLiesInTheMiddle(t *testing.T) {
	p := tilePlaces(5, -1, fyne.NewSize(960, 450))
	if left, right := p[3].x, 960-p[4].x-p[4].w; math.Abs(float64(left-right)) > 0.01 {
		t.Errorf("%.1f at its left, %.1f at its right", left, right)
	}
}

func TestTheLargeTileHasTheOthersBesideOrUnderIt(t *testing.T) {
	for _, c := range []struct {
		area   fyne.Size
		beside bool
	}{
		{fyne.NewSize(960, 450), true},
		{fyne.NewSize(380, 540), false},
		{fyne.NewSize(1920, 980), true},
	} {
		p := tilePlaces(4, 2, c.area)
		large := p[2]
		for i, o := range p {
			if i == 2 {
				continue
			}
			if o.w >= large.w || (o.x >= large.x+large.w) != c.beside || (o.y >= large.y+large.h) == c.beside {
				t.Errorf("%v: the large one is at %+v, number %d at %+v", c.area, large, i, o)
			}
		}
	}
}

// TestTilesOfAnyNumberInAnyWindow tries windows and numbers at random: tiles lie inside, apart by the gap, equal, 16:9, and no
// other number of columns would make them larger.
func TestTilesOfAnyNumberInAnyWindow(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 16))
	const within = 0.01
	for range 4000 {
		n := 1 + random.IntN(16)
		area := fyne.NewSize(float32(320+random.IntN(3600)), float32(240+random.IntN(2000)))
		large := random.IntN(n+1) - 1
		places := tilePlaces(n, large, area)
		if len(places) != n {
			t.Fatalf("%d in %v: %d places", n, area, len(places))
		}
		equal := places[0]
		if large == 0 && n > 1 {
			equal = places[1]
		}
		for i, p := range places {
			if p.x < stageMargin-within || p.y < stageMargin-within || p.x+p.w > area.Width-stageMargin+within || p.y+p.h > area.Height-stageMargin+within {
				t.Fatalf("%d in %v, large %d: %d is at %+v, beyond the margin", n, area, large, i, p)
			}
			if math.Abs(float64(p.w*9-p.h*16)) > 16*within {
				t.Fatalf("%d in %v: %d is %.1f×%.1f", n, area, i, p.w, p.h)
			}
			if i != large && math.Abs(float64(p.w-equal.w)) > within {
				t.Fatalf("%d in %v, large %d: %d is %.2f wide, others %.2f", n, area, large, i, p.w, equal.w)
			}
			for j, o := range places[:i] {
				apart := p.x >= o.x+o.w+tileGap-within || o.x >= p.x+p.w+tileGap-within || p.y >= o.y+o.h+tileGap-within || o.y >= p.y+p.h+tileGap-within
				if !apart {
					t.Fatalf("%d in %v, large %d: %d and %d are too near: %+v, %+v", n, area, large, j, i, o, p)
				}
			}
		}
		if large >= 0 && n > 1 {
			if places[large].w <= equal.w {
				t.Fatalf("%d in %v: the large one is %.1f wide, the others %.1f", n, area, places[large].w, equal.w)
			}
			continue
		}
		for columns := 1; columns <= n; columns++ {
			rows := (n + columns - 1) / columns
			w := (area.Width - 2*stageMargin - float32(columns-1)*tileGap) / float32(columns)
			h := (area.Height - 2*stageMargin - float32(rows-1)*tileGap) / float32(rows)
			if best := min(w, h*16/9); best > equal.w+within {
				t.Fatalf("%d in %v are %.2f wide, and would be %.2f in %d columns", n, area, equal.w, best, columns)
			}
		}
	}
}

func TestWithoutRoomTilesAreTinyAndNotUpsideDown(t *testing.T) {
	for _, area := range []fyne.Size{{}, {Width: 10, Height: 10}, {Width: 1000, Height: 1}, {Width: 1, Height: 1000}} {
		for n := range 17 {
			for large := -1; large < n; large++ {
				for _, p := range tilePlaces(n, large, area) {
					if p.w <= 0 || p.h <= 0 {
						t.Fatalf("%d in %v: %+v", n, area, p)
					}
				}
			}
		}
	}
}
