package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// dots are three small lights that take turns while something is being tried.
type dots struct {
	widget.BaseWidget
	skin  skin
	phase int
	turn  *fyne.Animation // where nothing else moves them on
}

func newDots(s skin) *dots {
	d := &dots{skin: s}
	d.ExtendBaseWidget(d)
	return d
}

func (t *dots) set(phase int) {
	if t.phase != phase {
		t.phase = phase
		t.Refresh()
	}
}

// run lets them take turns by themselves, or stops that.
func (t *dots) run(on bool) {
	if t.turn != nil {
		t.turn.Stop()
		t.turn = nil
	}
	if on {
		t.turn = fyne.NewAnimation(dotPhases*dotPhase, func(done float32) { t.set(min(int(done*dotPhases), dotPhases-1)) })
		t.turn.Curve = fyne.AnimationLinear
		t.turn.RepeatCount = fyne.AnimationRepeatForever
		t.turn.Start()
	}
}

func (t *dots) CreateRenderer() fyne.WidgetRenderer {
	const size, gap = 8, 8
	lights := [dotPhases]*canvas.Circle{}
	d := &drawing{}
	for i := range lights {
		lights[i] = canvas.NewCircle(color.Transparent)
		d.objects = append(d.objects, lights[i])
	}
	const width = dotPhases*size + (dotPhases-1)*gap
	d.least = func() fyne.Size { return fyne.NewSize(width+2*gap, 2*size) }
	d.arrange = func(area fyne.Size) {
		for i, l := range lights {
			place(l, (area.Width-width)/2+float32(i)*(size+gap), (area.Height-size)/2, size, size)
		}
	}
	d.paint = func() {
		p := t.skin()
		for i, l := range lights {
			l.FillColor = p.Line
			if i == t.phase {
				l.FillColor = p.Accent
			}
		}
	}
	return d.start()
}
